/// \file
/// Measures events per second of the writer: each kind of token, one and two producers, both durabilities, one and
/// eight categories; and of a synchronous loop and a plain post to a strand.
///
/// A producer is a thread with an io_context, on which it starts appends and runs their handlers, with `--window`
/// appends in flight. It builds every event; a line has about 300 bytes. A contestant's time includes opening the trail
/// and all completions. It does not include closing, which syncs everything, because the references sync nothing.
#include <audit_trail.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <deque>
#include <future>
#include <iostream>
#include <thread>

#include "support/callback_producer.hpp"
#include "support/contest.hpp"
#include "support/coroutine_producer.hpp"
#include "support/options.hpp"
#include "support/references.hpp"
#include "support/results.hpp"
#include "support/sample_events.hpp"
#include "support/writer_scenario.hpp"

namespace {

namespace asio = boost::asio;
using audit_trail::durability;
using bench::append;
using bench::callback_producer;
using bench::coroutine_producer;
using bench::record;
using scenario = bench::writer_scenario;

/// Waits for the oldest future when the window is full. Another thread runs the completions.
template <class Append>
class future_producer {
 public:
    future_producer(audit_trail::writer& writer, scenario const& given, std::uint64_t events)
        : writer_(writer), given_(given), events_(events) {}

    void run() {
        auto work = asio::make_work_guard(context_);
        std::thread completions([this] { context_.run(); });
        std::deque<std::future<typename Append::answer>> under_way;
        for (std::uint64_t n = 0; n != events_; ++n) {
            if (under_way.size() == given_.window) {
                under_way.front().get();
                under_way.pop_front();
            }
            under_way.push_back(start(n));
        }
        for (auto& future : under_way) future.get();
        work.reset();
        completions.join();
    }

 private:
    auto start(std::uint64_t n) {
        return Append::start(writer_, bench::sample_event(n, given_.categories), given_.wanted,
                             asio::bind_executor(context_.get_executor(), asio::use_future));
    }

    audit_trail::writer& writer_;
    scenario const& given_;
    std::uint64_t const events_;
    asio::io_context context_{1};
};

template <class Producer>
bench::contestant make_contestant(std::string const& method, scenario given) {
    std::string const name = method + ", " + (given.wanted == durability::written ? "written" : "synced") + ", " +
                             std::to_string(given.producers) + (given.producers == 1 ? " producer, " : " producers, ") +
                             std::to_string(given.categories) + (given.categories == 1 ? " category" : " categories");
    return {name, [given](auto const& directory, bench::stopwatch& watch) {
                return bench::run_producers<Producer>(given, directory, watch);
            }};
}

std::vector<bench::contestant> all_contestants(std::uint64_t events, std::uint64_t window) {
    std::vector<bench::contestant> all;
    all.push_back({"loop", [=](auto const& directory, auto&) { return bench::synchronous_loop(directory, events); }});
    all.push_back(
        {"post", [=](auto const& directory, auto&) { return bench::plain_post(directory, events / 4, window); }});
    for (durability const wanted : {durability::written, durability::synced}) {
        for (unsigned const producers : {1u, 2u, 4u}) {
            for (unsigned const categories : {1u, 8u}) {
                scenario const given{events, window, producers, categories, wanted};
                all.push_back(make_contestant<callback_producer<record>>("async_record, callbacks", given));
                all.push_back(make_contestant<callback_producer<append>>("async_append, callbacks", given));
                if (producers == 4) continue;
                all.push_back(make_contestant<coroutine_producer<record>>("async_record, awaitables", given));
                all.push_back(make_contestant<coroutine_producer<append>>("async_append, awaitables", given));
                all.push_back(make_contestant<future_producer<record>>("async_record, futures", given));
                all.push_back(make_contestant<future_producer<append>>("async_append, futures", given));
            }
        }
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("Events per second of the writer, of a synchronous loop and of a plain post to a strand");
    std::uint64_t events = 400000;
    std::uint64_t window = 4096;
    int rounds = 5;
    std::string filter;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    options.add("--events", events, "events that each contestant writes");
    options.add("--window", window, "appends in flight for each producer");
    options.add("--rounds", rounds, "measured rounds, after one that warms up");
    options.add("--only", filter, "run the references and the contestants whose name holds this text");
    options.add("--directory", directory, "where to write; its file system is measured");
    bench::results figures(options, "append_throughput");
    options.parse(argc, argv);

    auto contestants = all_contestants(events, window);
    std::erase_if(contestants, [&](bench::contestant const& each) {
        return each.name != "loop" && each.name != "post" && each.name.find(filter) == std::string::npos;
    });
    auto const standings = bench::hold_contest(contestants, rounds, directory);
    bench::print_standings(standings, {"loop", "post"});
    bench::add_standings(figures, standings);
    figures.write();
}
