// Follows the library's writer at full speed, while it is closed and opened again, and through kill -9.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <audit_trail/follower.hpp>
#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"

#ifndef AUDIT_TRAIL_TEST_EVENTS
#define AUDIT_TRAIL_TEST_EVENTS 200000
#endif

namespace audit_trail::test::writer_test {
namespace {

constexpr std::uint64_t many_events = AUDIT_TRAIL_TEST_EVENTS;

event_draft draft_of(std::uint64_t number) {
    std::string const domain = number % 3 == 0 ? "shop" : "depot";
    std::string const category = "c" + std::to_string(number % 7);
    return event_draft(domain, category, "model-" + std::to_string(number), operation::create, "somebody")
        .with_payload(payload::from_create({{"number", number}, {"text", std::string(number % 200, 'x')}}));
}

/// Keeps a number of appends in flight until all are acknowledged.
class appender {
 public:
    appender(writer& trail, std::uint64_t count) : trail_(trail), count_(count) {}

    void start() {
        for (int n = 0; n != window; ++n) append_next();
    }
    std::uint64_t last_id() const noexcept { return last_id_; }

 private:
    static constexpr int window = 500;

    void append_next() {
        if (started_ == count_) return;
        trail_.async_record(draft_of(started_++), [this](error_code ec, receipt const& noted) {
            if (ec) throw boost::system::system_error(ec);
            last_id_ = noted.event_id;
            append_next();
        });
    }

    writer& trail_;
    std::uint64_t const count_;
    std::uint64_t started_ = 0;
    std::uint64_t last_id_ = 0;
};

writer_options quick_options() {
    writer_options options;
    options.durability = durability::written;
    options.max_segment_bytes = 200'000;
    return options;
}

/// Follows on its own thread. From time to time a new follower continues where the previous one ended.
class restarting_reader {
 public:
    explicit restarting_reader(std::filesystem::path root) : root_(std::move(root)), thread_([this] { run(); }) {}

    /// Follows up to `last_id`, then returns all lines.
    std::vector<stored_line> finish(std::uint64_t last_id) {
        last_id_ = last_id;
        asio::post(context_, [this] {
            if (seen_through_ >= last_id_) context_.stop();
        });
        thread_.join();
        return std::move(seen_);
    }
    std::uint64_t seen_through() const noexcept { return seen_through_; }
    std::uint64_t findings() const noexcept { return findings_; }

 private:
    void run() {
        for (std::uint64_t round = 0; seen_through_ < last_id_; ++round) {
            follower trail(context_.get_executor(), root_, {}, seen_through_ + 1);
            ask(trail, 1 + round * 7919 % 20'000);
            context_.restart();
            context_.run();
            findings_ += trail.report().total;
        }
        context_.restart();
        context_.run();
    }

    void ask(follower& trail, std::uint64_t left) {
        trail.async_next([this, &trail, left](error_code ec, entry found) {
            if (ec) return;
            seen_through_ = found.event.event_id;
            seen_.push_back({found.event.event_id, std::move(found.line)});
            if (left > 1 && seen_through_ < last_id_) ask(trail, left - 1);
        });
    }

    std::filesystem::path const root_;
    asio::io_context context_;
    std::atomic<std::uint64_t> last_id_ = ~std::uint64_t{0};
    std::atomic<std::uint64_t> seen_through_ = 0;
    std::atomic<std::uint64_t> findings_ = 0;
    std::vector<stored_line> seen_;
    std::thread thread_;
};

/// Checks that the files contain exactly the lines that the follower returned, each once and in the order of ids.
void check_seen(std::vector<stored_line> const& seen, std::filesystem::path const& root) {
    auto const stored = read_trail(root);
    BOOST_REQUIRE(seen.size() == stored.size());
    for (std::size_t n = 0; n != seen.size(); ++n) {
        if (seen[n].id == stored[n].id && seen[n].text == stored[n].text) continue;
        BOOST_FAIL("event " << stored[n].id << " of the files, but " << seen[n].id << " was given");
    }
}

/// A child process that appends until it is killed. It is forked before this process has threads, and waits for
/// `start`.
class killable_writer {
 public:
    explicit killable_writer(std::filesystem::path const& root) {
        if (::pipe(start_.data()) != 0) throw std::runtime_error("pipe");
        child_ = ::fork();
        if (child_ < 0) throw std::runtime_error("fork");
        if (child_ == 0) append_until_killed(root);
        ::close(start_[0]);
    }
    ~killable_writer() {
        kill();
        ::close(start_[1]);
    }
    killable_writer(killable_writer const&) = delete;

