// Tests P13: the library's threads receive no signals, and no call waits for the disk.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <fstream>
#include <set>
#include <string>

#include "writer/disk_writer.hpp"
#include "writer/held_disk.hpp"
#include "writer/held_writer.hpp"

namespace audit_trail::test::p13_loop_test {

namespace {

std::set<std::string> threads_of_this_process() {
    std::set<std::string> threads;
    for (auto const& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        threads.insert(entry.path().filename());
    }
    return threads;
}

/// Returns the signals that a thread blocks, one bit each; 0 if it has ended.
std::uint64_t signals_blocked_by(std::string const& thread) {
    std::ifstream status("/proc/self/task/" + thread + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("SigBlk:")) return std::stoull(line.substr(7), nullptr, 16);
    }
    return 0;
}

/// Returns all signals that can be blocked: all except two of the kernel and two that the C library uses.
std::uint64_t every_signal() {
    std::uint64_t every = ~std::uint64_t{0};
    for (int const number : {SIGKILL, SIGSTOP, 32, 33}) every &= ~(std::uint64_t{1} << (number - 1));
    return every;
}

sigset_t signals_of_this_thread() {
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    return blocked;
}

std::atomic<long> thread_that_got_the_signal{0};

void note_thread(int) {
    thread_that_got_the_signal = ::syscall(SYS_gettid);
}

/// Installs `note_thread` as the handler of SIGUSR1 while the object exists.
class noted_signal {
 public:
    noted_signal() {
        struct sigaction noting {};
        noting.sa_handler = note_thread;
        ::sigaction(SIGUSR1, &noting, &before_);
    }
    ~noted_signal() { ::sigaction(SIGUSR1, &before_, nullptr); }

 private:
    struct sigaction before_ {};
};

void block_or_not(int how) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    pthread_sigmask(how, &one, nullptr);
}

struct signal_fixture {
    temporary_root root;
    temporary_root other_root;
    asio::io_context context;
    writer trail = writer::open(context.get_executor(), root.path());

    writer open_in_background(std::filesystem::path const& path) {
        writer result;
        writer::async_open(context.get_executor(), path, {}, [&](error_code ec, writer opened) {
            BOOST_TEST(!ec, ec.message());
            result = std::move(opened);
        });
        run_all(context);
        return result;
    }

