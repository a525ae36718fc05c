/// \file
/// Measures latencies of appends at half of the peak load, `written` and `synced`. Compares `synced` with a bare group
/// commit: a thread that takes all waiting events, writes them, rolls at 5 MiB, syncs and answers.
///
/// Appends are due on a schedule that does not wait for answers. A latency counts from the time when its append was
/// due, so a late append delays all appends that are due meanwhile. One thread starts due appends and runs the
/// handlers. The peak is measured first, with `--window` appends in flight. One earlier event creates directories and
/// files.
#include <audit_trail.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include "support/callback_producer.hpp"
#include "support/contest.hpp"
#include "support/latencies.hpp"
#include "support/options.hpp"
#include "support/plain_segments.hpp"
#include "support/results.hpp"
#include "support/sample_lines.hpp"
#include "support/writer_scenario.hpp"

namespace {

namespace asio = boost::asio;
using audit_trail::durability;
using bench::latencies;
using clock = latencies::clock;

/// Evenly spaced times, beginning now.
class schedule {
 public:
    explicit schedule(double a_second) : interval_(1e9 / a_second) {}

    clock::time_point due(std::uint64_t n) const {
        return begin_ + std::chrono::nanoseconds(static_cast<std::int64_t>(interval_ * static_cast<double>(n)));
    }

 private:
    double const interval_;
    clock::time_point const begin_ = clock::now();
};

/// Starts each append when it is due, and runs handlers meanwhile.
template <class Start>
void keep_to(schedule const& plan, std::uint64_t events, asio::io_context& context, Start start) {
    auto work = asio::make_work_guard(context);
    for (std::uint64_t n = 0; n != events; ++n) {
        do context.poll();
        while (clock::now() < plan.due(n));
        start(n);
    }
    work.reset();
    context.run();
}

latencies latencies_of_appends(std::filesystem::path const& directory, std::uint64_t events, double a_second,
                               durability wanted) {
    asio::io_context context{1};
    audit_trail::writer_options options;
    options.durability = wanted;
    options.max_waiting_events = events;  // late appends must not be refused
    options.max_waiting_bytes = events * 4096;
    auto writer = audit_trail::writer::open(context.get_executor(), directory / "trail", options);
    writer.async_record(bench::sample_event(0, 1), [](audit_trail::error_code ec, auto const&) { bench::check(ec); });
    context.run();
    context.restart();
    latencies taken;
    taken.reserve(events);
    schedule const plan(a_second);
    keep_to(plan, events, context, [&](std::uint64_t n) {
        auto on_completion = [&taken, due = plan.due(n)](audit_trail::error_code ec, auto const&) {
            bench::check(ec);
            taken.add(clock::now() - due);
        };
        writer.async_record(bench::sample_event(n, 1), on_completion);
    });
    return taken;
}

/// A thread that commits the events that arrived since its last round.
class group_commit_loop {
 public:
    group_commit_loop(std::filesystem::path const& directory, std::uint64_t events) : files_(directory) {
        taken_.reserve(events);
        bench::append_sample_lines(coming_.lines, 1);
        files_.write(coming_.lines.view());
        files_.sync();
        coming_.lines.clear();
        thread_ = std::thread([this] { run(); });
    }

    void append(std::uint64_t id, audit_trail::event_draft const& draft, clock::time_point due) {
        {
            std::lock_guard const hold(mutex_);
            bench::append_line(coming_.lines, id, draft);
            coming_.due.push_back(due);
        }
        came_.notify_one();
    }

    void finish() {
        {
            std::lock_guard const hold(mutex_);
            finishing_ = true;
        }
        came_.notify_one();
        thread_.join();
    }

    latencies& taken() noexcept { return taken_; }

 private:
    struct group {
        audit_trail::detail::text_buffer lines;
        std::vector<clock::time_point> due;
    };

    void run() {
        while (take()) {
            files_.write(bytes_);
            files_.sync();
            auto const now = clock::now();
            for (auto const due : due_) taken_.add(now - due);
        }
    }

    /// Returns false when all events are committed.
    bool take() {
        std::unique_lock hold(mutex_);
        came_.wait(hold, [this] { return finishing_ || !coming_.due.empty(); });
        bytes_.assign(coming_.lines.view());
        coming_.lines.clear();
        due_.clear();
        due_.swap(coming_.due);
        return !due_.empty();
    }

