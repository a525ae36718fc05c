// Tests writers that work on an executor of the user.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <limits>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "support/processes.hpp"
#include "support/unreliable_executor.hpp"
#include "writer/disk_writer.hpp"
#include "writer/held_disk.hpp"
#include "writer/held_writer.hpp"

namespace audit_trail::test::disk_executor_test {

using boost::test_tools::per_element;

namespace {

writer_options on_executor(asio::any_io_executor executor) {
    writer_options options;
    options.durability = durability::written;
    options.disk_executor = std::move(executor);
    return options;
}

std::size_t threads_of_this_process() {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}));
}

struct disk_executor_fixture {
    temporary_root root;
    asio::io_context context;
    handler_fate fate;

    void record(writer& trail, int count) {
        for (int n = 0; n != count; ++n) trail.async_record(make_draft(), fateful_handler<>(fate));
    }
};

class sync_counter : public forwarding_file_system {
 public:
    std::size_t syncs() const noexcept { return syncs_; }

 private:
    void before_call(call_kind kind) override {
        if (kind == call_kind::sync) ++syncs_;
    }

    std::size_t syncs_ = 0;
};

/// One draft for each category, large enough that the commit log must be cleared afterwards.
std::vector<event_draft> drafts_of_categories(std::size_t count) {
    std::vector<event_draft> drafts;
    for (std::size_t n = 0; n != count; ++n) {
        auto& draft = drafts.emplace_back("domain", "category-" + std::to_string(n), "m", operation::create, "u");
        draft.payload = payload::from_create({{"text", std::string(1500, 'x')}});
    }
    return drafts;
}

/// The next function is lost with an exception.
void throw_once(executor_faults& faults) {
    faults.throws_from = faults.given;
    faults.throws_to = faults.throws_from + 1;
}

/// Posts to a context. A thread can be held inside `execute`, before it uses the context.
class holding_executor {
 public:
    struct gate {
        std::atomic<bool> holds{false}, is_held{false}, is_open{false};
    };

    holding_executor(asio::io_context& context, gate& held) : context_(&context), gate_(&held) {}

    asio::io_context& query(asio::execution::context_t) const noexcept { return *context_; }
    static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
        return asio::execution::blocking.never;
    }
    template <class Function>
    void execute(Function function) const {
        if (gate_->holds.exchange(false)) {
            gate_->is_held = true;
            wait_until([this] { return gate_->is_open.load(); });
        }
        asio::post(*context_, std::move(function));
    }
    bool operator==(holding_executor const& other) const noexcept { return context_ == other.context_; }
    bool operator!=(holding_executor const& other) const noexcept { return !(*this == other); }

 private:
    asio::io_context* context_;
    gate* gate_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(disk_executors, disk_executor_fixture)

BOOST_AUTO_TEST_CASE(many_writers_share_two_threads) {
    constexpr int writers = 100;
    constexpr int events = 50;
    asio::thread_pool disk(2);
    std::size_t const threads_before = threads_of_this_process();
    std::vector<writer> trails;
    for (int n = 0; n != writers; ++n) {
        auto options = on_executor(disk.get_executor());
        options.durability = n % 10 == 0 ? durability::synced : durability::written;
        trails.push_back(writer::open(context.get_executor(), root.path() / std::to_string(n), options));
    }
    for (int n = 0; n != events; ++n) {
        for (auto& trail : trails) record(trail, 1);
    }
    run_all(context);
    BOOST_TEST(fate.called == writers * events);
    BOOST_TEST(threads_of_this_process() == threads_before);
    for (auto& trail : trails) trail.async_close([](error_code ec) { BOOST_TEST(!ec, ec.message()); });
    run_all(context);
    for (int n = 0; n != writers; ++n) BOOST_TEST((ids_in(root.path() / std::to_string(n)) == ids_up_to(events)));
}

BOOST_AUTO_TEST_CASE(files_are_synced_on_the_shared_threads) {
    asio::thread_pool disk(3);
    auto options = on_executor(disk.get_executor());
    options.durability = durability::synced;
    std::size_t const threads_before = threads_of_this_process();
    writer trail = writer::open(context.get_executor(), root.path(), options);
    std::vector<event_draft> drafts;
    for (int n = 0; n != 20; ++n)
        drafts.emplace_back("domain", "category-" + std::to_string(n), "m", operation::create, "u");
    std::size_t answered = 0;
    trail.async_append_batch(std::move(drafts), [&](error_code ec, std::vector<event> const& events) {
        BOOST_TEST(!ec, ec.message());
        answered = events.size();
    });
    run_all(context);
    BOOST_TEST(answered == 20u);
    BOOST_TEST(trail.stats().last_synced_event_id == 20u);
    BOOST_TEST(threads_of_this_process() == threads_before);
}

