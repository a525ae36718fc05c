#include "system/fork_registry.hpp"

#include <boost/test/unit_test.hpp>
#include <mutex>
#include <string>

#include "support/processes.hpp"

namespace audit_trail::storage::fork_registry_test {
namespace {

using test::exit_code_of_child_that;

class noting_participant final : public fork_participant {
 public:
    noting_participant(std::string& notes, char name) : notes_(notes), name_(name) { join_forks(*this); }
    ~noting_participant() override { leave_forks(*this); }

    void before_fork() noexcept override { note("before"); }
    void after_fork_in_parent() noexcept override { note("parent"); }
    void after_fork_in_child() noexcept override { note("child"); }

 private:
    void note(char const* what) { notes_.append(what).append(1, name_).append(" "); }

    std::string& notes_;
    char name_;
};

BOOST_AUTO_TEST_SUITE(forks)

BOOST_AUTO_TEST_CASE(p07_participants_are_called_in_order_before_and_in_reverse_after) {
    std::string notes;
    noting_participant const a(notes, 'a');
    noting_participant const b(notes, 'b');
    BOOST_TEST(exit_code_of_child_that([&] { return notes == "beforea beforeb childb childa " ? 0 : 1; }) == 0);
    BOOST_TEST(notes == "beforea beforeb parentb parenta ");
}

BOOST_AUTO_TEST_CASE(a_participant_that_left_is_not_called) {
    std::string notes;
    { noting_participant const gone(notes, 'a'); }
    BOOST_TEST(exit_code_of_child_that([] { return 0; }) == 0);
    BOOST_TEST(notes == "");
}

BOOST_AUTO_TEST_CASE(a_child_can_join_leave_and_fork_as_well) {
    std::string notes;
    noting_participant const a(notes, 'a');
    int const code = exit_code_of_child_that([&] {
        notes.clear();
        noting_participant const b(notes, 'b');
        exit_code_of_child_that([] { return 0; });
        return notes == "beforea beforeb parentb parenta " ? 0 : 1;
    });
    BOOST_TEST(code == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::fork_registry_test
