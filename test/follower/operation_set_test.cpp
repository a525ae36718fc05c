// Tests the cost of cancelling waiting calls.
#include "follower/operation_set.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <random>
#include <vector>

namespace audit_trail::test::operation_set_test {
namespace {

struct counted_number {
    std::uint64_t value = 0;
    static inline std::uint64_t comparisons = 0;

    friend bool operator<(counted_number const& a, counted_number const& b) noexcept {
        ++comparisons;
        return a.value < b.value;
    }
};

struct counted_operation : boost::intrusive::set_base_hook<> {
    counted_number number;
};

struct waiting_operations {
    explicit waiting_operations(std::uint64_t count) : operations(count) {
        for (std::uint64_t i = 0; i != count; ++i) {
            operations[i].number.value = i + 1;
            waiting.add(operations[i]);
        }
        counted_number::comparisons = 0;
    }

    /// Takes the operations in the order of `numbers`. Returns the number of comparisons.
    std::uint64_t take_all(std::vector<std::uint64_t> const& numbers) {
        for (auto const number : numbers) BOOST_REQUIRE(waiting.take({number}) == &operations[number - 1]);
        BOOST_TEST(waiting.empty());
        return counted_number::comparisons;
    }

    std::vector<counted_operation> operations;
    detail::operation_set<counted_operation> waiting;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(operation_set)

BOOST_AUTO_TEST_CASE(cancelling_all_operations_is_not_quadratic_in_any_order) {
    constexpr std::uint64_t count = 4096;  // 2^12
    std::vector<std::uint64_t> numbers(count);
    for (std::uint64_t i = 0; i != count; ++i) numbers[i] = i + 1;
    constexpr std::uint64_t most = count * 3 * 12;
    BOOST_TEST(waiting_operations(count).take_all(numbers) < most);
    std::ranges::reverse(numbers);
    BOOST_TEST(waiting_operations(count).take_all(numbers) < most);
    std::ranges::shuffle(numbers, std::mt19937(1));
    BOOST_TEST(waiting_operations(count).take_all(numbers) < most);
}

BOOST_AUTO_TEST_CASE(adding_the_highest_number_takes_constant_time) {
    constexpr std::uint64_t count = 4096;
    counted_number::comparisons = 0;
    std::vector<counted_operation> operations(count);
    detail::operation_set<counted_operation> waiting;
    for (std::uint64_t i = 0; i != count; ++i) {
        operations[i].number.value = i + 1;
        waiting.add(operations[i]);
    }
    BOOST_TEST(counted_number::comparisons <= 2 * count);
}

BOOST_AUTO_TEST_CASE(the_lowest_number_is_first) {
    std::vector<counted_operation> operations(3);
    detail::operation_set<counted_operation> waiting;
    for (std::uint64_t const number : {3, 1, 2}) {
        operations[number - 1].number.value = number;
        waiting.add(operations[number - 1]);
    }
    BOOST_TEST(waiting.size() == 3u);
    for (auto& op : operations) BOOST_TEST(&waiting.take_first() == &op);
    BOOST_TEST(waiting.empty());
    BOOST_TEST(waiting.take(counted_number{1}) == nullptr);
}

BOOST_AUTO_TEST_CASE(take_if_removes_only_matching_operations) {
    waiting_operations all(10);
    auto const taken = all.waiting.take_if([](auto const& op) { return op.number.value % 2 == 0; });
    BOOST_TEST(taken.size() == 5u);
    BOOST_TEST(all.waiting.size() == 5u);
    BOOST_TEST(all.waiting.take({2}) == nullptr);
    BOOST_TEST(all.waiting.take({3}) == &all.operations[2]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::operation_set_test
