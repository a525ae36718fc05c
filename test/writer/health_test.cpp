// Tests what a writer reports about its health: the state in `stats`, and the calls of `on_health`.
#include <atomic>
#include <audit_trail/writer.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/faulty_file_system.hpp"
#include "support/drafts.hpp"
#include "support/printing.hpp"
#include "support/processes.hpp"
#include "support/temporary_root.hpp"
#include "support/unreliable_executor.hpp"
#include "support/waiting.hpp"
#include "writer/disk_writer.hpp"

namespace audit_trail::test::health_test {

using boost::test_tools::per_element;

namespace {

std::string name_of(health_event const& event) {
    using kind = health_event::kind_type;
    switch (event.kind) {
        case kind::stopped:
            return "stopped";
        case kind::segment_vanished:
            return "segment vanished " + std::to_string(event.count);
        case kind::commit_log_unavailable:
            return "commit log unavailable";
        case kind::commit_log_available:
            return "commit log available";
        case kind::disk_full:
            return "disk full";
        case kind::disk_available:
            return "disk available";
    }
    return "?";
}

using texts = std::vector<std::string>;

/// A writer on a disk whose calls can be made to fail. Its calls complete in `answers`, its hook is called in `home`.
struct health_fixture {
    temporary_root root;
    faulty_file_system disk;
    asio::io_context home;
    asio::io_context answers;
    texts seen;
    error_code last_error;
    writer trail;

    writer_options options() {
        writer_options result;
        result.on_health = [this](health_event const& event) {
            seen.push_back(name_of(event));
            last_error = event.error;
        };
        return result;
    }
    void open(writer_options const& given) { trail = open_writer(disk, home.get_executor(), root.path(), given); }
    void open() { open(options()); }