    bench::plain_segments files_;
    latencies taken_;
    std::mutex mutex_;
    std::condition_variable came_;
    group coming_;
    bool finishing_ = false;
    std::string bytes_;
    std::vector<clock::time_point> due_;
    std::thread thread_;
};

latencies latencies_of_group_commits(std::filesystem::path const& directory, std::uint64_t events, double a_second) {
    asio::io_context context{1};
    group_commit_loop loop(directory, events);
    schedule const plan(a_second);
    keep_to(plan, events, context,
            [&](std::uint64_t n) { loop.append(n + 1, bench::sample_event(n, 1), plan.due(n)); });
    loop.finish();
    return std::move(loop.taken());
}

struct contestant {
    std::string name;
    std::function<latencies(std::filesystem::path const& directory)> run;
    std::vector<latencies> rounds{};

    double median_of(double share) {
        std::vector<double> values;
        for (latencies& each : rounds) values.push_back(each.quantile(share));
        std::ranges::sort(values);
        return values[values.size() / 2];
    }

    /// Returns the round whose 99.9th percentile is the median of all rounds.
    latencies& typical_round() {
        double const wanted = median_of(0.999);
        return *std::ranges::find_if(rounds, [&](latencies& each) { return each.quantile(0.999) == wanted; });
    }
};

void run_in_turn(std::vector<contestant>& contestants, int rounds, std::filesystem::path const& parent) {
    auto const directory = parent / "audit_trail_bench";
    for (int round = -1; round != rounds; ++round) {  // round -1 warms up
        for (contestant& each : contestants) {
            std::filesystem::remove_all(directory);
            std::filesystem::create_directories(directory);
            auto taken = each.run(directory);
            if (round >= 0) each.rounds.push_back(std::move(taken));
        }
    }
    std::filesystem::remove_all(directory);
}

double peak_rate(durability wanted, std::uint64_t events, std::uint64_t window,
                 std::filesystem::path const& directory) {
    bench::writer_scenario const given{events, window, 1, 1, wanted};
    auto const run = [given](auto const& where, bench::stopwatch& watch) {
        return bench::run_producers<bench::callback_producer<bench::record>>(given, where, watch);
    };
    return bench::hold_contest({{"peak", run}}, 3, directory)[0].events_a_second;
}

void report(contestant& one, std::filesystem::path const& plots, bench::results& figures) {
    std::printf("%-40s", one.name.c_str());
    for (auto const& [name, share] : {std::pair{"median", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}) {
        std::printf(" %10.0f", one.median_of(share));
        figures.add(one.name + ": " + name, one.median_of(share), "µs");
    }
    std::printf("\n");
    if (plots.empty()) return;
    std::string file = one.name + ".hgrm";
    std::ranges::replace(file, ' ', '_');
    std::ofstream out(plots / file);
    one.typical_round().write_plot_data(out);
    if (!out.flush()) throw std::runtime_error((plots / file).string() + ": can't be written");
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("How long appends take at half of the peak load");
    std::uint64_t events = 300000;
    std::uint64_t window = 4096;
    int rounds = 5;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    std::filesystem::path plots;
    options.add("--events", events, "appends of a round");
    options.add("--window", window, "appends in flight when the peak is measured");
    options.add("--rounds", rounds, "measured rounds, after one that warms up");
    options.add("--directory", directory, "where to write; its file system is measured");
    options.add("--plots", plots, "write the distributions to this directory, for HdrHistogram's plotter or gnuplot");
    bench::results figures(options, "append_latency");
    options.parse(argc, argv);
    if (!plots.empty() && !std::filesystem::is_directory(plots)) {
        throw std::runtime_error(plots.string() + " is not a directory");
    }

    double const written_load = peak_rate(durability::written, events, window, directory) / 2;
    double const synced_load = peak_rate(durability::synced, events, window, directory) / 2;
    std::vector<contestant> contestants{
        {"written",
         [=](auto const& where) { return latencies_of_appends(where, events, written_load, durability::written); }},
        {"synced",
         [=](auto const& where) { return latencies_of_appends(where, events, synced_load, durability::synced); }},
        {"bare group commit",
         [=](auto const& where) { return latencies_of_group_commits(where, events, synced_load); }}};
    run_in_turn(contestants, rounds, directory);

    std::printf("written: %.0f appends/s, synced: %.0f appends/s; latencies in µs, medians of %d rounds\n",
                written_load, synced_load, rounds);
    std::printf("%-40s %10s %10s %10s %10s\n", "", "median", "p90", "p99", "p99.9");
    for (contestant& each : contestants) report(each, plots, figures);
    figures.add("written: load", written_load, "events/s");
    figures.add("synced: load", synced_load, "events/s");
    figures.compare("written: p99.9 over median", contestants[0].median_of(0.999) / contestants[0].median_of(0.5), "x",
                    bench::at_most(10));
    figures.compare("synced: p99.9 over that of a bare group commit",
                    contestants[1].median_of(0.999) / contestants[2].median_of(0.999), "x", bench::at_most(1.5));
    figures.write();
}
