/// \file
/// Compares syncing through the commit log with syncing the segments, both with this library, under sustained load: one
/// batch of lines in flight at a time, spread over some categories.
#include <audit_trail.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "support/callback_producer.hpp"
#include "support/latencies.hpp"
#include "support/options.hpp"
#include "support/results.hpp"
#include "support/sample_events.hpp"

namespace {

namespace asio = boost::asio;
using bench::latencies;
using clock = latencies::clock;

struct load {
    std::size_t categories;
    std::size_t lines;  // of a batch

    std::string name() const { return std::to_string(categories) + " categories, " + std::to_string(lines) + " lines"; }
};

struct outcome {
    double events_a_second;
    double p999;  // microseconds, of a batch
    audit_trail::writer_stats stats;
};

std::vector<audit_trail::event_draft> drafts_of(load const& given, std::uint64_t round) {
    std::vector<audit_trail::event_draft> drafts;
    drafts.reserve(given.lines);
    for (std::size_t n = 0; n != given.lines; ++n) {
        drafts.push_back(bench::sample_event_of(round * given.lines + n, n % given.categories));
    }
    return drafts;
}

outcome run(load const& given, std::size_t log_bytes, std::chrono::seconds time, std::filesystem::path const& root) {
    asio::io_context context;
    audit_trail::writer_options options;
    options.commit_log_bytes = log_bytes;
    auto writer = audit_trail::writer::open(context.get_executor(), root, options);
    latencies taken;
    auto const begin = clock::now();
    std::uint64_t rounds = 0;
    for (; clock::now() - begin < time; ++rounds) {
        auto drafts = drafts_of(given, rounds);
        auto const called = clock::now();
        writer.async_append_batch(std::move(drafts), [&](audit_trail::error_code ec, auto const&) {
            bench::check(ec);
            taken.add(clock::now() - called);
        });
        context.restart();
        context.run();
    }
    std::chrono::duration<double> const elapsed = clock::now() - begin;
    outcome const result{static_cast<double>(rounds * given.lines) / elapsed.count(), taken.quantile(0.999),
                         writer.stats()};
    writer.async_close(bench::check);
    context.restart();
    context.run();
    return result;
}

void compare(load const& given, std::chrono::seconds time, std::filesystem::path const& parent,
             bench::results& figures) {
    auto const directory = parent / "audit_trail_bench";
    auto const measure = [&](std::size_t log_bytes) {
        std::filesystem::remove_all(directory);
        std::filesystem::create_directories(directory);
        auto const result = run(given, log_bytes, time, directory / "trail");
        std::filesystem::remove_all(directory);
        return result;
    };
    outcome const segments = measure(0);
    outcome const log = measure(audit_trail::writer_options().commit_log_bytes);
    double const gain = log.events_a_second / segments.events_a_second;
    double const tail = log.p999 / segments.p999;
    std::printf(
        "%s: segments %.0f/s, p99.9 %.0f µs; log %.0f/s, p99.9 %.0f µs: %.2f, p99.9 %.2f; "
        "%ju writes to the log, %ju clearings, %ju times full\n",
        given.name().c_str(), segments.events_a_second, segments.p999, log.events_a_second, log.p999, gain, tail,
        static_cast<std::uintmax_t>(log.stats.commit_log_writes),
        static_cast<std::uintmax_t>(log.stats.commit_log_clearings),
        static_cast<std::uintmax_t>(log.stats.commit_log_full));
    auto const mean_sync = [](outcome const& of) {
        auto const& times = of.stats.sync_time_nanoseconds;
        return static_cast<double>(times.sum) / static_cast<double>(times.count) / 1000;
    };
    std::printf("    a batch waited for its sync: segments %.0f µs, log %.0f µs\n", mean_sync(segments),
                mean_sync(log));
    figures.add(given.name() + ": wait for the log over wait for segments", mean_sync(log) / mean_sync(segments), "x");
    figures.add(given.name() + ": rate of the log over segments", gain, "x");
    figures.add(given.name() + ": p99.9 of the log over segments", tail, "x");
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("Syncing through the commit log, compared with syncing segments");
    int seconds = 10;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    options.add("--seconds", seconds, "length of each run");
    options.add("--directory", directory, "where to write; its file system is measured");
    bench::results figures(options, "commit_log");
    options.parse(argc, argv);
    for (load const given : {load{1, 1}, load{1, 64}, load{1, 500}, load{8, 64}, load{64, 64}}) {
        compare(given, std::chrono::seconds(seconds), directory, figures);
    }
    figures.write();
}
