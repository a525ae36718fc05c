/// \file
/// Measures what a writer keeps for each category: memory and open files.
#include <malloc.h>

#include <audit_trail.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <iostream>
#include <string>

#include "support/options.hpp"
#include "support/results.hpp"
#include "support/sample_events.hpp"
#include "support/writer_scenario.hpp"

namespace {

namespace asio = boost::asio;

/// Files other than segments that are open for a short time: directories that are synced.
constexpr std::size_t other_files = 40;

std::size_t open_files() {
    std::filesystem::directory_iterator const files("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(files), end(files))) - 1;
}

struct memory {
    double heap;      ///< bytes handed out by malloc
    double resident;  ///< bytes in RAM
};

memory memory_now() {
    std::ifstream counters("/proc/self/statm");
    std::uint64_t all_pages = 0;
    std::uint64_t resident_pages = 0;
    counters >> all_pages >> resident_pages;
    ::malloc_trim(0);
    return {static_cast<double>(::mallinfo2().uordblks), static_cast<double>(resident_pages) * 4096};
}

class session {
 public:
    explicit session(std::filesystem::path const& root)
        : writer_(audit_trail::writer::open(context_.get_executor(), root, options())) {}

    /// Appends `count` events to `categories` categories in turn, a few at a time.
    void append(std::uint64_t count, std::uint64_t categories) {
        constexpr std::uint64_t together = 64;
        for (std::uint64_t n = 0; n != count; ++n) {
            writer_.async_record(bench::sample_event_of(n, n % categories), [](auto ec, auto) { bench::check(ec); });
            if (n % together == together - 1) run();
        }
        run();
    }

    void flush() {
        writer_.async_flush(audit_trail::durability::synced, bench::check);
        run();
    }

    void close() {
        writer_.async_close(bench::check);
        run();
    }

    std::size_t most_files() const noexcept { return most_files_; }

 private:
    static audit_trail::writer_options options() {
        audit_trail::writer_options chosen;
        chosen.durability = audit_trail::durability::written;
        return chosen;
    }

    void run() {
        context_.restart();
        context_.run();
        most_files_ = std::max(most_files_, open_files());
    }

    asio::io_context context_;
    audit_trail::writer writer_;
    std::size_t most_files_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    bench::options options("Memory and open files that a writer keeps for each category");
    std::uint64_t categories = 10000;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    options.add("--categories", categories, "categories of the trail");
    options.add("--directory", directory, "where to write");
    bench::results figures(options, "many_categories");
    options.parse(argc, argv);

    auto const root = directory / "audit_trail_categories";
    std::filesystem::remove_all(root);
    std::size_t const files_before = open_files();
    session trail(root);
    trail.append(categories, 1);
    trail.flush();
    memory const one = memory_now();
    trail.append(categories, categories);
    trail.flush();
    memory const all = memory_now();
    trail.close();
    std::filesystem::remove_all(root);

    auto const each = static_cast<double>(categories);
    auto const files = static_cast<double>(trail.most_files() - files_before);
    auto const allowed = static_cast<double>(audit_trail::writer_options().max_open_segments + other_files);
    std::printf("%lu categories, one event each\n", categories);
    figures.add("resident memory of a category", (all.resident - one.resident) / each, "B");
    std::printf("resident memory grew by %.0f bytes a category\n", (all.resident - one.resident) / each);
    figures.compare("heap of a category that idles", (all.heap - one.heap) / each, "B", bench::at_most(1024));
    figures.compare("open files, at most", files, "files", bench::at_most(allowed));
    figures.write();
}
