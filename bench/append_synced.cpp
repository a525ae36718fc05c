/// \file
/// What `durability::synced` costs over the bare system calls on the same file system: one append under way beside a
/// write and an fdatasync of its line; 64 under way in eight categories beside a loop that writes and syncs eight files
/// in parallel; 1,024 under way beside whole batches written and synced.
#include <CLI/CLI.hpp>
#include <array>
#include <audit_trail.hpp>
#include <barrier>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <thread>

#include "support/callback_producer.hpp"
#include "support/contest.hpp"
#include "support/latencies.hpp"
#include "support/raw_file.hpp"
#include "support/references.hpp"
#include "support/results.hpp"
#include "support/sample_lines.hpp"
#include "support/writer_scenario.hpp"

namespace {

namespace asio = boost::asio;
using audit_trail::durability;
using audit_trail::detail::text_buffer;
using bench::latencies;
using clock = latencies::clock;

constexpr unsigned files = 8;
constexpr std::uint64_t few = 64;
constexpr std::uint64_t many = 1024;

/// Appends, and waits for each. A latency reaches from the call to its handler; the draft was built before.
class lonely_appends {
 public:
    explicit lonely_appends(std::filesystem::path const& root)
        : writer_(audit_trail::writer::open(context_.get_executor(), root)) {}

    void run(std::uint64_t count, latencies& taken) {
        for (std::uint64_t n = 0; n != count; ++n) {
            auto draft = bench::sample_event(started_++, 1);
            auto const begin = clock::now();
            clock::time_point end;
            writer_.async_append(std::move(draft), [&](audit_trail::error_code ec, auto const&) {
                bench::check(ec);
                end = clock::now();
            });
            context_.restart();
            context_.run();
            taken.add(end - begin);
        }
    }

 private:
    asio::io_context context_;
    audit_trail::writer writer_;
    std::uint64_t started_ = 0;
};

class lonely_writes {
 public:
    explicit lonely_writes(std::filesystem::path const& directory) : file_(directory / "raw") {
        bench::append_sample_lines(line_, 1);
    }

    void run(std::uint64_t count, latencies& taken) {
        for (std::uint64_t n = 0; n != count; ++n) {
            auto const begin = clock::now();
            file_.write(line_.view());
            file_.sync();
            taken.add(clock::now() - begin);
        }
    }

 private:
    bench::raw_file file_;
    text_buffer line_;
};

/// In short turns, so that both meet the same moods of the disk.
void compare_one_by_one(std::filesystem::path const& parent, std::uint64_t events, bench::results& figures) {
    auto const directory = parent / "audit_trail_bench";
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    {
        constexpr std::uint64_t turn = 20;
        lonely_appends appends(directory / "trail");
        lonely_writes writes(directory);
        latencies warming_up;
        appends.run(turn, warming_up);
        writes.run(turn, warming_up);
        latencies of_appends;
        latencies of_writes;
        while (of_appends.count() < events) {
            appends.run(turn, of_appends);
            writes.run(turn, of_writes);
        }
        figures.add("one under way: median latency", of_appends.median(), "µs");
        figures.add("write + fdatasync: median latency", of_writes.median(), "µs");
        std::printf("one under way: median %.0f µs; write + fdatasync: median %.0f µs\n", of_appends.median(),
                    of_writes.median());
        figures.compare("one under way: median latency over write + fdatasync",
                        of_appends.median() / of_writes.median(), "x", bench::at_most(1.15));
    }
    std::filesystem::remove_all(directory);
}

/// Each round writes `few` lines, its share to each file, and syncs the files at the same time, each on a thread of its
/// own.
std::uint64_t parallel_loop(std::filesystem::path const& directory, std::uint64_t events) {
    std::uint64_t const rounds = std::max<std::uint64_t>(events / few, 1);
    std::barrier all_synced(files);
    auto const append_to_one = [&](unsigned n) {
        text_buffer lines;
        bench::append_sample_lines(lines, few / files);
        bench::raw_file file(directory / std::to_string(n));
        for (std::uint64_t round = 0; round != rounds; ++round) {
            file.write(lines.view());
            file.sync();
            all_synced.arrive_and_wait();
        }
    };
    std::vector<std::jthread> others;
    for (unsigned n = 1; n != files; ++n) others.emplace_back(append_to_one, n);
    append_to_one(0);
    return rounds * few;
}

bench::contestant appends_under_way(std::string const& name, bench::writer_scenario given) {
    return {name, [given](auto const& directory, bench::stopwatch& watch) {
                return bench::run_producers<bench::callback_producer<bench::append>>(given, directory, watch);
            }};
}

double ratio(std::vector<bench::standing> const& standings) {
    return standings[0].events_a_second / standings[1].events_a_second;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("What syncing every append costs over the bare system calls");
    std::uint64_t lonely_events = 2000;
    std::uint64_t events = 200000;
    int rounds = 5;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    app.add_option("--appends", lonely_events, "appends of which one is under way")->capture_default_str();
    app.add_option("--events", events, "events of a contestant with many under way")->capture_default_str();
    app.add_option("--rounds", rounds, "measured rounds, after one that warms up")->capture_default_str();
    app.add_option("--directory", directory, "where to write; its file system is measured")->capture_default_str();
    bench::results figures(app, "append_synced");
    CLI11_PARSE(app, argc, argv);

    compare_one_by_one(directory, lonely_events, figures);

    std::uint64_t const in_files = std::max(events / 4, few);
    bench::writer_scenario const eight_files{in_files, few, 1, files, durability::synced};
    auto const parallel = bench::hold_contest(
        {appends_under_way("64 under way, 8 categories", eight_files),
         {"8 files synced in parallel", [=](auto const& where, auto&) { return parallel_loop(where, in_files); }}},
        rounds, directory);
    bench::print_standings(parallel, {"8 files synced in parallel"});
    bench::add_standings(figures, parallel);
    figures.compare("64 under way, 8 categories: time an event over 8 files synced in parallel", 1 / ratio(parallel),
                    "x", bench::at_most(1.3));

    bench::writer_scenario const one_file{events, many, 1, 1, durability::synced};
    auto const batched = bench::hold_contest(
        {appends_under_way("1,024 under way", one_file),
         {"batches of 1,024", [=](auto const& where, auto&) { return bench::synced_batches(where, events, many); }}},
        rounds, directory);
    bench::print_standings(batched, {"batches of 1,024"});
    bench::add_standings(figures, batched);
    figures.compare("1,024 under way: rate over batches written and synced", ratio(batched), "x", bench::at_least(0.8));
    figures.write();
}
