#include "storage/backward_lines.hpp"

#include <boost/test/unit_test.hpp>

#include "system/file_operations.hpp"
#include "trail_session.hpp"

namespace audit_trail::storage::backward_lines_test {
namespace {

using namespace test;

struct scanned_file {
    test::temporary_directory directory;
    file_system& system = posix_file_system();
    error_code ec;
    owned_file root;
    owned_file file;

    scanned_file() { root = owned_file(system, system.open_root(directory.path(), ec)); }

    backward_lines scan(std::string const& text) {
        write_file(directory.path() / "f", text);
        file = owned_file(system, system.open_file(root.get(), "f", open_mode::read, ec));
        return backward_lines(system, file.get(), ec);
    }
    /// 0 for a line without an id.
    std::vector<std::uint64_t> ids(std::string const& text) {
        std::vector<std::uint64_t> found;
        auto lines = scan(text);
        while (lines.next(ec)) found.push_back(lines.event_id(ec).value_or(0));
        BOOST_TEST(!ec);
        return found;
    }
};

using id_list = std::vector<std::uint64_t>;

BOOST_FIXTURE_TEST_SUITE(scanning_backwards, scanned_file)

BOOST_AUTO_TEST_CASE(lines_come_last_first) {
    BOOST_TEST(ids(line_of(1) + line_of(2) + line_of(3)) == (id_list{3, 2, 1}));
}

BOOST_AUTO_TEST_CASE(an_empty_file_has_no_line) {
    BOOST_TEST(ids("") == id_list{});
    BOOST_TEST(scan("").complete_size() == 0u);
}

BOOST_AUTO_TEST_CASE(bytes_after_the_last_newline_are_not_a_line) {
    BOOST_TEST(ids(line_of(1) + "{\"event_id\":2") == id_list{1});
    BOOST_TEST(scan(line_of(1) + "torn").complete_size() == line_of(1).size());
    BOOST_TEST(ids("torn from the beginning") == id_list{});
}

BOOST_AUTO_TEST_CASE(lines_that_are_not_events_have_no_id) {
    BOOST_TEST(ids(line_of(1) + "\n" + "garbage\n" + line_of(2)) == (id_list{2, 0, 0, 1}));
}

BOOST_AUTO_TEST_CASE(lines_are_found_at_every_position_relative_to_a_chunk) {
    std::size_t const around = backward_lines::chunk_bytes;
    for (std::size_t length = around - 40; length < around + 40; ++length) {
        std::string const filler = "," + std::string(length, 'x');
        std::string const text = line_of(1) + line_of(2, filler + "\n") + line_of(3) + "torn";
        BOOST_TEST(ids(text) == (id_list{3, 2, 1}));
        BOOST_TEST(scan(text).complete_size() == text.size() - 4);
    }
}

BOOST_AUTO_TEST_CASE(many_short_lines_take_many_chunks) {
    std::string text;
    id_list expected;
    for (std::uint64_t id = 1; id <= 5000; ++id) {
        text += line_of(id);
        expected.insert(expected.begin(), id);
    }
    BOOST_TEST(ids(text) == expected);
}

BOOST_AUTO_TEST_CASE(an_id_is_found_with_members_in_any_order) {
    std::string const odd = R"({"timestamp":1,"domain":"d","category":"c","model_name":"m","operation":"create",)"
                            R"("logical_user_id":"u","payload":{},"event_id":42})"
                            "\n";
    BOOST_TEST(ids(odd) == id_list{42});
}

BOOST_AUTO_TEST_CASE(the_id_of_a_line_longer_than_the_buffer_is_found) {
    std::string const long_tail = "," + std::string(3 * backward_lines::whole_line_limit, 'x');
    BOOST_TEST(ids(line_of(7, long_tail + "\n") + line_of(8)) == (id_list{8, 7}));
}

BOOST_AUTO_TEST_CASE(a_file_of_one_long_torn_line_is_read_in_chunks) {
    BOOST_TEST(scan(std::string(10 * backward_lines::chunk_bytes + 1, 'x')).complete_size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::backward_lines_test
