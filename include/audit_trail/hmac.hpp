/// \file
/// Hashes the values of redaction rules with HMAC-SHA-256 (RFC 2104, FIPS 180-4).
///
/// This header needs OpenSSL 3: `find_package(audit_trail COMPONENTS hmac)` and `audit_trail::hmac`, or link `-lcrypto`.
///
/// The key must stay the same as long as hashed values are looked up, and must not be in the trail's directory: with the
/// key, short values can be found by trying all of them.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include <array>
#include <audit_trail/error.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace audit_trail {

/// A function for `writer_options::redaction_hash`. Equal values have equal hashes, so a trail can be searched for a
/// value: compute its hash (`audit-trail hash`), and search for that. Thread safe; copies share nothing.
class hmac_sha256 {
 public:
    static constexpr std::size_t min_key_bytes = 16;
    static constexpr std::size_t max_file_bytes = 64 * 1024;

    /// \throws boost::system::system_error with `error::key_too_short` if the key has fewer than 16 bytes
    explicit hmac_sha256(std::string key) : key_(std::move(key)) {
        if (key_.size() < min_key_bytes) throw boost::system::system_error(error::key_too_short);
    }

    /// Reads the key from a file: all its bytes, without a newline at the end. Blocks on the disk.
    ///
    /// \throws boost::system::system_error with the path: `error::key_is_public` if users other than the owner and the
    ///   group may read or write the file, `error::key_too_short`, or the operating system's error; `file too large` for
    ///   more than 64 KiB
    static hmac_sha256 from_file(std::filesystem::path const& path) {
        auto const fail = [&path](error_code ec) { throw boost::system::system_error(ec, path.string()); };
        struct ::stat status {};
        if (::stat(path.c_str(), &status) != 0) fail({errno, boost::system::system_category()});
        if (S_ISDIR(status.st_mode)) fail({EISDIR, boost::system::system_category()});
        if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0) fail(error::key_is_public);
        std::ifstream file(path, std::ios::binary);
        if (!file) fail({errno, boost::system::system_category()});
        std::string key(max_file_bytes + 1, '\0');
        file.read(key.data(), static_cast<std::streamsize>(key.size()));
        if (file.bad()) fail({EIO, boost::system::system_category()});
        key.resize(static_cast<std::size_t>(file.gcount()));
        if (key.size() > max_file_bytes) fail({EFBIG, boost::system::system_category()});
        if (key.ends_with('\n')) key.pop_back();
        if (key.size() < min_key_bytes) fail(error::key_too_short);
        return hmac_sha256(std::move(key));
    }

    /// Returns `hmac-sha256:` and 64 lower-case hexadecimal digits.
    ///
    /// \throws std::bad_alloc
    std::string operator()(std::string_view value) const {
        std::array<unsigned char, 32> digest{};
        auto const* const text = reinterpret_cast<unsigned char const*>(value.data());
        unsigned int size = 0;
        if (!HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), text, value.size(), digest.data(), &size))
            throw std::bad_alloc();
        constexpr char digits[] = "0123456789abcdef";
        std::string hash = "hmac-sha256:";
        for (unsigned char const byte : digest) hash.append({digits[byte >> 4], digits[byte & 15]});
        return hash;
    }

 private:
    std::string key_;
};

}  // namespace audit_trail
