#include <audit_trail/error.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <set>
#include <string>
#include <vector>

namespace test::error_test {

using namespace audit_trail;
namespace system_errors = boost::system::errc;

namespace {

std::vector<error> const all_errors = {error::invalid_domain,
                                       error::invalid_category,
                                       error::invalid_model_name,
                                       error::invalid_operation,
                                       error::invalid_logical_user_id,
                                       error::invalid_request_id,
                                       error::invalid_payload_text,
                                       error::not_finite,
                                       error::integer_out_of_range,
                                       error::nested_too_deep,
                                       error::invalid_delta,
                                       error::event_too_large,
                                       error::empty_model_name,
                                       error::empty_logical_user_id,
                                       error::invalid_context_text,
                                       error::redaction_failed,
                                       error::malformed_json,
                                       error::not_an_object,
                                       error::missing_member,
                                       error::unknown_member,
                                       error::duplicate_member,
                                       error::wrong_type,
                                       error::invalid_event_id,
                                       error::queue_full,
                                       error::closed,
                                       error::locked,
                                       error::forked,
                                       error::no_executor,
                                       error::not_a_trail,
                                       error::cannot_save_torn_tail,
                                       error::no_trail,
                                       error::inside_a_trail,
                                       error::openat2_unavailable,
                                       error::holds_trails,
                                       error::foreign_index,
                                       error::invalid_max_segment_bytes,
                                       error::invalid_max_pending_events,
                                       error::invalid_max_pending_bytes,
                                       error::invalid_max_waiting_events,
                                       error::invalid_max_event_bytes,
                                       error::invalid_max_batch_bytes,
                                       error::invalid_max_open_segments,
                                       error::invalid_sync_threads,
                                       error::invalid_commit_log_bytes,
                                       error::invalid_redaction_rules,
                                       error::invalid_redaction_hash,
                                       error::key_too_short,
                                       error::key_is_public,
                                       error::torn_line,
                                       error::line_too_long,
                                       error::blank_line,
                                       error::byte_order_mark,
                                       error::carriage_return,
                                       error::misplaced_line,
                                       error::id_out_of_order,
                                       error::segment_missing,
                                       error::foreign_file,
                                       error::no_snapshot,
                                       error::ids_missing,
                                       error::duplicate_id,
                                       error::index_invalid,
                                       error::index_behind,
                                       error::index_ahead,
                                       error::loose_mode,
                                       error::id_too_high,
                                       error::other_spelling,
                                       error::not_restored,
                                       error::unusable_log,
                                       error::watch_limit,
                                       error::watcher_limit};

error_code system_error(int number) {
    return {number, boost::system::system_category()};
}

bool means_not_written(error_code const& ec) {
    return ec == condition::not_written;
}
bool means_unknown(error_code const& ec) {
    return ec == condition::outcome_unknown;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_error_has_a_message_of_its_own) {
    std::string const unknown = error_category().message(-1);
    std::set<std::string> messages{unknown};
    for (error const e : all_errors) {
        std::string const message = make_error_code(e).message();
        BOOST_TEST(messages.insert(message).second, message);
        BOOST_TEST(message.size() > 10u);
    }
}

BOOST_AUTO_TEST_CASE(every_error_has_a_name_of_its_own) {
    std::set<std::string> names{name_of(error(0))};
    for (error const e : all_errors) BOOST_TEST(names.insert(name_of(e)).second, name_of(e));
    BOOST_TEST(name_of(error::malformed_json) == std::string("malformed_json"));
}

BOOST_AUTO_TEST_CASE(an_option_out_of_range_is_an_invalid_argument_and_its_message_names_the_option) {
    auto const invalid_argument = system_errors::make_error_condition(system_errors::invalid_argument);
    for (error const e : all_errors) {
        std::string const name = name_of(e);
        error_code const ec = e;
        bool const names_option = ec.message().starts_with("writer_options::" + name.substr(name.find('_') + 1) + ' ');
        BOOST_TEST((ec == invalid_argument) == names_option, name);
    }
}

BOOST_AUTO_TEST_CASE(every_error_is_a_failure_in_the_category_of_the_library) {
    for (error const e : all_errors) {
        error_code const ec = e;
        BOOST_TEST(ec.failed());
        BOOST_TEST((ec.category() == error_category()));
        BOOST_TEST((ec == e));
    }
    BOOST_TEST(!error_code().failed());
}

BOOST_AUTO_TEST_CASE(the_categories_have_names_of_their_own) {
    std::set<std::string> const names = {error_category().name(), condition_category().name(),
                                         outcome_unknown_category().name(), stopped_category().name()};
    BOOST_TEST(names.size() == 4u);
}

BOOST_AUTO_TEST_CASE(every_error_of_the_library_means_not_written) {
    for (error const e : all_errors) {
        BOOST_TEST(means_not_written(e));
        BOOST_TEST(!means_unknown(e));
    }
}

BOOST_AUTO_TEST_CASE(p04_a_resource_that_ran_out_means_not_written) {
    for (int const number : {ENOSPC, EDQUOT, EFBIG, EMFILE, ENFILE, ENOMEM}) {
        BOOST_TEST(means_not_written(system_error(number)));
        BOOST_TEST(!means_unknown(system_error(number)));
    }
}

BOOST_AUTO_TEST_CASE(p09_a_cancelled_event_was_not_written) {
    error_code const cancelled = system_errors::make_error_code(system_errors::operation_canceled);
    BOOST_TEST(means_not_written(system_error(ECANCELED)));
    BOOST_TEST(!means_unknown(system_error(ECANCELED)));
    BOOST_TEST((system_error(ECANCELED) == cancelled.default_error_condition()));
}

BOOST_AUTO_TEST_CASE(p04_a_segment_that_cannot_be_opened_means_not_written) {
    for (int const number : {EACCES, EROFS, EIO}) {
        BOOST_TEST(means_not_written(system_error(number)));
        BOOST_TEST(!means_unknown(system_error(number)));
    }
}

BOOST_AUTO_TEST_CASE(errors_of_other_categories_match_no_condition) {
    error_code const of_another(EIO, boost::system::generic_category());
    BOOST_TEST(!means_not_written(of_another));
    BOOST_TEST(!means_unknown(of_another));
}

BOOST_AUTO_TEST_CASE(success_matches_no_condition) {
    BOOST_TEST(!means_not_written(error_code()));
    BOOST_TEST(!means_unknown(error_code()));
}

BOOST_AUTO_TEST_CASE(p05_a_final_failure_says_whether_the_event_may_be_in_the_trail) {
    for (int const number : {EIO, ENOSPC}) {
        error_code const in_batch(number, outcome_unknown_category());
        BOOST_TEST(means_unknown(in_batch));
        BOOST_TEST(!means_not_written(in_batch));
        error_code const later(number, stopped_category());
        BOOST_TEST(means_not_written(later));
        BOOST_TEST(!means_unknown(later));
    }
}

BOOST_AUTO_TEST_CASE(p05_a_final_failure_keeps_the_number_and_the_message_of_the_system) {
    for (auto const* category : {&outcome_unknown_category(), &stopped_category()}) {
        error_code const ec(EIO, *category);
        BOOST_TEST(ec.failed());
        BOOST_TEST((ec == system_errors::io_error));
        BOOST_TEST((ec != system_errors::no_space_on_device));
        BOOST_TEST(ec.message().starts_with(system_error(EIO).message()));
        BOOST_TEST(ec.message().size() > system_error(EIO).message().size() + 10);
    }
    BOOST_TEST(error_code(EIO, outcome_unknown_category()).message() != error_code(EIO, stopped_category()).message());
}

BOOST_AUTO_TEST_CASE(the_messages_of_an_opening_say_what_to_do) {
    auto const says = [](error e, char const* text) {
        return make_error_code(e).message().find(text) != std::string::npos;
    };
    BOOST_TEST(says(error::locked, "wait until it is closed"));
    for (char const* const text : {"openat2", "Linux 5.6", "seccomp", "Valgrind"}) {
        BOOST_TEST(says(error::openat2_unavailable, text));
    }
}

BOOST_AUTO_TEST_CASE(conditions_have_messages_of_their_own) {
    auto const message = [](condition c) { return make_error_condition(c).message(); };
    BOOST_TEST(message(condition::not_written) != message(condition::outcome_unknown));
    BOOST_TEST((make_error_condition(condition::not_written).category() == condition_category()));
}

}  // namespace test::error_test
