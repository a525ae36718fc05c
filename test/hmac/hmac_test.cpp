// Tests the hash of redaction rules, with the test cases of RFC 4231.
#include <audit_trail/hmac.hpp>
#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "support/drafts.hpp"
#include "support/temporary_directory.hpp"

namespace audit_trail::test::hmac_test {
namespace {

struct key_file {
    temporary_directory directory;
    std::filesystem::path const path = directory.path() / "key";

    void write(std::string const& key, unsigned mode = 0600) const {
        std::ofstream(path, std::ios::binary) << key;
        std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    }
    error_code failure() const {
        try {
            hmac_sha256::from_file(path);
        } catch (boost::system::system_error const& thrown) {
            BOOST_TEST(std::string(thrown.what()).find(path.string()) != std::string::npos, thrown.what());
            return thrown.code();
        }
        return {};
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_hashes_are_those_of_rfc_4231) {
    BOOST_TEST(hmac_sha256(std::string(20, '\x0b'))("Hi There") ==
               "hmac-sha256:b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    BOOST_TEST(hmac_sha256(std::string(20, '\xaa'))(std::string(50, '\xdd')) ==
               "hmac-sha256:773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    BOOST_TEST(hmac_sha256(std::string(131, '\xaa'))("Test Using Larger Than Block-Size Key - Hash Key First") ==
               "hmac-sha256:60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

BOOST_FIXTURE_TEST_SUITE(key_files, key_file)

BOOST_AUTO_TEST_CASE(a_newline_at_the_end_of_the_file_is_not_part_of_the_key) {
    std::string const key(16, '\0');
    write(key + '\n');
    BOOST_TEST(hmac_sha256::from_file(path)("x") == hmac_sha256(key)("x"));
    write(key + "\n\n");
    BOOST_TEST(hmac_sha256::from_file(path)("x") == hmac_sha256(key + '\n')("x"));
}

BOOST_AUTO_TEST_CASE(a_key_that_is_short_public_or_missing_is_refused) {
    BOOST_TEST((failure() == boost::system::errc::no_such_file_or_directory));
    write(std::string(15, 'k') + '\n');
    BOOST_TEST((failure() == error::key_too_short));
    write(std::string(64 * 1024 + 1, 'k'));
    BOOST_TEST((failure() == boost::system::errc::file_too_large));
    write("");
    BOOST_TEST((failure() == error::key_too_short));
    write(std::string(16, 'k'));
    BOOST_TEST(!failure());
    for (unsigned const mode : {0604u, 0602u}) {
        write(std::string(16, 'k'), mode);
        BOOST_TEST((failure() == error::key_is_public));
    }
    write(std::string(16, 'k'), 0640);
    BOOST_TEST(!failure());
    BOOST_CHECK_THROW(hmac_sha256::from_file(directory.path()), boost::system::system_error);
    BOOST_CHECK_THROW(hmac_sha256("short"), boost::system::system_error);
}

BOOST_AUTO_TEST_CASE(a_writer_hashes_with_the_key) {
    asio::io_context context;
    writer_options options;
    hmac_sha256 const hash(std::string(16, 'k'));
    options.redaction_rules = {{"user", "name", redaction_action::hash}};
    options.redaction_hash = hash;
    writer trail = writer::open(context.get_executor(), directory.path() / "root", options);
    json::value stored;
    trail.async_append(make_draft().with_payload(payload::from_create({{"name", "Ada"}})),
                       [&](error_code ec, event const& answer) {
                           BOOST_REQUIRE(!ec);
                           stored = answer.payload->after->at("name");
                       });
    context.run();
    BOOST_TEST((stored == json::string(hash("Ada"))));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::hmac_test
