#include "storage/root_place.hpp"

#include <boost/test/unit_test.hpp>

#include "root_fixture.hpp"

namespace audit_trail::test::root_place_test {
namespace {

namespace fs = std::filesystem;

struct place_fixture : root_fixture {
    void make_trail() {
        trail_session session(root);
        session.append("d", "c");
        session.close();
        BOOST_TEST(!session.error, session.error.message());
    }

    error_code open(fs::path const& path, bool must_exist = false) {
        writer_options options;
        options.must_exist = must_exist;
        return trail_session(path, options, system).error;
    }
    error_code open_existing() { return open(root, true); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(root_place, place_fixture)

BOOST_AUTO_TEST_CASE(a_root_inside_another_trail_is_refused_and_not_created) {
    make_trail();
    for (char const* path : {"new", "new/deeper", "d", "d/new", "d/c", "d/c/new/deeper", ".broken/new"}) {
        BOOST_TEST_CONTEXT(path) {
            bool const existed = fs::exists(root / path);
            BOOST_TEST(open(root / path) == make_error_code(error::inside_a_trail));
            BOOST_TEST(open(root / path, true) == make_error_code(error::inside_a_trail));
            BOOST_TEST(fs::exists(root / path) == existed);
        }
    }
    BOOST_TEST(!open(root));
    BOOST_TEST(!open(root / "."));
    BOOST_TEST(!open(root / ""));
    BOOST_TEST(!open(root / "d" / ".."));
}

BOOST_AUTO_TEST_CASE(a_relative_path_and_a_symbolic_link_into_another_trail_are_refused) {
    make_trail();
    fs::create_directory_symlink(root / "d", directory.path() / "link");
    BOOST_TEST(open(directory.path() / "link" / "new") == make_error_code(error::inside_a_trail));
    BOOST_TEST(open(fs::relative(root / "new")) == make_error_code(error::inside_a_trail));
}

BOOST_AUTO_TEST_CASE(a_root_inside_the_trail_of_another_program_is_refused) {
    write_file(root / "index.json", "{\n  \"last_event_id\": 7\n}");
    BOOST_TEST(open(root / "new") == make_error_code(error::inside_a_trail));
}

BOOST_AUTO_TEST_CASE(files_of_the_same_names_do_not_make_a_directory_a_trail) {
    write_file(root / ".lock", "4711\n");
    write_file(root / "index.json", R"({"pages": ["index.html"]})");
    BOOST_TEST(!open(root / "new"));
}

BOOST_AUTO_TEST_CASE(a_new_root_above_other_trails_is_refused_and_left_as_it_is) {
    make_trail();
    BOOST_TEST(open(root.parent_path()) == make_error_code(error::holds_trails));
    BOOST_TEST(!fs::exists(root.parent_path() / storage::lock_name));
    BOOST_TEST(!open(root));
}

BOOST_AUTO_TEST_CASE(an_index_of_another_program_is_not_overwritten) {
    write_file(root / "index.json", R"({"name": "web"})");
    BOOST_TEST(open(root) == make_error_code(error::foreign_index));
    BOOST_TEST(read_file(root / "index.json") == R"({"name": "web"})");
    BOOST_TEST(!fs::exists(root / storage::lock_name));
}

BOOST_AUTO_TEST_CASE(a_damaged_index_of_a_trail_is_replaced) {
    make_trail();
    fs::remove(root / storage::lock_name);
    write_file(root / "index.json", "junk");
    BOOST_TEST(!open(root));
}

BOOST_AUTO_TEST_CASE(a_trail_stays_usable_when_a_directory_in_it_looks_like_a_trail) {
    make_trail();
    write_file(root / "copy" / "index.json", R"({"last_event_id": 7})");
    BOOST_TEST(!open(root));
}

BOOST_AUTO_TEST_CASE(directories_that_cannot_be_opened_do_not_refuse_a_root) {
    system.fail_nth(call_kind::open_root, 1, EACCES);
    BOOST_TEST(!open(root));
}

BOOST_AUTO_TEST_CASE(must_exist_refuses_a_missing_directory_and_creates_nothing) {
    BOOST_TEST(storage::is_errno(open_existing(), ENOENT));
    BOOST_TEST(!fs::exists(root));
}

BOOST_AUTO_TEST_CASE(must_exist_refuses_a_directory_without_a_trail_and_leaves_it_as_it_is) {
    fs::create_directories(root / "d" / "c");
    write_file(root / "notes.txt", "hello");
    BOOST_TEST(open_existing() == make_error_code(error::no_trail));
    BOOST_TEST(!fs::exists(root / storage::lock_name));
    BOOST_TEST(!fs::exists(root / storage::index_name));
}

BOOST_AUTO_TEST_CASE(must_exist_refuses_a_file) {
    write_file(root, "hello");
    BOOST_TEST(open_existing() == make_error_code(error::not_a_trail));
}

BOOST_AUTO_TEST_CASE(must_exist_accepts_a_trail_that_has_only_one_of_its_marks) {
    make_trail();
    BOOST_TEST(!open_existing());
    fs::remove(root / storage::index_name);
    BOOST_TEST(!open_existing());
    fs::remove(root / storage::lock_name);
    BOOST_TEST(!open_existing());
    fs::remove(root / storage::lock_name);
    fs::remove(root / storage::index_name);
    BOOST_TEST(!open_existing());
}

BOOST_AUTO_TEST_CASE(must_exist_accepts_the_trail_of_another_program) {
    write_file(root / "index.json", "{\n  \"last_event_id\": 7\n}");
    BOOST_TEST(!open_existing());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::root_place_test
