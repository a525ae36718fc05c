#include "storage/category_table.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace audit_trail::storage {
namespace {

BOOST_AUTO_TEST_SUITE(category_tables)

BOOST_AUTO_TEST_CASE(a_name_leads_to_the_same_category_for_ever) {
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

BOOST_AUTO_TEST_CASE(names_of_the_same_hash_are_told_apart) {
    category_table table;
    auto& one = table.find("d", "one", 7);
    auto& two = table.find("d", "two", 7);
    auto& three = table.find("one", "d", 7);
    BOOST_TEST(&one != &two);
    BOOST_TEST(&one != &three);
    BOOST_TEST(&table.find("d", "one", 7) == &one);
    BOOST_TEST(&table.find("d", "two", 7) == &two);
}

BOOST_AUTO_TEST_CASE(a_domain_and_a_category_do_not_change_places) {
    BOOST_TEST(hash_names("a", "b") != hash_names("b", "a"));
    BOOST_TEST(hash_names("ab", "c") != hash_names("a", "bc"));
}

BOOST_AUTO_TEST_CASE(p08_an_idle_category_takes_less_than_a_kibibyte) {
    // Two names of 128 bytes, and the table's slots at their emptiest.
    BOOST_TEST(sizeof(category) + 2 * 129 + 4 * sizeof(category*) < 1024u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage
