/// \file
/// Tests segments that are created and deleted while a trail is read.
#include <boost/test/unit_test.hpp>

#include "reader/counted_reader.hpp"

namespace audit_trail::test::retention_test {
namespace {

using boost::test_tools::per_element;

error_code const gone(ENOENT, boost::system::system_category());

/// Ten segments of ten events each.
struct segmented_trail {
    temporary_directory directory;
    counted_reader reading{directory.path()};

    segmented_trail() {
        for (std::uint64_t id = 1; id <= 100; ++id) {
            append_bytes(segment((id - 1) / 10 + 1), line_of(make_event(id, "d", "c")));
        }
    }

    fs::path segment(std::uint64_t number) const { return directory.path() / storage::segment_path("d", "c", number); }

    /// Calls `act` before the n-th call of this kind for this path.
    template <typename Act>
    void before(call_kind kind, std::string path, std::size_t n, Act act) {
        reading.files.fail_when([=, met = std::size_t{0}](auto const& made, std::size_t) mutable {
            if (made.kind == kind && made.path == path && ++met == n) act();
            return faulty_file_system::fault();
        });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(p15_segments_that_retention_deletes_after_the_listing_are_notes, segmented_trail) {
    before(call_kind::open_file, storage::segment_path("d", "c", 1), 1, [this] {
        for (std::uint64_t number = 1; number <= 3; ++number) fs::remove(segment(number));
    });
    BOOST_TEST(reading.ids() == range(31, 100), per_element());
    BOOST_TEST(reading.report.total == 0u);
    BOOST_TEST(reading.report.note_count_of(gone) == 3u);
    BOOST_TEST(reading.report.notes.at(0).path == storage::segment_path("d", "c", 1));
}

BOOST_FIXTURE_TEST_CASE(p15_a_segment_that_retention_deletes_while_it_is_read_is_a_note, segmented_trail) {
    trail_builder other(directory.path(), 1 << 20);
    for (std::uint64_t id = 101; id <= 110; ++id) other.add(make_event(id, "d", "e"));
    reader_options options;
    options.max_open_segments = 1;
    options.max_buffer_bytes = 1;
    before(call_kind::open_file, storage::segment_path("d", "c", 1), 2, [this] { fs::remove(segment(1)); });
    auto const ids = reading.ids({}, options);
    BOOST_TEST(ids.size() < 110u);
    BOOST_TEST(ids.back() == 110u);
    BOOST_TEST(reading.report.total == 0u);
    BOOST_TEST(reading.report.note_count_of(gone) >= 1u);
}

BOOST_FIXTURE_TEST_CASE(p15_a_category_that_is_deleted_after_its_domain_was_listed_is_a_note, segmented_trail) {
    before(call_kind::open_directory, "d/c", 1, [this] { fs::remove_all(directory.path() / "d/c"); });
    BOOST_TEST(reading.ids().empty());
    BOOST_TEST(reading.report.total == 0u);
    BOOST_TEST(reading.report.note_count_of(gone) == 1u);
}

BOOST_FIXTURE_TEST_CASE(p15_retention_in_any_order_leaves_no_hole, segmented_trail) {
    reading.files.fail_when([this](auto const& made, std::size_t) {
        if (made.kind == call_kind::list && made.path == "d/c") fs::remove(segment(2));
        if (made.kind == call_kind::open_file && made.path == storage::segment_path("d", "c", 1)) {
            fs::remove(segment(1));
        }
        return faulty_file_system::fault();
    });
    BOOST_TEST(reading.ids() == range(21, 100), per_element());
    BOOST_TEST(reading.report.total == 0u);
}

BOOST_FIXTURE_TEST_CASE(p15_a_listing_without_a_segment_is_repeated, segmented_trail) {
    auto const aside = directory.path() / "aside";
    reading.files.fail_when([&, lists = 0](auto const& made, std::size_t) mutable {
        bool const is_list = made.kind == call_kind::list && made.path == "d/c";
        // The first listing determines the watermark.
        if (is_list && ++lists == 2) fs::rename(segment(5), aside);
        if (is_list && lists == 3) fs::rename(aside, segment(5));
        return faulty_file_system::fault();
    });
    BOOST_TEST(reading.ids() == range(1, 100), per_element());
    BOOST_TEST(reading.report.total == 0u);
}

BOOST_FIXTURE_TEST_CASE(p15_a_segment_missing_from_the_middle_is_damage, segmented_trail) {
    before(call_kind::open_file, storage::segment_path("d", "c", 2), 1, [this] { fs::remove(segment(5)); });
    BOOST_TEST(reading.ids().size() == 90u);
    BOOST_TEST(reading.report.count_of(gone) == 1u);
    BOOST_TEST(reading.report.total == 1u);
}

}  // namespace audit_trail::test::retention_test