    error_code record() {
        error_code answer;
        trail.async_record(make_draft(), asio::bind_executor(answers, [&](error_code ec, auto) { answer = ec; }));
        run_all(answers);
        return answer;
    }
    void fill_disk() {
        disk.fail_nth(call_kind::append, 1, ENOSPC);
        BOOST_TEST(record() == condition::not_written);
        disk.fail_nothing();
    }
    error_code close() {
        error_code answer;
        trail.async_close(asio::bind_executor(answers, [&](error_code ec) { answer = ec; }));
        run_all(answers);
        return answer;
    }
    texts calls() {
        run_all(home);
        return std::exchange(seen, {});
    }
    std::filesystem::path segment(char const* number) const { return root.path() / "shop/orders" / number; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(health, health_fixture)

BOOST_AUTO_TEST_CASE(the_state_is_open_until_a_close_is_initiated) {
    BOOST_TEST((trail.stats().state == writer_state::closed));
    open({});
    BOOST_TEST((trail.stats().state == writer_state::open));
    BOOST_TEST(!trail.stats().stop_reason);
    BOOST_TEST(!close());
    BOOST_TEST((trail.stats().state == writer_state::closed));
    BOOST_TEST(!trail.stats().stop_reason);
}

BOOST_AUTO_TEST_CASE(a_stopped_writer_reports_the_error_that_later_appends_get) {
    open();
    BOOST_TEST(!record());
    BOOST_TEST(calls().empty());
    disk.fail_nth(call_kind::sync, 1, EIO);
    BOOST_TEST(record() == condition::outcome_unknown);
    BOOST_TEST((trail.stats().state == writer_state::stopped));
    error_code const later = record();
    BOOST_TEST(trail.stats().stop_reason == later);
    BOOST_TEST(calls() == texts{"stopped"}, per_element());
    BOOST_TEST(last_error == later);
    BOOST_TEST(trail.is_open());
    BOOST_TEST(close() == later);
    BOOST_TEST((trail.stats().state == writer_state::closed));
    BOOST_TEST(trail.stats().stop_reason == later);
}

BOOST_AUTO_TEST_CASE(a_close_that_fails_is_reported_before_it_completes) {
    open();
    disk.fail_nth(call_kind::write_at, 1, EIO, true);
    error_code answer;
    trail.async_close([&](error_code ec) {
        answer = ec;
        BOOST_TEST(seen == texts{"stopped"}, per_element());
    });
    run_all(home);
    BOOST_TEST(answer == condition::outcome_unknown);
    BOOST_TEST(trail.stats().stop_reason.value() == EIO);
}

BOOST_AUTO_TEST_CASE(a_change_is_reported_before_the_handlers_of_its_batch_run) {
    open();
    disk.fail_nth(call_kind::sync, 1, EIO);
    trail.async_record(make_draft(), [&](error_code, auto) { seen.push_back("answer"); });
    BOOST_TEST(calls() == (texts{"stopped", "answer"}), per_element());
}

BOOST_AUTO_TEST_CASE(vanished_segments_are_counted_although_their_batch_fails) {
    open();
    BOOST_TEST(!record());
    std::filesystem::remove(segment("audit-000001.jsonl"));
    BOOST_TEST(!record());
    BOOST_TEST(trail.stats().vanished_segments == 1u);
    BOOST_TEST(calls() == texts{"segment vanished 1"}, per_element());
    std::filesystem::remove(segment("audit-000002.jsonl"));
    disk.fail_nth(call_kind::write_at, 1, EIO, true);
    BOOST_TEST(record() == condition::outcome_unknown);
    BOOST_TEST(trail.stats().vanished_segments == 2u);
    BOOST_TEST(calls() == (texts{"segment vanished 1", "stopped"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_reported_once_until_a_batch_is_committed) {
    open();
    fill_disk();
    fill_disk();
    BOOST_TEST(calls() == texts{"disk full"}, per_element());
    BOOST_TEST(last_error == error_code(ENOSPC, boost::system::system_category()));
    BOOST_TEST(!record());
    BOOST_TEST(!record());
    BOOST_TEST(calls() == texts{"disk available"}, per_element());
    BOOST_TEST(!last_error);
}

BOOST_AUTO_TEST_CASE(a_segment_that_cannot_be_created_on_a_full_disk_is_reported) {
    open();
    disk.fail_nth(call_kind::make_directory, 1, EDQUOT);
    BOOST_TEST(record() == condition::not_written);
    BOOST_TEST(calls() == texts{"disk full"}, per_element());
}

BOOST_AUTO_TEST_CASE(an_unavailable_commit_log_is_reported_until_the_log_is_used) {
    writer_options with_log = options();
    with_log.commit_log_bytes = 1024 * 1024;
    open(with_log);
    disk.fail_when([](faulty_file_system::call const& made, std::size_t) {
        bool const creates = made.kind == call_kind::open_file && made.path == ".commit-log";
        return faulty_file_system::fault{creates ? EACCES : 0};
    });
    BOOST_TEST(!record());
    BOOST_TEST(!record());
    BOOST_TEST(calls() == texts{"commit log unavailable"}, per_element());
    BOOST_TEST(last_error == error_code(EACCES, boost::system::system_category()));
    disk.fail_nothing();
    while (trail.stats().commit_log_writes == 0) BOOST_TEST_REQUIRE(!record());
    BOOST_TEST(calls() == texts{"commit log available"}, per_element());
}

BOOST_AUTO_TEST_CASE(changes_are_merged_while_the_executor_is_not_run) {
    open();
    for (int n = 1; n != 10; ++n) {
        fill_disk();
        std::filesystem::remove(segment(("audit-00000" + std::to_string(n) + ".jsonl").c_str()));
        BOOST_TEST(!record());
    }
    texts const merged = calls();
    BOOST_TEST_REQUIRE(merged.size() == 3u);
    BOOST_TEST(merged[0] == "segment vanished 9");
    BOOST_TEST(merged[1] == "disk full");
    BOOST_TEST(merged[2] == "disk available");
    fill_disk();
    BOOST_TEST(!record());
    fill_disk();
    BOOST_TEST(calls() == texts{"disk full"}, per_element());
}

BOOST_AUTO_TEST_CASE(an_exception_of_the_hook_leaves_run_and_the_next_call_is_made) {
    writer_options throwing = options();
    throwing.on_health = [this](health_event const& event) {
        seen.push_back(name_of(event));
        throw std::runtime_error("thrown by a hook");
    };
    open(throwing);
    fill_disk();
    BOOST_TEST(!record());
    BOOST_CHECK_THROW(home.run(), std::runtime_error);
    BOOST_CHECK_THROW(home.run(), std::runtime_error);
    home.run();
    BOOST_TEST(seen == (texts{"disk full", "disk available"}), per_element());
    BOOST_TEST(!record());
}

BOOST_AUTO_TEST_CASE(the_hook_is_not_called_after_a_close_completed_on_another_executor) {
    open();
    fill_disk();
    BOOST_TEST(!close());
    BOOST_TEST(calls().empty());
}

BOOST_AUTO_TEST_CASE(the_hook_is_not_called_after_the_handle_was_destroyed) {
    open();
    fill_disk();
    trail = writer();
    BOOST_TEST(calls().empty());
}

BOOST_AUTO_TEST_CASE(the_hook_is_destroyed_with_the_writer) {
    auto const captured = std::make_shared<int>();
    writer_options owning;
    owning.on_health = [captured](health_event const&) {};
    open(owning);
    owning = {};
    fill_disk();
    BOOST_TEST(captured.use_count() == 2);
    BOOST_TEST(!close());
    trail = writer();
    run_all(home);
    wait_until([&] { return captured.use_count() == 1; });
}

BOOST_AUTO_TEST_CASE(the_hook_is_not_called_by_a_context_that_is_destroyed) {
    auto context = std::make_unique<asio::io_context>();
    trail = open_writer(disk, context->get_executor(), root.path(), options());
    fill_disk();
    context.reset();
    BOOST_TEST(!record());
    fill_disk();
    BOOST_TEST(calls().empty());
    BOOST_TEST(!close());
}

BOOST_AUTO_TEST_CASE(a_call_that_the_executor_does_not_take_is_made_with_the_next_change) {
    for (bool const throws : {true, false}) {
        temporary_root other;
        executor_faults faults;
        (throws ? faults.throws_from : faults.discards_from) = 0;
        (throws ? faults.throws_to : faults.discards_to) = 1;
        trail = open_writer(disk, unreliable_executor(home, faults), other.path(), options());
        fill_disk();
        BOOST_TEST(calls().empty());
        BOOST_TEST(!record());
        BOOST_TEST(calls() == (texts{"disk full", "disk available"}), per_element());
        BOOST_TEST(!close());
    }
}

BOOST_AUTO_TEST_CASE(the_hook_is_not_called_in_a_forked_child) {
    open();
    fill_disk();
    int const called = exit_code_of_child_that([this] {
        home.poll();
        return static_cast<int>(seen.size());
    });
    BOOST_TEST(called == 0);
    BOOST_TEST(calls() == texts{"disk full"}, per_element());
}

BOOST_AUTO_TEST_CASE(calls_on_several_threads_do_not_overlap) {
    asio::thread_pool pool(4);
    std::atomic<int> running{0};
    std::atomic<int> calls{0};
    std::atomic<bool> overlapped{false};
    writer_options counting;
    counting.on_health = [&](health_event const&) {
        if (running++ != 0) overlapped = true;
        std::this_thread::yield();
        --running;
        ++calls;
    };
    trail = open_writer(disk, pool.get_executor(), root.path(), counting);
    for (int n = 0; n != 100; ++n) {
        fill_disk();
        BOOST_TEST(!record());
    }
    wait_until([&] { return calls >= 2; });
    pool.join();
    BOOST_TEST(calls % 2 == 0);
    BOOST_TEST(!overlapped);
    BOOST_TEST(!close());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::health_test