    void start() {
        if (::write(start_[1], "x", 1) != 1) throw std::runtime_error("write");
    }
    void kill() {
        if (child_ < 0) return;
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
        child_ = -1;
    }

 private:
    [[noreturn]] void append_until_killed(std::filesystem::path const& root) {
        ::close(start_[1]);
        char byte;
        if (::read(start_[0], &byte, 1) != 1) ::_exit(1);
        asio::io_context context;
        auto trail = writer::open(context.get_executor(), root, quick_options());
        appender source(trail, ~std::uint64_t{0});
        source.start();
        context.run();
        ::_exit(1);
    }

    std::array<int, 2> start_{};
    pid_t child_ = -1;
};

}  // namespace

// This test runs first, since it must fork before there are threads.
BOOST_AUTO_TEST_CASE(p15_killed_writers_are_followed_without_loss) {
    temporary_root root;
    std::filesystem::create_directories(root.path());
    std::array<std::optional<killable_writer>, 12> writers;
    for (auto& writer : writers) writer.emplace(root.path());
    restarting_reader reader(root.path());
    std::uint64_t round = 0;
    for (auto& writer : writers) {
        std::uint64_t const wanted = reader.seen_through() + 1 + 997 * round++;
        writer->start();
        wait_until([&] { return reader.seen_through() >= wanted; });
        writer.reset();
    }
    asio::io_context context;
    auto last = writer::open(context.get_executor(), root.path(), quick_options());
    appender source(last, 1000);
    source.start();
    context.run();
    auto const seen = reader.finish(source.last_id());
    check_seen(seen, root.path());
    BOOST_TEST(reader.findings() == 0u);
}

BOOST_AUTO_TEST_CASE(p15_every_event_of_a_fast_writer_is_returned_once_and_in_order) {
    temporary_root root;
    asio::io_context context;
    auto trail = writer::open(context.get_executor(), root.path(), quick_options());
    restarting_reader reader(root.path());
    appender source(trail, many_events);
    source.start();
    context.run();
    BOOST_TEST(source.last_id() == many_events);
    auto const seen = reader.finish(many_events);
    BOOST_TEST(seen.size() == many_events);
    check_seen(seen, root.path());
    BOOST_TEST(reader.findings() == 0u);
}

BOOST_AUTO_TEST_CASE(p15_writers_that_are_closed_and_opened_again_are_followed) {
    temporary_root root;
    std::filesystem::create_directories(root.path());
    restarting_reader reader(root.path());
    std::uint64_t last_id = 0;
    for (std::uint64_t round = 1; round <= 20; ++round) {
        asio::io_context context;
        auto trail = writer::open(context.get_executor(), root.path(), quick_options());
        appender source(trail, round * 100);
        source.start();
        context.run();
        last_id = source.last_id();
        bool closed = false;
        trail.async_close([&](error_code ec) { closed = !ec; });
        run_all(context);
        BOOST_TEST(closed);
    }
    auto const seen = reader.finish(last_id);
    check_seen(seen, root.path());
    BOOST_TEST(reader.findings() == 0u);
}

BOOST_AUTO_TEST_CASE(p15_an_acknowledged_event_is_returned_next) {
    temporary_root root;
    asio::io_context context;
    auto trail = writer::open(context.get_executor(), root.path());
    running_context reading;
    follower followed(reading.get_executor(), root.path(), {}, 1);
    for (std::uint64_t number = 1; number <= 200; ++number) {
        auto appended = trail.async_append(draft_of(number), asio::use_future);
        run_all(context);
        entry const found = followed.async_next(asio::use_future).get();
        BOOST_TEST(found.event.event_id == appended.get().event_id);
        BOOST_TEST(found.event.model_name == "model-" + std::to_string(number));
    }
}

BOOST_AUTO_TEST_CASE(calls_of_one_thread_complete_in_the_order_of_their_initiation) {
    constexpr int calls = 20'000;
    running_context of_writer, of_follower;
    writer_options options;
    options.durability = durability::written;
    temporary_root own;
    writer trail = writer::open(of_writer.get_executor(), own.path(), options);
    follower events(of_follower.get_executor(), own.path(), {}, 1);
    std::atomic<int> called{0};
    std::atomic<bool> in_order{true};
    for (int n = 0; n != calls; ++n) {
        trail.async_record(draft_of(static_cast<std::uint64_t>(n)), [](error_code, receipt const&) {});
        events.async_next([&, n](error_code ec, entry const&) {
            if (ec || called++ != n) in_order = false;
        });
        if (n - called > 8) wait_until([&] { return n - called < 4; });
    }
    wait_until([&] { return called == calls; });
    BOOST_TEST(in_order);
}

}  // namespace audit_trail::test::writer_test
