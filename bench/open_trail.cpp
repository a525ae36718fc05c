/// \file
/// Measures how long opening a large trail takes and how much is read: after a clean close, and after a writer was
/// killed that had appended the lines of one batch.
///
/// In both cases, another process has appended these lines. The files are in the page cache, except pages that the
/// opening itself drops from it.
#include <sys/wait.h>
#include <unistd.h>

#include <audit_trail.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <fstream>
#include <iostream>

#include "storage/backward_lines.hpp"
#include "support/latencies.hpp"
#include "support/options.hpp"
#include "support/prefilled_trail.hpp"
#include "support/results.hpp"
#include "support/sample_events.hpp"
#include "support/writer_scenario.hpp"

namespace {

namespace asio = boost::asio;
using audit_trail::durability;
using clock = bench::latencies::clock;

/// The number of lines of a full batch: about 256 KiB.
constexpr std::uint64_t batch_lines = 850;

enum class end { clean, killed };

/// Returns the number of bytes that this process has read.
std::uint64_t bytes_read() {
    std::ifstream counters("/proc/self/io");
    std::string name;
    std::uint64_t value = 0;
    counters >> name >> value;
    if (name != "rchar:") throw std::runtime_error("/proc/self/io: no rchar");
    return value;
}

[[noreturn]] void append_and_end(std::filesystem::path const& root, std::uint64_t categories, end wanted) {
    asio::io_context context;
    auto writer = audit_trail::writer::open(context.get_executor(), root);
    for (std::uint64_t n = 0; n != batch_lines; ++n) {
        writer.async_record(bench::sample_event_of(n, n % categories), durability::written,
                            [](auto ec, auto) { bench::check(ec); });
    }
    context.run();
    if (wanted == end::killed) ::raise(SIGKILL);
    writer.async_close(bench::check);
    context.restart();
    context.run();
    ::_exit(0);
}

/// Requires: the process has no other thread, because it forks.
void append_in_another_process(std::filesystem::path const& root, std::uint64_t categories, end wanted) {
    pid_t const child = ::fork();
    if (child == 0) append_and_end(root, categories, wanted);
    int status = 0;
    ::waitpid(child, &status, 0);
    bool const as_wanted = wanted == end::killed ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!as_wanted) throw std::runtime_error("the process that appends failed");
}

struct opening {
    std::string name;
    std::uint64_t touched_categories;
    end last_end;
    bench::latencies taken{};
    std::uint64_t bytes = 0;
};

void measure(std::filesystem::path const& root, opening& how) {
    append_in_another_process(root, how.touched_categories, how.last_end);
    asio::io_context context;
    std::uint64_t const read_before = bytes_read();
    auto const begin = clock::now();
    auto writer = audit_trail::writer::open(context.get_executor(), root);
    how.taken.add(clock::now() - begin);
    how.bytes = bytes_read() - read_before;
    if (writer.recovery().clean != (how.last_end == end::clean))
        throw std::logic_error("the trail had another end than expected");
    writer.async_close(bench::check);
    context.run();
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("How long opening a large trail takes, and how much of it is read");
    bench::trail_size size{200, 10, 200};
    int rounds = 15;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    options.add("--categories", size.categories, "categories of the trail");
    options.add("--segments", size.segments, "segments of each category");
    options.add("--lines", size.lines, "lines of each segment, about 300 bytes each");
    options.add("--rounds", rounds, "openings of each kind");
    options.add("--directory", directory, "where to write");
    bench::results figures(options, "open_trail");
    options.parse(argc, argv);

    auto const root = directory / "audit_trail_open";
    std::filesystem::remove_all(root);
    bench::prefill_trail(root, size);
    std::vector<opening> openings{{"after a clean close", 1, end::clean},
                                  {"killed, lines of one category", 1, end::killed},
                                  {"killed, lines of eight categories", 8, end::killed}};
    for (int round = 0; round != rounds; ++round) {
        for (opening& each : openings) measure(root, each);
    }
    std::filesystem::remove_all(root);

    std::printf("%lu segments in %lu categories\n", size.segments * size.categories, size.categories);
    std::printf("%-40s %12s %12s %12s\n", "", "median ms", "highest ms", "KiB read");
    for (opening& each : openings) {
        double const kibibytes = static_cast<double>(each.bytes) / 1024;
        std::printf("%-40s %12.2f %12.2f %12.0f\n", each.name.c_str(), each.taken.median() / 1000,
                    each.taken.quantile(1) / 1000, kibibytes);
        figures.add(each.name + ": median", each.taken.median() / 1000, "ms");
        figures.add(each.name + ": read", kibibytes, "KiB");
    }
    constexpr double others = 4;  // index.json, the lock file, and /proc/self/io
    constexpr double tail = audit_trail::storage::backward_lines::chunk_bytes / 1024;
    double const tails = static_cast<double>(size.categories) * tail + others;
    double const clean = openings[0].taken.median() / 1000;
    figures.compare("clean: median", clean, "ms", bench::at_most(50));
    figures.compare("clean: bytes read over the tails of all categories",
                    static_cast<double>(openings[0].bytes) / 1024 / tails, "x", bench::at_most(1));
    figures.compare("killed, one category: over clean", openings[1].taken.median() / 1000 / clean, "x",
                    bench::at_most(2));
    figures.compare("killed, eight categories: over clean", openings[2].taken.median() / 1000 / clean, "x",
                    bench::at_most(2));
    figures.write();
}