    /// Makes the writer sync several files at the same time.
    void append_to_many_categories() {
        auto drafts = make_drafts(6);
        for (std::size_t n = 0; n != drafts.size(); ++n) drafts[n].category = "category-" + std::to_string(n);
        trail.async_append_batch(std::move(drafts), [](error_code ec, auto const&) { BOOST_TEST(!ec, ec.message()); });
        run_all(context);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(p13_signals)

// These tests use no futures: futures complete on Asio's own threads, which receive signals.
BOOST_FIXTURE_TEST_CASE(p13_every_thread_of_the_library_blocks_all_signals, signal_fixture) {
    auto const before = threads_of_this_process();
    writer const other = open_in_background(other_root.path());
    append_to_many_categories();
    std::size_t own = 0;
    for (std::string const& thread : threads_of_this_process()) {
        if (before.contains(thread)) continue;
        ++own;
        std::uint64_t const blocked = signals_blocked_by(thread);
        BOOST_TEST((blocked & every_signal()) == every_signal());
    }
    BOOST_TEST(own >= 2u);  // one thread runs the steps, and at least one other thread syncs files
}

BOOST_FIXTURE_TEST_CASE(p13_the_signals_of_the_calling_thread_stay_as_they_are, signal_fixture) {
    block_or_not(SIG_BLOCK);
    sigset_t const before = signals_of_this_thread();
    append_to_many_categories();
    { writer const other = open_in_background(other_root.path()); }
    sigset_t const after = signals_of_this_thread();
    for (int number = 1; number <= 64; ++number)
        BOOST_TEST(sigismember(&before, number) == sigismember(&after, number));
    block_or_not(SIG_UNBLOCK);
}

BOOST_FIXTURE_TEST_CASE(p13_a_signal_to_the_process_is_delivered_to_a_thread_of_the_application, signal_fixture) {
    noted_signal const noted;
    append_to_many_categories();
    for (int round = 0; round != 100; ++round) {
        thread_that_got_the_signal = 0;
        // Any thread that does not block the signal now would receive it at once.
        block_or_not(SIG_BLOCK);
        ::kill(::getpid(), SIGUSR1);
        append_to_many_categories();
        BOOST_TEST(thread_that_got_the_signal == 0);
        block_or_not(SIG_UNBLOCK);
        BOOST_TEST(thread_that_got_the_signal == ::syscall(SYS_gettid));
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(p13_slow_disk)

namespace {

/// The kinds of calls in a commit and a close.
constexpr call_kind kinds_of_a_commit[] = {call_kind::append, call_kind::sync, call_kind::write_at, call_kind::status,
                                           call_kind::open_file};

/// Calls every function of the writer, with handlers that share one fate. Returns the number of handlers.
int call_everything(writer& trail, handler_fate& fate, asio::cancellation_signal& signal) {
    trail.async_append(make_draft(), fateful_handler<>(fate));
    trail.async_append(make_draft(), durability::written, fateful_handler<>(fate));
    trail.async_record(make_draft(), fateful_handler<>(fate));
    trail.async_record(make_draft(), durability::synced, fateful_handler<>(fate));
    trail.async_append_batch(make_drafts(3), fateful_handler<>(fate));
    trail.async_append(make_invalid_draft(), fateful_handler<>(fate));
    trail.async_flush(durability::synced, fateful_handler<>(fate));
    trail.async_append(make_draft(), asio::bind_cancellation_slot(signal.slot(), fateful_handler<>(fate)));
    signal.emit(asio::cancellation_type::terminal);
    BOOST_TEST(trail.stats().last_event_id <= 1u);
    BOOST_TEST(trail.recovery().created);
    BOOST_TEST((trail.get_executor() == trail.get_executor()));
    trail.async_close(fateful_handler<>(fate));
    trail.async_append(make_draft(), fateful_handler<>(fate));
    return 10;
}

struct slow_fixture {
    temporary_root root;
    held_disk disk;
    asio::cancellation_signal signal;
    asio::io_context context;
    handler_fate fate;
};

}  // namespace

// A call that waited for the disk would wait forever: the disk is released only after the calls.
BOOST_AUTO_TEST_CASE(p13_no_call_waits_for_a_disk_that_does_not_answer) {
    for (call_kind const kind : kinds_of_a_commit) {
        slow_fixture slow;
        writer trail = open_writer(slow.disk, slow.context.get_executor(), slow.root.path());
        slow.disk.hold_at(kind);
        trail.async_append(make_draft(), fateful_handler<>(slow.fate));
        slow.disk.wait_held();
        int const calls = 1 + call_everything(trail, slow.fate, slow.signal);
        slow.context.poll();
        BOOST_TEST(slow.fate.called == 3);  // the invalid call, the cancelled call, and the call after the close
        writer moved(std::move(trail));
        moved = writer();
        slow.disk.release();
        run_all(slow.context);
        BOOST_TEST(slow.fate.called == calls);
        BOOST_TEST(slow.fate.destroyed_uncalled == 0);
        BOOST_TEST(ids_in(slow.root.path()) == ids_up_to(8));
    }
}

BOOST_FIXTURE_TEST_CASE(p13_a_full_writer_refuses_without_the_disk, slow_fixture) {
    writer_options options;
    options.max_pending_events = 2;
    options.max_waiting_events = 2;
    writer trail = open_writer(disk, context.get_executor(), root.path(), options);
    disk.hold_at(call_kind::append);
    trail.async_append(make_draft(), fateful_handler<>(fate));
    disk.wait_held();
    for (int n = 0; n != 100; ++n) trail.async_append(make_draft(), fateful_handler<>(fate));
    BOOST_TEST(trail.stats().rejected == 97u);
    BOOST_TEST(context.poll() == 97u);
    disk.release();
    run_all(context);
    BOOST_TEST(fate.called == 101);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(4));
}

BOOST_FIXTURE_TEST_CASE(p13_calls_with_handlers_of_a_new_context_do_not_wait_for_the_disk, slow_fixture) {
    writer trail = open_writer(disk, context.get_executor(), root.path());
    disk.hold_at(call_kind::sync);
    trail.async_append(make_draft(), fateful_handler<>(fate));
    disk.wait_held();
    asio::io_context other;  // not yet known to the writer
    trail.async_append(make_draft(), asio::bind_executor(other, fateful_handler<>(fate)));
    trail.async_append(make_invalid_draft(), asio::bind_executor(other, fateful_handler<>(fate)));
    BOOST_TEST(other.poll() == 1u);
    disk.release();
    run_all(context);
    run_all(other);
    BOOST_TEST(fate.called == 3);
}

BOOST_AUTO_TEST_CASE(p13_an_asynchronous_opening_does_not_block) {
    for (call_kind const kind :
         {call_kind::open_root, call_kind::open_file, call_kind::lock, call_kind::status, call_kind::sync}) {
        slow_fixture slow;
        temporary_root other_root;
        slow.disk.hold_at(kind);
        async_open_writer(slow.disk, slow.context.get_executor(), slow.root.path(), fateful_handler<>(slow.fate));
        slow.disk.wait_held();
        async_open_writer(slow.disk, slow.context.get_executor(), other_root.path(), fateful_handler<>(slow.fate));
        BOOST_TEST(slow.context.poll() == 0u);
        slow.disk.release();
        run_all(slow.context);
        BOOST_TEST(slow.fate.called == 2);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p13_loop_test
