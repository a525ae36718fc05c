#include <algorithm>
#include <audit_trail/reader.hpp>
#include <boost/test/unit_test.hpp>

#include "reader/writer_marks.hpp"
#include "storage/root_lock.hpp"

namespace audit_trail::test::committed_watermark_test {

using boost::test_tools::per_element;

BOOST_AUTO_TEST_CASE(p15_only_committed_ids_are_returned_while_a_writer_has_the_root) {
    temporary_directory directory;
    add(directory.path(), 1, 20);
    write_index(directory.path(), 12);
    {
        lock_holder const writer(directory.path());
        for (auto const order : {read_order::event_id, read_order::segment}) {
            reader source(directory.path(), {}, order);
            BOOST_TEST(ids_of(source).size() == 12u);
            BOOST_TEST((source.limit() == std::uint64_t{12}));
            BOOST_TEST(source.report().missing_ids == 0u);
        }
        reader counting(directory.path());
        BOOST_TEST(counting.count() == 12u);
    }
    reader source(directory.path());
    BOOST_TEST(ids_of(source) == range(1, 20), per_element());
    BOOST_TEST(!source.limit());
}

BOOST_AUTO_TEST_CASE(p15_an_unlocked_lock_file_is_not_a_writer) {
    temporary_directory directory;
    add(directory.path(), 1, 20);
    write_index(directory.path(), 12);
    append_bytes(directory.path() / ".lock", "");
    BOOST_TEST(read_ids(directory.path()) == range(1, 20), per_element());
}

BOOST_AUTO_TEST_CASE(p15_an_index_that_was_deleted_or_replaced_beside_a_writer_is_reported) {
    temporary_directory directory;
    fs::path const& root = directory.path();
    add(root, 1, 20);
    std::ofstream(root / ".lock") << storage::format_lock_record({storage::end_state::open, 20, 1});
    lock_holder const writer(root);
    auto const reported = [&] {
        reader source(root);
        source.count();
        return source.report();
    };
    write_index(root, 20);
    BOOST_TEST(reported().total == 0u);
    write_index(root, std::string(R"({"last_event_id": 5})"));
    BOOST_TEST(reported().count_of(error::index_behind) == 1u);
    write_index(root, std::string("junk"));
    BOOST_TEST(reported().count_of(error::index_invalid) == 1u);
    fs::remove(root / "index.json");
    BOOST_TEST(reported().count_of(error::index_invalid) == 1u);
    BOOST_TEST(reported().findings.front().path == "index.json");
}

BOOST_AUTO_TEST_CASE(p15_a_reader_is_a_snapshot) {
    temporary_directory directory;
    add(directory.path(), 1, 10);
    write_index(directory.path(), 8);
    lock_holder const writer(directory.path());
    reader source(directory.path());
    BOOST_TEST(source.next()->event.event_id == 1u);
    add(directory.path(), 11, 20);
    write_index(directory.path(), 20);
    BOOST_TEST(ids_of(source) == range(2, 8), per_element());
}

BOOST_AUTO_TEST_CASE(p15_a_writer_that_opens_the_root_later_is_noticed) {
    temporary_directory directory;
    add(directory.path(), 1, 10);
    reader source(directory.path(), {}, read_order::segment);
    BOOST_TEST(source.next()->event.event_id == 2u);
    write_index(directory.path(), 10);
    lock_holder const writer(directory.path());
    add(directory.path(), 11, 14);
    auto ids = ids_of(source);
    BOOST_TEST(ids == (std::vector<std::uint64_t>{4, 6, 8, 10, 1, 3, 5, 7, 9}), per_element());
    BOOST_TEST((source.limit() == std::uint64_t{10}));
}

void write_lock(fs::path const& root, storage::lock_record const& record) {
    std::ofstream(root / ".lock") << storage::format_lock_record(record);
}

BOOST_AUTO_TEST_CASE(p15_lines_of_a_writer_that_opened_after_construction_are_not_returned) {
    for (auto const state : {storage::end_state::clean, storage::end_state::open}) {
        for (auto const order : {read_order::event_id, read_order::segment}) {
            temporary_directory directory;
            auto const& root = directory.path();
            add(root, 1, 9);
            write_index(root, 9);
            write_lock(root, {state, 9, 1});
            reader source(root, {}, order);
            for (std::uint64_t id = 10; id <= 14; ++id) {
                append_bytes(root / "d" / "new" / "audit-000001.jsonl", line_of(make_event(id, "d", "new")));
            }
            add(root, 15, 19);
            write_index(root, 19);
            lock_holder const writer(root);
            auto ids = ids_of(source);
            std::ranges::sort(ids);
            BOOST_TEST(ids == range(1, 9), per_element());
            BOOST_TEST((source.limit() == std::uint64_t{9}));
            BOOST_TEST(source.report().missing_ids == 0u);
            BOOST_TEST(source.report().total == 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(p15_lines_of_a_writer_that_opened_and_closed_after_construction_are_not_returned) {
    temporary_directory directory;
    auto const& root = directory.path();
    add(root, 1, 9);
    write_index(root, 9);
    write_lock(root, {storage::end_state::clean, 9, 1});
    reader source(root);
    add(root, 10, 19);
    write_index(root, 19);
    write_lock(root, {storage::end_state::clean, 19, 1});
    BOOST_TEST(ids_of(source) == range(1, 9), per_element());
    BOOST_TEST(read_ids(root) == range(1, 19), per_element());
}

BOOST_AUTO_TEST_CASE(p15_without_a_writer_lines_above_the_mark_are_returned) {
    temporary_directory directory;
    auto const& root = directory.path();
    add(root, 1, 9);
    write_index(root, 4);
    write_lock(root, {storage::end_state::clean, 4, 1});
    reader source(root);
    BOOST_TEST(ids_of(source) == range(1, 9), per_element());
    BOOST_TEST(!source.limit());
}

BOOST_AUTO_TEST_CASE(p15_without_an_index_nothing_is_committed) {
    for (char const* const text : {"", "{", "{\"last_event_id\": -1}", "{\"last_event_id\": 1e3}"}) {
        temporary_directory directory;
        add(directory.path(), 1, 10);
        lock_holder const writer(directory.path());
        BOOST_TEST(read_ids(directory.path()).empty());
        write_index(directory.path(), text);
        BOOST_TEST(read_ids(directory.path()).empty());
    }
}

BOOST_AUTO_TEST_CASE(p15_ids_below_the_watermark_that_no_segment_holds_are_gaps) {
    temporary_directory directory;
    add(directory.path(), 1, 3);
    add(directory.path(), 6, 7);
    write_index(directory.path(), 10);
    lock_holder const writer(directory.path());
    reader source(directory.path());
    BOOST_TEST(ids_of(source) == (std::vector<std::uint64_t>{1, 2, 3, 6, 7}), per_element());
    BOOST_TEST(source.report().missing_ids == 5u);
    BOOST_TEST(source.report().total == 0u);
}

BOOST_AUTO_TEST_CASE(p15_lines_that_a_writer_is_writing_are_not_damage) {
    temporary_directory directory;
    add(directory.path(), 1, 10);
    write_index(directory.path(), 10);
    auto const segment = directory.path() / "d" / "even" / "audit-000001.jsonl";
    lock_holder const writer(directory.path());
    append_bytes(segment, "half of one line and half of another\n{\"event_id\":");
    reader source(directory.path());
    BOOST_TEST(ids_of(source) == range(1, 10), per_element());
    BOOST_TEST(source.report().total == 0u);
}

BOOST_AUTO_TEST_CASE(p15_damage_before_a_committed_line_is_reported_while_a_writer_has_the_root) {
    temporary_directory directory;
    add(directory.path(), 1, 4);
    auto const segment = directory.path() / "d" / "even" / "audit-000001.jsonl";
    auto const offset = fs::file_size(segment);
    append_bytes(segment, "damage\n");
    add(directory.path(), 5, 6);
    write_index(directory.path(), 6);
    lock_holder const writer(directory.path());
    reader source(directory.path());
    BOOST_TEST(ids_of(source) == range(1, 6), per_element());
    BOOST_TEST(source.report().total == 1u);
    BOOST_TEST(source.report().findings.at(0).path == "d/even/audit-000001.jsonl");
    BOOST_TEST(source.report().findings.at(0).offset == offset);
}

BOOST_AUTO_TEST_CASE(p15_a_line_with_a_high_id_does_not_hide_the_lines_after_it) {
    temporary_directory directory;
    add(directory.path(), 1, 4);
    append_bytes(directory.path() / "d" / "even" / "audit-000001.jsonl", line_of(make_event(4000, "d", "even")));
    add(directory.path(), 5, 6);
    write_index(directory.path(), 6);
    lock_holder const writer(directory.path());
    BOOST_TEST(read_ids(directory.path()) == range(1, 6), per_element());
}

}  // namespace audit_trail::test::committed_watermark_test
