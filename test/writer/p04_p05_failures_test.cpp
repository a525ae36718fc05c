// Tests the writer's part of P4 all or none and P5 fail-stop: which calls complete with which errors.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "storage/faulty_file_system.hpp"
#include "support/drafts.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"
#include "writer/disk_writer.hpp"

namespace audit_trail::test::p04_p05_failures_test {

namespace {

event_draft draft_of(std::string category) {
    event_draft draft = make_draft();
    draft.category = std::move(category);
    return draft;
}

/// A writer on a disk whose calls can be made to fail.
struct failing_fixture {
    temporary_root root;
    faulty_file_system disk;
    asio::io_context context;
    writer trail;

    failing_fixture() {
        writer_options options;
        options.max_open_segments = 1;
        trail = open_writer(disk, context.get_executor(), root.path(), options);
    }

    error_code record(event_draft draft, durability wanted = durability::synced) {
        error_code answer;
        trail.async_record(std::move(draft), wanted, [&](error_code ec, receipt const&) { answer = ec; });
        run_all(context);
        return answer;
    }

    error_code close() {
        error_code answer;
        trail.async_close([&](error_code ec) { answer = ec; });
        run_all(context);
        return answer;
    }

    void fail_calls_for(std::string path, call_kind kind, int error) {
        disk.fail_when([=](faulty_file_system::call const& made, std::size_t) {
            return faulty_file_system::fault{made.kind == kind && made.path.find(path) != path.npos ? error : 0};
        });
    }
};

bool is_errno(error_code ec, int number) {
    return ec == boost::system::error_condition(number, boost::system::generic_category());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(p04_all_or_none, failing_fixture)

BOOST_AUTO_TEST_CASE(p04_a_segment_that_cannot_be_opened_fails_only_the_events_of_its_category) {
    for (int const number : {EACCES, EROFS, EIO, EMFILE, ENOSPC}) {
        fail_calls_for("closed", call_kind::open_file, number);
        error_code const answer = record(draft_of("closed"));
        BOOST_TEST(is_errno(answer, number), answer.message());
        BOOST_TEST(answer == condition::not_written);
        BOOST_TEST(!record(draft_of("open")));
        disk.fail_nothing();
    }
    BOOST_TEST(!record(draft_of("closed")));
    BOOST_TEST(ids_in(root.path()) == ids_up_to(6));
    BOOST_TEST(!close());
}

BOOST_AUTO_TEST_CASE(p04_a_full_disk_undoes_the_batch_and_its_ids_are_used_again) {
    BOOST_TEST(!record(draft_of("orders")));
    for (call_kind const kind : {call_kind::append, call_kind::write_at}) {
        disk.fail_nth(kind, 1, ENOSPC);
        error_code const answer = record(draft_of("orders"));
        BOOST_TEST(is_errno(answer, ENOSPC), answer.message());
        BOOST_TEST(answer == condition::not_written);
        disk.fail_nothing();
    }
    BOOST_TEST(!record(draft_of("orders")));
    BOOST_TEST(!close());
    BOOST_TEST(ids_in(root.path()) == ids_up_to(2));
    BOOST_TEST(trail.stats().failed == 2u);
    BOOST_TEST(trail.stats().acknowledged == 2u);
}

/// Imitates `ulimit -n`: in addition to the files of an open root, only `handles` files can be opened.
std::vector<error_code> record_with_few_handles(faulty_file_system& disk, std::filesystem::path const& root,
                                                std::size_t handles, writer_options const& options,
                                                std::vector<event_draft> drafts) {
    asio::io_context context;
    writer trail = open_writer(disk, context.get_executor(), root, options);
    disk.limit_handles(disk.open_handles() + handles);
    std::vector<error_code> answers;
    for (event_draft& draft : drafts) {
        trail.async_record(std::move(draft), [&](error_code ec, receipt const&) { answers.push_back(ec); });
    }
    trail.async_close([&](error_code ec) { answers.push_back(ec); });
    run_all(context);
    disk.fail_nothing();
    return answers;
}

BOOST_AUTO_TEST_CASE(p04_a_batch_that_needs_more_descriptors_than_there_are_is_committed_in_parts) {
    temporary_root other;
    std::vector<event_draft> drafts;
    for (int n = 0; n != 60; ++n) drafts.push_back(draft_of("c" + std::to_string(n % 20)));
    for (error_code const& answer : record_with_few_handles(disk, other.path(), 4, {}, drafts)) {
        BOOST_TEST(!answer, answer.message());
    }
    BOOST_TEST(ids_in(other.path()) == ids_up_to(60));
}

BOOST_AUTO_TEST_CASE(p04_running_out_of_descriptors_leaves_no_empty_segment) {
    temporary_root other;
    writer_options options;
    options.max_segment_bytes = 1;
    for (error_code const& answer :
         record_with_few_handles(disk, other.path(), 20, options, std::vector<event_draft>(60, make_draft()))) {
        BOOST_TEST(!answer, answer.message());
    }
    BOOST_TEST(ids_in(other.path()) == ids_up_to(60));
    std::size_t segments = 0;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(other.path())) {
        if (entry.path().extension() != ".jsonl") continue;
        BOOST_TEST(entry.file_size() != 0u);
        ++segments;
    }
    BOOST_TEST(segments == 60u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(p05_fail_stop, failing_fixture)

BOOST_AUTO_TEST_CASE(p05_a_failed_sync_fails_its_batch_and_all_later_events) {
    BOOST_TEST(!record(draft_of("orders")));
    disk.fail_nth(call_kind::sync, 1, EIO);
    error_code const first = record(draft_of("orders"));
    BOOST_TEST(is_errno(first, EIO), first.message());
    BOOST_TEST(first == condition::outcome_unknown);
    disk.fail_nothing();
    for (int n = 0; n != 3; ++n) {
        error_code const later = record(draft_of("orders"), durability::written);
        BOOST_TEST(is_errno(later, EIO), later.message());
        BOOST_TEST(later == condition::not_written);
    }
    error_code flushed;
    trail.async_flush(durability::synced, [&](error_code ec) { flushed = ec; });
    run_all(context);
    BOOST_TEST(is_errno(flushed, EIO), flushed.message());
    BOOST_TEST(is_errno(close(), EIO));
}

// To open another segment, a segment with unsynced lines is synced and closed first.
BOOST_AUTO_TEST_CASE(p05_a_sync_that_fails_before_the_batch_stops_the_writer_too) {
    BOOST_TEST(!record(draft_of("first"), durability::written));
    fail_calls_for("first", call_kind::sync, EIO);
    for (int n = 0; n != 3; ++n) {
        error_code const answer = record(draft_of("second"));
        BOOST_TEST(is_errno(answer, EIO), answer.message());
        BOOST_TEST(answer == condition::not_written);
        BOOST_TEST((answer.category() == stopped_category()));
        disk.fail_nothing();
    }
    BOOST_TEST(record(draft_of("first")) == condition::not_written);
    error_code flushed;
    trail.async_flush(durability::written, [&](error_code ec) { flushed = ec; });
    run_all(context);
    BOOST_TEST((flushed.category() == stopped_category()));
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
    BOOST_TEST(is_errno(close(), EIO));
}

BOOST_AUTO_TEST_CASE(p05_a_batch_is_not_written_if_a_sync_fails_while_it_is_gathered) {
    BOOST_TEST(!record(draft_of("first"), durability::written));
    fail_calls_for("first", call_kind::sync, EIO);
    std::vector<error_code> answers;
    auto const note = [&](error_code ec, auto const&) { answers.push_back(ec); };
    for (char const* const category : {"second", "second", "third"}) trail.async_record(draft_of(category), note);
    trail.async_append_batch({draft_of("second"), draft_of("first")}, note);
    run_all(context);
    BOOST_TEST_REQUIRE(answers.size() == 4u);
    for (error_code const& answer : answers) {
        BOOST_TEST(is_errno(answer, EIO), answer.message());
        BOOST_TEST(answer == condition::not_written);
    }
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
    BOOST_TEST(trail.stats().failed == 5u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p04_p05_failures_test
