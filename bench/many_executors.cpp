/// \file
/// Measures many appends in flight, with handlers on one executor, on a strand each, or as futures.
#include <audit_trail.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <vector>

#include "support/contest.hpp"
#include "support/options.hpp"
#include "support/results.hpp"
#include "support/sample_events.hpp"
#include "support/writer_scenario.hpp"

namespace {

namespace asio = boost::asio;
using audit_trail::durability;

/// Starts `window` appends and waits for all of them, `turns` times.
struct scenario {
    std::uint64_t window;
    std::uint64_t turns;
};

template <class Turn>
std::uint64_t run(scenario const& given, std::filesystem::path const& directory, bench::stopwatch& watch, Turn turn) {
    asio::io_context context;
    auto writer = audit_trail::writer::open(context.get_executor(), directory / "trail");
    for (std::uint64_t n = 0; n != given.turns; ++n) turn(writer, context);
    watch.stop();
    writer.async_close(bench::check);
    context.restart();
    context.run();
    return given.window * given.turns;
}

void run_handlers(asio::io_context& context) {
    context.restart();
    context.run();
}

void check_receipt(audit_trail::error_code ec, audit_trail::receipt const&) {
    bench::check(ec);
}

bench::contestant one_executor(scenario const& given) {
    return {"one executor", [given](auto const& directory, auto& watch) {
                return run(given, directory, watch, [&](auto& writer, auto& context) {
                    for (std::uint64_t n = 0; n != given.window; ++n) {
                        writer.async_record(bench::sample_event(n, 1), durability::written, check_receipt);
                    }
                    run_handlers(context);
                });
            }};
}

bench::contestant strands(scenario const& given) {
    return {"a strand each", [given](auto const& directory, auto& watch) {
                std::vector<asio::strand<asio::io_context::executor_type>> each;
                return run(given, directory, watch, [&](auto& writer, auto& context) {
                    while (each.size() != given.window) each.push_back(asio::make_strand(context));
                    for (std::uint64_t n = 0; n != given.window; ++n) {
                        writer.async_record(bench::sample_event(n, 1), durability::written,
                                            asio::bind_executor(each[n], check_receipt));
                    }
                    run_handlers(context);
                    each.clear();
                });
            }};
}

bench::contestant futures(scenario const& given) {
    return {"a future each", [given](auto const& directory, auto& watch) {
                return run(given, directory, watch, [&](auto& writer, auto&) {
                    std::vector<std::future<audit_trail::receipt>> all;
                    for (std::uint64_t n = 0; n != given.window; ++n) {
                        all.push_back(
                            writer.async_record(bench::sample_event(n, 1), durability::written, asio::use_future));
                    }
                    for (auto& each : all) each.get();
                });
            }};
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("Many appends in flight, with one executor or many executors");
    scenario given{8000, 20};
    int rounds = 7;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    options.add("--appends", given.window, "appends in flight");
    options.add("--turns", given.turns, "how often all of them are started and awaited");
    options.add("--rounds", rounds, "measured rounds, after one that warms up");
    options.add("--directory", directory, "where to write");
    bench::results figures(options, "many_executors");
    options.parse(argc, argv);

    auto const standings =
        bench::hold_contest({one_executor(given), strands(given), futures(given)}, rounds, directory);
    bench::print_standings(standings, {"one executor"});
    bench::add_standings(figures, standings);
    auto const rate = [&](std::size_t n) { return standings[n].events_a_second; };
    figures.compare("a strand each: time to one executor", rate(0) / rate(1), "x", bench::at_most(5));
    figures.compare("a future each: time to one executor", rate(0) / rate(2), "x", bench::at_most(5));
    figures.write();
}