BOOST_AUTO_TEST_CASE(clearing_the_log_syncs_at_most_32_files_before_other_functions_have_their_turn) {
    constexpr std::size_t categories = 100;
    sync_counter system;
    asio::io_context disk;
    auto options = on_executor(disk.get_executor());
    options.durability = durability::synced;
    options.commit_log_bytes = 256 * 1024;
    options.max_open_segments = 8;
    writer trail = open_writer(system, context.get_executor(), root.path(), options);
    trail.async_record(make_draft(), fateful_handler<>(fate));
    run_all(disk);  // prepares the log
    trail.async_append_batch(drafts_of_categories(categories),
                             [](error_code ec, std::vector<event> const&) { BOOST_TEST(!ec, ec.message()); });
    std::vector<std::size_t> syncs;
    disk.restart();
    for (auto before = system.syncs(); disk.poll_one() != 0; before = system.syncs()) {
        syncs.push_back(system.syncs() - before);
    }
    BOOST_TEST(*std::ranges::max_element(syncs) <= 32u);
    BOOST_TEST(std::accumulate(syncs.begin(), syncs.end(), std::size_t{0}) >= categories);
    run_all(context);
    BOOST_TEST(trail.stats().commit_log_clearings == 0u);
    trail.async_record(make_draft(), fateful_handler<>(fate));
    run_all(disk);
    run_all(context);
    BOOST_TEST(trail.stats().commit_log_clearings == 1u);
}

BOOST_AUTO_TEST_CASE(an_asynchronous_opening_runs_on_the_shared_executor) {
    asio::thread_pool disk(1);
    bool opened = false;
    writer::async_open(context.get_executor(), root.path(), on_executor(disk.get_executor()),
                       [&](error_code ec, writer trail) {
                           BOOST_TEST(!ec, ec.message());
                           opened = trail.is_open();
                       });
    run_all(context);
    BOOST_TEST(opened);
    disk.join();
    BOOST_TEST(can_be_opened(root.path()));
}

BOOST_AUTO_TEST_CASE(p10_a_context_does_not_wait_for_a_pool_that_was_stopped) {
    asio::thread_pool disk(1);
    {
        asio::io_context home;
        writer trail = writer::open(home.get_executor(), root.path(), on_executor(disk.get_executor()));
        disk.stop();
        disk.join();
        record(trail, 5);
    }
    BOOST_TEST(fate.destroyed_uncalled == 5);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(5));
    BOOST_TEST(can_be_opened(root.path()));
}

BOOST_AUTO_TEST_CASE(p10_destroying_the_disk_executor_first_closes_the_writer) {
    auto disk = std::make_unique<asio::thread_pool>(1);
    writer trail = writer::open(context.get_executor(), root.path(), on_executor(disk->get_executor()));
    disk->stop();
    record(trail, 5);
    disk.reset();
    BOOST_TEST(ids_in(root.path()) == ids_up_to(5));
    BOOST_TEST(can_be_opened(root.path()));
    BOOST_TEST(!trail.is_open());
    run_all(context);
    BOOST_TEST(fate.called == 5);
    error_code answer;
    trail.async_record(make_draft(), [&](error_code ec, receipt const&) { answer = ec; });
    run_all(context);
    BOOST_TEST(answer == error::closed);
}

BOOST_AUTO_TEST_CASE(p10_the_home_context_may_be_the_disk_context) {
    for (bool const keeps_handle : {false, true}) {
        temporary_root own_root;
        handler_fate own_fate;
        writer trail;
        {
            asio::io_context both;
            trail = writer::open(both.get_executor(), own_root.path(), on_executor(both.get_executor()));
            for (int n = 0; n != 3; ++n) trail.async_record(make_draft(), fateful_handler<>(own_fate));
            run_until(both, [&] { return own_fate.called == 3; });
            for (int n = 0; n != 3; ++n) trail.async_record(make_draft(), fateful_handler<>(own_fate));
            if (!keeps_handle) trail = writer();
        }
        BOOST_TEST(own_fate.destroyed_uncalled == 3);
        BOOST_TEST(ids_in(own_root.path()) == ids_up_to(6));
        BOOST_TEST(can_be_opened(own_root.path()));
    }
}

