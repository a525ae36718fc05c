#include "system/file_operations.hpp"

#include <algorithm>
#include <cerrno>

namespace audit_trail::storage {
namespace {

/// The error for a call that neither fails nor makes progress: repeating it would never end.
error_code no_progress() {
    return {EIO, boost::system::system_category()};
}

/// Calls `write` with the number of bytes that are written and the remaining bytes, until all are written.
template <class Write>
std::size_t write_all(std::span<char const> bytes, Write write, error_code& ec) {
    ec = {};
    std::size_t done = 0;
    while (done < bytes.size()) {
        std::size_t const count = write(done, bytes.subspan(done));
        if (!ec && count == 0) ec = no_progress();
        if (ec) break;
        done += count;
    }
    return done;
}

}  // namespace

std::size_t append_fully(file_system& system, file_handle file, std::span<char const> bytes, error_code& ec) {
    return write_all(
        bytes, [&](auto, auto rest) { return system.append(file, rest, ec); }, ec);
}

std::size_t write_fully_at(file_system& system, file_handle file, std::uint64_t offset, std::span<char const> bytes,
                           error_code& ec) {
    return write_all(
        bytes, [&](auto done, auto rest) { return system.write_at(file, offset + done, rest, ec); }, ec);
}

std::size_t write_fully_at_synced(file_system& system, file_handle file, std::uint64_t offset,
                                  std::span<char const> bytes, error_code& ec) {
    return write_all(
        bytes, [&](auto done, auto rest) { return system.write_at_synced(file, offset + done, rest, ec); }, ec);
}

std::size_t read_fully_at(file_system& system, file_handle file, std::uint64_t offset, std::span<char> bytes,
                          error_code& ec) {
    ec = {};
    std::size_t done = 0;
    while (done < bytes.size()) {
        std::size_t const count = system.read_at(file, offset + done, bytes.subspan(done), ec);
        if (ec || count == 0) break;
        done += count;
    }
    return done;
}

std::string read_text(file_system& system, file_handle file, std::size_t limit, error_code& ec) {
    auto const size = system.status(file, ec).size;
    if (ec) return {};
    std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(size, limit)), '\0');
    text.resize(read_fully_at(system, file, 0, text, ec));
    return text;
}

bool ensure_directory(file_system& system, file_handle at, char const* path, error_code& ec) {
    system.make_directory(at, path, ec);
    if (!is_errno(ec, EEXIST)) return !ec;
    ec = {};
    return false;
}

void sync_directory(file_system& system, file_handle at, char const* path, error_code& ec) {
    owned_file const directory(system, system.open_directory(at, path, ec));
    if (!ec) system.sync(directory.get(), ec);
}

bool is_errno(error_code const& ec, int number) noexcept {
    return ec.category() == boost::system::system_category() && ec.value() == number;
}

bool is_disk_full(error_code const& ec) noexcept {
    return is_errno(ec, ENOSPC) || is_errno(ec, EDQUOT);
}

bool is_access_denied(error_code const& ec) noexcept {
    return is_errno(ec, EACCES) || is_errno(ec, EPERM);
}

bool is_exhausted_resource(error_code const& ec) noexcept {
    constexpr int numbers[] = {ENOSPC, EDQUOT, EFBIG, EMFILE, ENFILE, ENOMEM};
    return std::ranges::any_of(numbers, [&](int number) { return is_errno(ec, number); });
}

bool is_out_of_descriptors(error_code const& ec) noexcept {
    return is_errno(ec, EMFILE) || is_errno(ec, ENFILE);
}

}  // namespace audit_trail::storage
