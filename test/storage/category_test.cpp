#include "storage/category.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace audit_trail::storage::category_test {
namespace {

BOOST_AUTO_TEST_SUITE(category_tables)

BOOST_AUTO_TEST_CASE(find_returns_the_same_category_for_the_same_names) {
    category_table table;
    std::vector<category*> found;
    for (int i = 0; i < 1000; ++i) found.push_back(&table.find("d" + std::to_string(i % 7), "c" + std::to_string(i)));
    BOOST_TEST(table.size() == 1000u);
    for (int i = 0; i < 1000; ++i) {
        auto& again = table.find("d" + std::to_string(i % 7), "c" + std::to_string(i));
        BOOST_TEST(&again == found[static_cast<std::size_t>(i)]);
        BOOST_TEST(again.name == "c" + std::to_string(i));
    }
    BOOST_TEST(table.size() == 1000u);
}

BOOST_AUTO_TEST_CASE(categories_differ_by_domain_and_by_name) {
    category_table table;
    auto& one = table.find("d", "one");
    BOOST_TEST(&table.find("d", "two") != &one);
    BOOST_TEST(&table.find("e", "one") != &one);
    BOOST_TEST(&table.find("one", "d") != &one);
    BOOST_TEST(&table.find("do", "ne") != &one);
    BOOST_TEST(&table.find("d", "one") == &one);
    BOOST_TEST(table.size() == 5u);
}

BOOST_AUTO_TEST_CASE(the_hash_depends_on_the_order_and_the_border_of_the_names) {
    category_table::hash_names const hash;
    BOOST_TEST(hash({"a", "b"}) != hash({"b", "a"}));
    BOOST_TEST(hash({"ab", "c"}) != hash({"a", "bc"}));
}

BOOST_AUTO_TEST_CASE(p08_an_idle_category_takes_less_than_a_kibibyte) {
    // Two names of 128 bytes, and four slots of the index, which is at least a quarter full.
    BOOST_TEST(sizeof(category) + 2 * 129 + 4 * (sizeof(category_table::names) + sizeof(category*)) < 1024u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::category_test
