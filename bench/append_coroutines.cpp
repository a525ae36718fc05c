/// \file
/// Compares appends that 256 coroutines on one thread await with as many chains of callbacks, and with coroutines that
/// only go to a strand on another thread and back, with nothing to do there or with an event to write.
#include <audit_trail.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>

#include "support/callback_producer.hpp"
#include "support/contest.hpp"
#include "support/coroutine_producer.hpp"
#include "support/options.hpp"
#include "support/raw_file.hpp"
#include "support/results.hpp"
#include "support/sample_lines.hpp"
#include "support/writer_scenario.hpp"

namespace {

namespace asio = boost::asio;
using audit_trail::durability;

constexpr std::uint64_t coroutines = 256;

/// Each coroutine goes to the strand and back repeatedly. `Errand` defines what it takes with it and does there.
template <class Errand>
class hopping_coroutines {
 public:
    hopping_coroutines(std::filesystem::path const& directory, std::uint64_t hops) : errand_(directory), hops_(hops) {}

    void run() {
        for (std::uint64_t n = 0; n != coroutines; ++n) asio::co_spawn(home_, hop_repeatedly(), asio::detached);
        home_.run();
        other_.join();
    }

 private:
    asio::awaitable<void> hop_repeatedly() {
        while (started_ != hops_) {
            auto const taken_along = errand_.begin(started_++);
            co_await asio::post(asio::bind_executor(strand_, asio::use_awaitable));
            errand_.do_there(taken_along);
            co_await asio::post(home_, asio::use_awaitable);
        }
    }

    Errand errand_;
    std::uint64_t const hops_;
    std::uint64_t started_ = 0;
    asio::io_context home_{1};
    asio::thread_pool other_{1};
    asio::strand<asio::thread_pool::executor_type> strand_{other_.get_executor()};
};

struct no_errand {
    explicit no_errand(std::filesystem::path const&) {}
    std::uint64_t begin(std::uint64_t n) { return n; }
    void do_there(std::uint64_t) {}
};

/// Imitates a server without a library: builds an event, and encodes and writes it on the strand.
class writing_errand {
 public:
    explicit writing_errand(std::filesystem::path const& directory) : file_(directory / "lines") {}

    audit_trail::event_draft begin(std::uint64_t n) { return bench::sample_event(n, 1); }

    void do_there(audit_trail::event_draft const& draft) {
        line_.clear();
        bench::append_line(line_, ++last_id_, draft);
        file_.write(line_.view());
    }

 private:
    bench::raw_file file_;
    audit_trail::detail::text_buffer line_;
    std::uint64_t last_id_ = 0;
};

template <class Errand>
bench::contestant hops(std::string const& name, std::uint64_t count) {
    return {name, [count](auto const& directory, auto&) {
                hopping_coroutines<Errand>(directory, count).run();
                return count;
            }};
}

template <class Producer>
bench::contestant appends(std::string const& name, std::uint64_t events) {
    bench::writer_scenario const given{events, coroutines, 1, 1, durability::written};
    return {name, [given](auto const& directory, bench::stopwatch& watch) {
                return bench::run_producers<Producer>(given, directory, watch);
            }};
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("Awaited appends, beside callbacks and beside a bare hop to another thread");
    std::uint64_t events = 400000;
    int rounds = 7;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    options.add("--events", events, "events that each contestant writes");
    options.add("--rounds", rounds, "measured rounds, after one that warms up");
    options.add("--directory", directory, "where to write");
    bench::results figures(options, "append_coroutines");
    options.parse(argc, argv);

    using bench::append;
    using bench::record;
    auto const standings =
        bench::hold_contest({appends<bench::coroutine_producer<append>>("async_append, co_await", events),
                             appends<bench::callback_producer<append>>("async_append, callbacks", events),
                             appends<bench::coroutine_producer<record>>("async_record, co_await", events),
                             appends<bench::callback_producer<record>>("async_record, callbacks", events),
                             hops<no_errand>("hop to a strand and back, co_await", events),
                             hops<writing_errand>("the same with an event that is written there", events)},
                            rounds, directory);
    bench::print_standings(standings, {});
    bench::add_standings(figures, standings);

    auto const rate = [&](std::size_t n) { return standings[n].events_a_second; };
    figures.compare("async_append: co_await over callbacks", rate(0) / rate(1), "x", bench::at_least(0.8));
    figures.compare("async_record: co_await over callbacks", rate(2) / rate(3), "x", bench::at_least(0.8));
    figures.compare("async_append: co_await over a hop", rate(0) / rate(4), "x", bench::at_least(1.2));
    figures.compare("async_record: co_await over a hop", rate(2) / rate(4), "x", bench::at_least(1.2));
    figures.compare("async_append: co_await over a hop that writes", rate(0) / rate(5), "x", bench::at_least(1.2));
    figures.compare("async_record: co_await over a hop that writes", rate(2) / rate(5), "x", bench::at_least(1.2));
    figures.write();
}
