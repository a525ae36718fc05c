/// \file
/// Tests the options of `append` for redaction, and `hash`.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::redaction_test {
namespace {

std::string const secret_draft =
    R"({"domain":"d","category":"c","model_name":"m","operation":"create","logical_user_id":"u",)"
    R"("payload":{"after":{"name":"Ada","password":"hunter2","card":{"number":17}}}})"
    "\n";

std::string payload_of(scratch_directory const& scratch) {
    std::string const lines = run({"query", scratch.root()}).out;
    return lines.substr(lines.find(",\"context\":"));
}

std::string write_key(scratch_directory const& scratch, std::string const& key, unsigned mode = 0600) {
    auto const path = scratch.write("key", key);
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    return path;
}

/// False where the program was built without OpenSSL.
bool has_hash(outcome const& done) {
    if (done.err.find("was built without OpenSSL") == std::string::npos) return true;
    BOOST_TEST_MESSAGE("skipped: the program was built without OpenSSL");
    return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(rules_of_the_command_line_apply_to_all_drafts) {
    scratch_directory const scratch;
    auto const done =
        run({"append", scratch.root(), "--redact-defaults", "--redact", "card.number=drop", "--print", "none"},
            secret_draft);
    BOOST_TEST(done.exit_code == 0, done.err);
    BOOST_TEST(payload_of(scratch) == R"(,"context":{"redacted":["card.number","password"]},)"
                                      R"("payload":{"after":{"name":"Ada","password":"***","card":{}}}})"
                                      "\n");
}

BOOST_AUTO_TEST_CASE(a_hashed_value_is_found_by_its_hash) {
    scratch_directory const scratch;
    std::string const key = write_key(scratch, "sixteen bytes ok\n");
    auto const done = run({"append", scratch.root(), "--redact", "password=hash", "--redact-key", key}, secret_draft);
    if (!has_hash(done)) return;
    BOOST_TEST(done.exit_code == 0, done.err);
    auto const hash = run({"hash", "--key", key, "hunter2"});
    BOOST_TEST(hash.exit_code == 0, hash.err);
    BOOST_TEST(hash.out.starts_with("hmac-sha256:"));
    BOOST_TEST(hash.out == run({"hash", "--key", key}, "hunter2\n").out);
    BOOST_TEST(run({"query", scratch.root(), "--contains", hash.out.substr(0, hash.out.size() - 1), "--count"}).out ==
               "1\n");
}

BOOST_AUTO_TEST_CASE(bad_rules_and_keys_are_reported) {
    scratch_directory const scratch;
    for (auto const* const rule : {"password", "=mask", "password=erase", "[a=mask"}) {
        auto const done = run({"append", scratch.root(), "--redact", rule});
        BOOST_TEST(done.exit_code == 2);
        BOOST_TEST(
            done.err.find(std::string(rule) + " is not MEMBER=drop, MEMBER=mask or MEMBER=hash") != std::string::npos,
            done.err);
    }
    auto const keyless = run({"append", scratch.root(), "--redact", "a=hash"});
    BOOST_TEST(keyless.exit_code == 2);
    BOOST_TEST(keyless.err.find("--redact a=hash needs a key: give its file with --redact-key") != std::string::npos,
               keyless.err);
    auto const reason_for = [&](std::string const& path) { return run({"hash", "--key", path, "x"}); };
    auto const absent = reason_for(scratch.root() + "/absent");
    if (!has_hash(absent)) return;
    BOOST_TEST(absent.exit_code == 2);
    BOOST_TEST(absent.err.find("No such file or directory") != std::string::npos, absent.err);
    BOOST_TEST(reason_for(write_key(scratch, "short")).err.find("fewer than 16 bytes") != std::string::npos);
    BOOST_TEST(reason_for(write_key(scratch, "sixteen bytes ok", 0644)).err.find("chmod o-rw") != std::string::npos);
    BOOST_TEST(!std::filesystem::exists(scratch.root()));
}

}  // namespace test::redaction_test
