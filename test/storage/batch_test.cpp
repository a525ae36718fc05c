#include <boost/test/unit_test.hpp>

#include "print.hpp"
#include "storage/batch.hpp"
#include "trail_session.hpp"

namespace audit_trail::storage::batch_test {
namespace {

using test::line_of;
using test::short_tail;

constexpr std::uint64_t limit = 40;  // two lines of 22 bytes and more pass it

category named(char const* name) {
    category made;
    made.domain = "d";
    made.name = name;
    return made;
}

struct gathered_fixture {
    batch gathered{{limit, 1000, 3}};
    category one = named("one");
    category two = named("two");

    gathered_fixture() { gathered.clear(7); }

    std::string bytes(std::size_t index) const { return std::string(gathered.writes()[index]->bytes.view()); }
};

BOOST_FIXTURE_TEST_SUITE(batch_logic, gathered_fixture)

BOOST_AUTO_TEST_CASE(a_category_without_a_segment_begins_with_the_first) {
    BOOST_TEST(gathered.where(one) == (segment_tail{1, 0}));
}

BOOST_AUTO_TEST_CASE(a_segment_takes_lines_until_its_size_is_at_the_limit) {
    BOOST_TEST(tail_for_next_line({4, limit - 1}, limit) == (segment_tail{4, limit - 1}));
    BOOST_TEST(tail_for_next_line({4, limit}, limit) == (segment_tail{5, 0}));
    BOOST_TEST(tail_for_next_line({4, segment_tail::sealed}, UINT64_MAX) == (segment_tail{5, 0}));
}

BOOST_AUTO_TEST_CASE(ids_are_consecutive_over_all_categories) {
    BOOST_TEST(gathered.add(one, short_tail, durability::written) == 7u);
    BOOST_TEST(gathered.add(two, short_tail, durability::written) == 8u);
    BOOST_TEST(gathered.add(one, short_tail, durability::written) == 9u);
    BOOST_TEST(gathered.next_id() == 10u);
    BOOST_TEST(gathered.events() == 3u);
    BOOST_REQUIRE(gathered.writes().size() == 2u);
    BOOST_TEST(bytes(0) == line_of(7) + line_of(9));
    BOOST_TEST(bytes(1) == line_of(8));
    BOOST_TEST(gathered.bytes() == bytes(0).size() + bytes(1).size());
    BOOST_TEST(gathered.writes()[0]->first_id == 7u);
    BOOST_TEST(gathered.writes()[0]->last_id == 9u);
}

BOOST_AUTO_TEST_CASE(a_roll_begins_another_segment_write) {
    for (int i = 0; i < 3; ++i) gathered.add(one, short_tail, durability::written);
    BOOST_REQUIRE(gathered.writes().size() == 2u);
    BOOST_TEST(gathered.writes()[0]->segment == 1u);
    BOOST_TEST(gathered.writes()[1]->segment == 2u);
    BOOST_TEST(gathered.writes()[1]->offset == 0u);
    BOOST_TEST(bytes(0) == line_of(7) + line_of(8));
    BOOST_TEST(bytes(1) == line_of(9));
    BOOST_TEST(one.tail == (segment_tail{2, line_of(9).size()}));
}

BOOST_AUTO_TEST_CASE(a_segment_write_begins_at_the_end_of_its_segment) {
    one.tail = {3, 11};
    gathered.add(one, short_tail, durability::written);
    BOOST_TEST(gathered.writes()[0]->segment == 3u);
    BOOST_TEST(gathered.writes()[0]->offset == 11u);
    BOOST_TEST(one.tail == (segment_tail{3, 11 + line_of(7).size()}));
}

BOOST_AUTO_TEST_CASE(a_synced_line_makes_only_its_own_segment_write_synced) {
    gathered.add(one, short_tail, durability::written);
    gathered.add(two, short_tail, durability::synced);
    gathered.add(two, short_tail, durability::written);
    BOOST_TEST(!gathered.writes()[0]->synced);
    BOOST_TEST(gathered.writes()[1]->synced);
}

BOOST_AUTO_TEST_CASE(a_batch_is_full_at_its_limit_of_bytes_or_of_segment_writes) {
    batch small({limit, 30, 10});
    small.clear(1);
    small.add(one, short_tail, durability::written);
    BOOST_TEST(!small.full());
    small.add(one, short_tail, durability::written);
    BOOST_TEST(small.full());

    for (int i = 0; i < 4; ++i) gathered.add(two, short_tail, durability::written);
    BOOST_TEST(!gathered.full());
    gathered.add(two, short_tail, durability::written);
    BOOST_TEST(gathered.full());
}

BOOST_AUTO_TEST_CASE(rolling_back_undoes_a_whole_group) {
    gathered.add(one, short_tail, durability::written);
    auto const tail = one.tail;
    auto const size = gathered.bytes();

    gathered.mark();
    for (int i = 0; i < 5; ++i) gathered.add(one, short_tail, durability::synced);
    gathered.add(two, short_tail, durability::synced);
    gathered.roll_back();

    BOOST_TEST(gathered.events() == 1u);
    BOOST_TEST(gathered.bytes() == size);
    BOOST_TEST(one.tail == tail);
    BOOST_TEST(two.tail == segment_tail{});
    BOOST_TEST(two.open_write == nullptr);
    BOOST_REQUIRE(gathered.writes().size() == 1u);
    BOOST_TEST(one.open_write == gathered.writes()[0].get());
    BOOST_TEST(bytes(0) == line_of(7));
    BOOST_TEST(!gathered.writes()[0]->synced);
    BOOST_TEST(gathered.writes()[0]->last_id == 7u);

    BOOST_TEST(gathered.add(one, short_tail, durability::written) == 8u);
    BOOST_TEST(bytes(0) == line_of(7) + line_of(8));
}

BOOST_AUTO_TEST_CASE(only_what_came_after_the_last_mark_is_rolled_back) {
    gathered.mark();
    gathered.add(one, short_tail, durability::written);
    gathered.mark();
    gathered.add(one, short_tail, durability::written);
    gathered.roll_back();
    gathered.roll_back();
    BOOST_TEST(gathered.events() == 1u);
    BOOST_TEST(bytes(0) == line_of(7));
}

BOOST_AUTO_TEST_CASE(restore_tails_restores_the_tails_from_before_the_batch) {
    one.tail = {4, 39};
    for (int i = 0; i < 5; ++i) gathered.add(one, short_tail, durability::written);
    gathered.add(two, short_tail, durability::written);
    gathered.restore_tails();
    BOOST_TEST(one.tail == (segment_tail{4, 39}));
    BOOST_TEST(two.tail == segment_tail{});
}

BOOST_AUTO_TEST_CASE(clear_detaches_the_batch_from_its_categories) {
    gathered.add(one, short_tail, durability::synced);
    gathered.clear(8);
    BOOST_TEST(gathered.empty());
    BOOST_TEST(gathered.bytes() == 0u);
    BOOST_TEST(one.open_write == nullptr);
    BOOST_TEST(gathered.writes().size() == 0u);

    gathered.add(two, short_tail, durability::written);
    BOOST_TEST(bytes(0) == line_of(8));
    BOOST_TEST(!gathered.writes()[0]->synced);
}

BOOST_AUTO_TEST_CASE(memory_of_a_batch_is_reused_and_surplus_is_freed) {
    std::string const large(100000, 'x');
    gathered.add(one, large, durability::written);
    gathered.clear(8);
    gathered.add(one, short_tail, durability::written);
    BOOST_TEST(gathered.writes()[0]->bytes.heap_bytes() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::batch_test