BOOST_AUTO_TEST_CASE(a_hung_disk_blocks_one_thread_of_the_shared_executor) {
    held_disk hanging;
    asio::thread_pool disk(2);
    asio::io_context other_context;
    writer held = open_writer(hanging, context.get_executor(), root.path() / "held", on_executor(disk.get_executor()));
    writer other = writer::open(other_context.get_executor(), root.path() / "other", on_executor(disk.get_executor()));
    hanging.hold_at(call_kind::append);
    record(held, 1);
    hanging.wait_held();
    int answered = 0;
    for (int n = 0; n != 100; ++n) other.async_record(make_draft(), [&](error_code, receipt const&) { ++answered; });
    run_until(other_context, [&] { return answered == 100; });
    BOOST_TEST(fate.called == 0);
    hanging.release();
    run_all(context);
    BOOST_TEST(fate.called == 1);
}

BOOST_AUTO_TEST_CASE(p04_a_disk_executor_that_throws_fails_queued_calls_and_the_writer_continues) {
    executor_faults faults;
    asio::io_context disk;
    writer trail = writer::open(context.get_executor(), root.path(), on_executor(unreliable_executor(disk, faults)));
    std::vector<error_code> answers;
    auto const run = [&] {
        run_all(disk);
        run_all(context);
    };
    auto const append = [&] {
        trail.async_record(make_draft(), [&](error_code ec, receipt const&) { answers.push_back(ec); });
        run();
    };
    append();
    throw_once(faults);
    append();
    append();
    BOOST_TEST_REQUIRE(answers.size() == 3u);
    BOOST_TEST(!answers[0]);
    BOOST_TEST((answers[1] == boost::system::errc::not_enough_memory));
    BOOST_TEST((answers[1] == condition::not_written));
    BOOST_TEST(!answers[2]);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(2), per_element());

    answers.clear();
    auto const close = [&] {
        trail.async_close([&](error_code ec) { answers.push_back(ec); });
        run();
    };
    throw_once(faults);
    close();
    close();
    BOOST_TEST_REQUIRE(answers.size() == 2u);
    BOOST_TEST((answers[0] == boost::system::errc::not_enough_memory));
    BOOST_TEST(!answers[1]);
    BOOST_TEST(can_be_opened(root.path()));
}

BOOST_AUTO_TEST_CASE(p10_a_context_does_not_wait_for_a_disk_executor_that_always_throws) {
    executor_faults faults;
    asio::io_context disk;
    {
        asio::io_context home;
        writer trail = writer::open(home.get_executor(), root.path(), on_executor(unreliable_executor(disk, faults)));
        record(trail, 2);
        faults.throws_from = 0;
        faults.throws_to = std::numeric_limits<int>::max();
        record(trail, 2);
    }
    BOOST_TEST(fate.destroyed_uncalled == 4);
    BOOST_TEST(can_be_opened(root.path()));
}

BOOST_AUTO_TEST_CASE(p10_a_disk_executors_context_waits_for_a_thread_that_posts_to_it) {
    holding_executor::gate gate;
    auto disk = std::make_unique<asio::io_context>();
    writer trail = writer::open(context.get_executor(), root.path(), on_executor(holding_executor(*disk, gate)));
    gate.holds = true;
    std::thread caller([&] { record(trail, 1); });
    wait_until([&] { return gate.is_held.load(); });
    std::thread destroyer([&] { disk.reset(); });
    wait_until([&] { return can_be_opened(root.path()); });
    gate.is_open = true;
    caller.join();
    destroyer.join();
    run_all(context);
    BOOST_TEST(fate.called == 1);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1), per_element());
}

BOOST_AUTO_TEST_CASE(p04_a_file_size_limit_is_an_error_and_no_signal_on_threads_of_the_user) {
    BOOST_TEST(exit_code_of_child_that([&] {
                   rlimit const limit{8192, 8192};
                   setrlimit(RLIMIT_FSIZE, &limit);
                   asio::thread_pool disk(1);
                   asio::io_context loop;
                   auto options = on_executor(disk.get_executor());
                   writer trail = writer::open(loop.get_executor(), root.path(), options);
                   int failed = 0;
                   for (int n = 0; n != 10; ++n) {
                       trail.async_record(make_draft(std::string(3000, 'x')), [&](error_code ec, receipt const&) {
                           if (ec == boost::system::errc::file_too_large) ++failed;
                       });
                       loop.restart();
                       loop.run();
                   }
                   return failed != 0 ? 0 : 1;
               }) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::disk_executor_test
