#include <sys/resource.h>

#include <algorithm>
#include <audit_trail/reader.hpp>
#include <boost/test/unit_test.hpp>

#include "reader/counted_reader.hpp"
#include "reader/trail_files.hpp"
#include "support/memory_growth.hpp"

namespace audit_trail::test::merge_test {
namespace {

using boost::test_tools::per_element;

/// While it exists, this process can open no more files.
class open_file_limit {
 public:
    explicit open_file_limit(rlim_t count) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit lowered = before_;
        lowered.rlim_cur = count;
        ::setrlimit(RLIMIT_NOFILE, &lowered);
    }
    ~open_file_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
    rlimit before_{};
};

void build(fs::path const& root, std::uint64_t events, std::uint64_t categories, std::uint64_t max_segment_bytes) {
    trail_builder builder(root, max_segment_bytes);
    for (std::uint64_t id = 1; id <= events; ++id) {
        auto const category = id * 2654435761 % categories;
        builder.add(make_event(id, "d" + std::to_string(category % 10), "c" + std::to_string(category)));
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(p15_ten_thousand_categories_are_read_with_few_open_files) {
    temporary_directory directory;
    build(directory.path(), 20000, 10000, 1000);
    open_file_limit const limit(256);
    reader source(directory.path());
    BOOST_TEST(ids_of(source) == range(1, 20000), per_element());
    BOOST_TEST(source.report().total == 0u);
    BOOST_TEST(source.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(p15_few_files_and_bytes_give_the_same_events) {
    temporary_directory directory;
    build(directory.path(), 5000, 50, 20000);
    for (std::size_t const files : {1, 2, 7}) {
        for (std::size_t const bytes : {1, 5000, 100000}) {
            reader_options options;
            options.max_open_segments = files;
            options.max_buffer_bytes = bytes;
            for (auto const order : {read_order::event_id, read_order::newest_first}) {
                options.order = order;
                reader source(directory.path(), {}, options);
                auto ids = ids_of(source);
                if (order == read_order::newest_first) std::ranges::reverse(ids);
                BOOST_TEST(ids == range(1, 5000), per_element());
                BOOST_TEST(source.report().total == 0u);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(p15_without_free_descriptors_the_reader_reuses_its_own) {
    temporary_directory directory;
    build(directory.path(), 2000, 40, 100000);
    open_file_limit const limit(16);
    reader source(directory.path());
    BOOST_TEST(ids_of(source) == range(1, 2000), per_element());
    BOOST_TEST(source.report().total == 0u);
}

BOOST_AUTO_TEST_CASE(p15_long_lines_of_many_categories_share_the_memory) {
    temporary_directory directory;
    for (std::uint64_t id = 1; id <= 40; ++id) {
        event large = make_event(id, "d", "c" + std::to_string(id % 20));
        large.payload->after->emplace("text", std::string(1 << 20, 'x'));
        append_bytes(directory.path() / "d" / large.category / "audit-000001.jsonl", line_of(large));
    }
    reader_options options;
    options.max_buffer_bytes = 4 << 20;
    reader source(directory.path(), {}, options);
    std::vector<std::uint64_t> ids;
    BOOST_TEST(peak_growth_kibibytes([&] { ids = ids_of(source); }) < 16 * 1024);
    BOOST_TEST(ids == range(1, 40), per_element());
}

BOOST_AUTO_TEST_CASE(count_continues_from_the_current_event) {
    temporary_directory directory;
    build(directory.path(), 1000, 10, 10000);
    for (auto const order : {read_order::event_id, read_order::segment, read_order::newest_first}) {
        reader source(directory.path(), {}, order);
        for (int i = 0; i < 100; ++i) BOOST_TEST(source.next().has_value());
        BOOST_TEST(source.count() == 900u);
        BOOST_TEST(!source.next());
        BOOST_TEST(source.report().matched == 1000u);
    }
}

BOOST_AUTO_TEST_CASE(a_moved_reader_keeps_its_position) {
    temporary_directory directory;
    build(directory.path(), 100, 3, 1000);
    reader first(directory.path());
    BOOST_TEST(first.next()->event.event_id == 1u);
    reader second(std::move(first));
    BOOST_TEST(ids_of(second) == range(2, 100), per_element());
}

/// A merge by id reads the categories in turn.
BOOST_AUTO_TEST_CASE(p15_slightly_more_categories_than_buffers_cost_slightly_more_reads) {
    constexpr std::size_t buffers = 40;
    auto const reads_per_category = [](std::uint64_t categories) {
        temporary_directory directory;
        trail_builder builder(directory.path(), 1 << 20);
        for (std::uint64_t id = 1; id <= 100 * categories; ++id) {
            builder.add(make_event(id, "d", "c" + std::to_string(id % categories)));
        }
        counted_reader reading(directory.path());
        reader_options options;
        options.max_buffer_bytes = buffers * 4096;
        BOOST_TEST(reading.ids({}, options).size() == 100 * categories);
        return reading.files.count(call_kind::read_at) / categories;
    };
    BOOST_TEST(reads_per_category(buffers + 5) <= reads_per_category(buffers) * 3 / 2);
}

}  // namespace audit_trail::test::merge_test
