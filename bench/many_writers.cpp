/// \file
/// Measures 1,000 writers that share one disk executor, against a single writer: rate, threads, memory, open files.
#include <sys/resource.h>

#include <audit_trail.hpp>
#include <audit_trail/verify.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/contest.hpp"
#include "support/options.hpp"
#include "support/results.hpp"
#include "support/sample_events.hpp"
#include "support/writer_scenario.hpp"

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

struct scenario {
    std::size_t writers;
    std::uint64_t events;
    std::size_t threads;
};

struct usage {
    double threads;
    double files;
    double resident;  // bytes
};

std::size_t count_entries(char const* directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

usage usage_now() {
    std::ifstream counters("/proc/self/statm");
    std::uint64_t all_pages = 0;
    std::uint64_t resident_pages = 0;
    counters >> all_pages >> resident_pages;
    return {static_cast<double>(count_entries("/proc/self/task")), static_cast<double>(count_entries("/proc/self/fd")),
            static_cast<double>(resident_pages) * 4096};
}

/// A server with a trail for each tenant.
class tenants {
 public:
    tenants(fs::path const& directory, std::size_t count, asio::any_io_executor const& disk) : directory_(directory) {
        audit_trail::writer_options options;
        options.durability = audit_trail::durability::written;
        options.disk_executor = disk;
        for (std::size_t n = 0; n != count; ++n) {
            writers_.push_back(audit_trail::writer::open(context_, directory / std::to_string(n), options));
        }
        acknowledged_.resize(count);
    }

    /// Appends the events in turn to all writers. Every writer's receipts must name the ids 1, 2, 3 and so on.
    void append(std::uint64_t events) {
        for (std::uint64_t n = 0; n != events; ++n) {
            std::size_t const tenant = n % writers_.size();
            writers_[tenant].async_record(
                bench::sample_event(n, 1),
                [this, tenant](audit_trail::error_code ec, audit_trail::receipt const& answer) {
                    bench::check(ec);
                    if (answer.event_id != ++acknowledged_[tenant]) wrong_id();
                    --pending_;
                });
            if (++pending_ < max_pending) continue;
            while (pending_ > max_pending / 2) context_.run_one();
        }
        context_.run();
        context_.restart();
    }

    void close() {
        for (auto& writer : writers_) writer.async_close(bench::check);
        context_.run();
        context_.restart();
    }

    /// Reads the files again.
    void verify() const {
        for (std::size_t n = 0; n != writers_.size(); ++n) {
            auto const report = audit_trail::verify(directory_ / std::to_string(n));
            if (report.total_findings != 0 || report.lines != acknowledged_[n]) wrong_id();
        }
    }

 private:
    static constexpr std::uint64_t max_pending = 8 * 1024;

    [[noreturn]] static void wrong_id() { throw std::logic_error("an event is missing or has a wrong id"); }

    asio::io_context context_;
    fs::path const directory_;
    std::vector<audit_trail::writer> writers_;
    std::vector<std::uint64_t> acknowledged_;  // by each writer
    std::uint64_t pending_ = 0;
};

void allow_many_files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

bench::contestant shared_executor(scenario const& given) {
    return {"writers that share an executor", [given](auto const& directory, auto& watch) {
                asio::thread_pool disk(given.threads);
                tenants all(directory, given.writers, disk.get_executor());
                watch.restart();
                all.append(given.events);
                watch.stop();
                all.close();
                return given.events;
            }};
}

bench::contestant one_writer(scenario const& given) {
    return {"one writer", [given](auto const& directory, auto& watch) {
                tenants one(directory, 1, {});
                watch.restart();
                one.append(given.events);
                watch.stop();
                one.close();
                return given.events;
            }};
}

void measure_usage(scenario const& given, fs::path const& parent, bench::results& figures) {
    fs::path const directory = parent / "audit_trail_many_writers";
    fs::remove_all(directory);
    asio::thread_pool disk(given.threads);
    usage const before = usage_now();
    tenants all(directory, given.writers, disk.get_executor());
    usage const opened = usage_now();
    all.append(given.events);
    usage const used = usage_now();
    all.close();
    all.verify();
    fs::remove_all(directory);

    auto const writers = static_cast<double>(given.writers);
    std::printf("%lu events over %zu writers: every id is right\n", given.events, given.writers);
    figures.compare("further threads", used.threads - before.threads, "threads", bench::at_most(0));
    figures.compare("open files of a writer", (used.files - before.files) / writers, "files", bench::at_most(8));
    figures.compare("memory of an open writer", (opened.resident - before.resident) / writers / 1024, "KiB",
                    bench::at_most(64));
    figures.compare("memory of a writer after the events", (used.resident - before.resident) / writers / 1024, "KiB",
                    bench::at_most(1024));
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("Many writers on one disk executor");
    scenario given{1000, 1'000'000, 4};
    int rounds = 3;
    fs::path directory = fs::temp_directory_path();
    options.add("--writers", given.writers, "writers, each with a root of its own");
    options.add("--events", given.events, "events, in turn to all writers");
    options.add("--threads", given.threads, "threads of the executor");
    options.add("--rounds", rounds, "measured rounds, after one that warms up");
    options.add("--directory", directory, "where to write");
    bench::results figures(options, "many_writers");
    options.parse(argc, argv);

    allow_many_files();
    measure_usage(given, directory, figures);
    auto const standings = bench::hold_contest({one_writer(given), shared_executor(given)}, rounds, directory);
    bench::print_standings(standings, {"one writer"});
    bench::add_standings(figures, standings);
    figures.write();
}
