/// \file
/// Compares `durability::synced` with the bare system calls on the same file system: one append in flight with a write
/// and an fdatasync of its line, on the same thread and on another one, and with one synced write into a file that was
/// filled before; 64 in flight in eight categories with a loop that writes and syncs eight files in parallel; 64 in
/// flight in many categories with one category; 1,024 in flight with prepared batches as large as the writer's, written
/// and synced.
#include <algorithm>
#include <array>
#include <audit_trail.hpp>
#include <barrier>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <iostream>
#include <thread>

#include "support/callback_producer.hpp"
#include "support/contest.hpp"
#include "support/latencies.hpp"
#include "support/options.hpp"
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

/// Appends one event at a time. A latency is the time from the call to its handler, without building the draft.
class single_appends {
 public:
    explicit single_appends(std::filesystem::path const& root)
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

class single_writes {
 public:
    explicit single_writes(std::filesystem::path const& directory) : file_(directory / "raw") {
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

/// The same on another thread, as an asynchronous server does it: some disks are slower after each pause.
class posted_writes {
 public:
    explicit posted_writes(std::filesystem::path const& directory) : file_(directory / "posted") {
        bench::append_sample_lines(line_, 1);
    }

    void run(std::uint64_t count, latencies& taken) {
        for (std::uint64_t n = 0; n != count; ++n) {
            auto const begin = clock::now();
            clock::time_point end;
            asio::post(thread_, [&, work = asio::make_work_guard(context_)] {
                file_.write(line_.view());
                file_.sync();
                asio::post(context_, [&] { end = clock::now(); });
            });
            context_.restart();
            context_.run();
            taken.add(end - begin);
        }
    }

 private:
    bench::raw_file file_;
    text_buffer line_;
    asio::io_context context_;
    asio::thread_pool thread_{1};
};

/// Overwrites bytes of a file that has its final size, as a write to the commit log does.
class single_overwrites {
 public:
    explicit single_overwrites(std::filesystem::path const& directory)
        : file_(directory / "overwritten", bench::write_mode::overwrite) {
        bench::append_sample_lines(line_, 1);
        for (std::size_t size = 0; size < file_bytes; size += line_.size()) file_.write(line_.view());
        file_.sync();
    }

    void run(std::uint64_t count, latencies& taken) {
        for (std::uint64_t n = 0; n != count; ++n) {
            auto const begin = clock::now();
            file_.overwrite_synced(at_, line_.view());
            taken.add(clock::now() - begin);
            at_ = (at_ + line_.size()) % (file_bytes - line_.size());
        }
    }

 private:
    static constexpr std::size_t file_bytes = 1024 * 1024;

    bench::raw_file file_;
    text_buffer line_;
    std::size_t at_ = 0;
};

/// Alternates in short turns, because the speed of the disk changes over time.
void compare_one_by_one(std::filesystem::path const& parent, std::uint64_t events, bench::results& figures) {
    auto const directory = parent / "audit_trail_bench";
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    {
        constexpr std::uint64_t turn = 20;
        single_appends appends(directory / "trail");
        single_writes writes(directory);
        posted_writes posted(directory);
        single_overwrites overwrites(directory);
        latencies warming_up;
        appends.run(turn, warming_up);
        writes.run(turn, warming_up);
        posted.run(turn, warming_up);
        overwrites.run(turn, warming_up);
        latencies of_appends;
        latencies of_writes;
        latencies of_posted;
        latencies of_overwrites;
        while (of_appends.count() < events) {
            appends.run(turn, of_appends);
            writes.run(turn, of_writes);
            posted.run(turn, of_posted);
            overwrites.run(turn, of_overwrites);
        }
        figures.add("synced overwrite: median latency", of_overwrites.median(), "µs");
        std::printf("synced overwrite: median %.0f µs\n", of_overwrites.median());
        figures.add("one in flight: median latency", of_appends.median(), "µs");
        figures.add("write + fdatasync: median latency", of_writes.median(), "µs");
        figures.add("write + fdatasync on another thread: median latency", of_posted.median(), "µs");
        std::printf("one in flight: median %.0f µs; write + fdatasync: median %.0f µs, on another thread %.0f µs\n",
                    of_appends.median(), of_writes.median(), of_posted.median());
        figures.compare("one in flight: median latency over write + fdatasync on another thread",
                        of_appends.median() / of_posted.median(), "x", bench::at_most(1.0));
        figures.compare("one in flight: median latency over write + fdatasync",
                        of_appends.median() / of_writes.median(), "x", bench::at_most(1.0));
    }
    std::filesystem::remove_all(directory);
}

/// Each round writes `few` lines, divided among the files, and syncs the files in parallel, each on its own thread.
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

template <class Append>
bench::contestant in_flight(std::string const& name, bench::writer_scenario given) {
    return {name, [given](auto const& directory, bench::stopwatch& watch) {
                return bench::run_producers<bench::callback_producer<Append>>(given, directory, watch);
            }};
}

double ratio(bench::standing const& one, bench::standing const& other) {
    return one.events_a_second / other.events_a_second;
}

void compare_in_files(std::filesystem::path const& directory, std::uint64_t events, int rounds,
                      bench::results& figures) {
    bench::writer_scenario const given{events, few, 1, files, durability::synced};
    auto const standings = bench::hold_contest(
        {in_flight<bench::record>("async_record, 64 in flight, 8 categories", given),
         in_flight<bench::append>("async_append, 64 in flight, 8 categories", given),
         {"8 files synced in parallel", [=](auto const& where, auto&) { return parallel_loop(where, events); }}},
        rounds, directory);
    bench::print_standings(standings, {"8 files synced in parallel"});
    bench::add_standings(figures, standings);
    auto const& reference = standings.back();
    figures.compare("async_record, 64 in flight, 8 categories: time per event over 8 files synced in parallel",
                    ratio(reference, standings[0]), "x", bench::at_most(0.6));
    figures.compare("async_append, 64 in flight, 8 categories: time per event over 8 files synced in parallel",
                    ratio(reference, standings[1]), "x", bench::at_most(0.6));
}

/// Many categories cost more than their syncs: files are opened and closed, and 10,000 directories are created.
void compare_many_categories(std::filesystem::path const& directory, std::uint64_t events, int rounds,
                             bench::results& figures) {
    auto const contestant = [](std::string const& name, std::uint64_t count, unsigned categories) {
        return in_flight<bench::record>(name, {count, few, 1, categories, durability::synced});
    };
    auto const standings = bench::hold_contest(
        {contestant("64 in flight, 1,000 categories", events, 1000),
         contestant("64 in flight, 10,000 new categories", std::min<std::uint64_t>(events, 10000), 10000),
         contestant("64 in flight, 8 categories", events, files), contestant("64 in flight, 1 category", events, 1)},
        rounds, directory);
    bench::print_standings(standings, {"64 in flight, 1 category"});
    bench::add_standings(figures, standings);
    auto const& one = standings.back();
    for (std::size_t n = 0; n != 2; ++n) {
        figures.compare(standings[n].name + ": time per event over 1 category", ratio(one, standings[n]), "x",
                        bench::at_most(2));
    }
    figures.compare("64 in flight, 8 categories: time per event over 1 category", ratio(one, standings[2]), "x",
                    bench::at_most(1.25));
}

/// Returns the mean number of events in a batch.
template <class Append>
std::uint64_t mean_batch(bench::writer_scenario const& given, std::filesystem::path const& parent) {
    auto const directory = parent / "audit_trail_bench";
    std::filesystem::remove_all(directory);
    asio::io_context context;
    auto writer = audit_trail::writer::open(context.get_executor(), directory / "trail");
    bench::callback_producer<Append>(writer, given, given.events).run();
    auto const stats = writer.stats();
    writer.async_close(bench::check);
    context.run();
    std::filesystem::remove_all(directory);
    return std::max<std::uint64_t>(stats.acknowledged / stats.batches, 1);
}

/// Returns the median of three runs.
template <class Append>
std::uint64_t usual_batch(bench::writer_scenario const& given, std::filesystem::path const& parent) {
    std::array<std::uint64_t, 3> sizes{};
    for (auto& size : sizes) size = mean_batch<Append>(given, parent);
    std::ranges::sort(sizes);
    return sizes[1];
}

template <class Append>
void compare_with_batches(std::string const& call, std::filesystem::path const& directory, std::uint64_t events,
                          int rounds, bench::results& figures) {
    bench::writer_scenario const given{events, many, 1, 1, durability::synced};
    std::uint64_t const usual = usual_batch<Append>(given, directory);
    auto const batches = [events](std::uint64_t size) {
        return [=](auto const& where, auto&) { return bench::synced_batches(where, events, size); };
    };
    std::string const as_large = "batches as large as those of " + call;
    std::string const large = "batches of 1,024 beside " + call;
    auto const standings = bench::hold_contest(
        {in_flight<Append>(call + ", 1,024 in flight", given), {as_large, batches(usual)}, {large, batches(many)}},
        rounds, directory);
    bench::print_standings(standings, {as_large, large});
    bench::add_standings(figures, standings);
    figures.add(call + ", 1,024 in flight: batch", static_cast<double>(usual), "events");
    std::printf("batches of %s: %ju events\n", call.c_str(), static_cast<std::uintmax_t>(usual));
    figures.compare(call + ", 1,024 in flight: rate over batches as large as its own",
                    ratio(standings[0], standings[1]), "x", bench::at_least(0.85));
    figures.compare(call + ", 1,024 in flight: rate over batches of 1,024", ratio(standings[0], standings[2]), "x",
                    bench::at_least(0.85));
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("The cost of syncing every append, compared with the bare system calls");
    std::uint64_t single_events = 2000;
    std::uint64_t events = 200000;
    int rounds = 5;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    options.add("--appends", single_events, "appends, one in flight at a time");
    options.add("--events", events, "events of a contestant with many in flight");
    options.add("--rounds", rounds, "measured rounds, after one that warms up");
    options.add("--directory", directory, "where to write; its file system is measured");
    bench::results figures(options, "append_synced");
    options.parse(argc, argv);

    compare_one_by_one(directory, single_events, figures);
    compare_in_files(directory, std::max(events / 4, few), rounds, figures);
    compare_many_categories(directory, std::max(events / 4, few), rounds, figures);
    compare_with_batches<bench::record>("async_record", directory, events, rounds, figures);
    compare_with_batches<bench::append>("async_append", directory, events, rounds, figures);
    figures.write();
}
