/// \file
/// Measures the memory of a writer if events arrive faster than it can write them: the peak of the process minus its
/// memory with an idle writer. Compares it with the writer's limits plus a fixed allowance.
///
/// `wait`: one coroutine per append in flight, as many as the limits admit. `reject`: one thread appends without
/// waiting, and another thread runs the handlers. Each scenario runs in its own process.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <audit_trail.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "support/options.hpp"
#include "support/results.hpp"
#include "support/sample_events.hpp"

namespace {

namespace asio = boost::asio;
using audit_trail::error_code;
using audit_trail::overflow;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t allowance = 32 * mebibyte;

struct scenario {
    std::string name;
    std::uint64_t events;
    audit_trail::writer_options options;
};

struct outcome {
    std::uint64_t stored = 0;
    std::uint64_t refused = 0;
    std::uint64_t idle = 0;
    std::uint64_t peak = 0;
};

/// Returns the peak of this process's resident memory in bytes.
std::uint64_t resident_peak() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::uint64_t limit_of(audit_trail::writer_options const& options) {
    return options.max_pending_bytes + (options.overflow == overflow::wait ? options.max_waiting_bytes : 0);
}

/// Returns how many appends fit within the limits. Assumes more memory per append than the writer uses.
std::uint64_t lanes_within(audit_trail::writer_options const& options) {
    constexpr std::uint64_t bytes_per_append = 2048;
    return std::min<std::uint64_t>(options.max_pending_events + options.max_waiting_events,
                                   limit_of(options) / bytes_per_append);
}

class awaiting_producer {
 public:
    awaiting_producer(audit_trail::writer& writer, asio::io_context& context, scenario const& given)
        : writer_(writer), context_(context), given_(given) {}

    void run(outcome& result) {
        for (std::uint64_t n = 0; n != lanes_within(given_.options); ++n) {
            asio::co_spawn(context_, append_repeatedly(), [](std::exception_ptr failure) {
                if (failure) std::rethrow_exception(failure);
            });
        }
        context_.run();
        result.stored = writer_.stats().acknowledged;
        result.refused = writer_.stats().rejected;
    }

 private:
    asio::awaitable<void> append_repeatedly() {
        while (started_ != given_.events) {
            auto draft = bench::sample_event(started_++, 1);
            co_await writer_.async_append(std::move(draft), asio::use_awaitable);
        }
    }

    audit_trail::writer& writer_;
    asio::io_context& context_;
    scenario const& given_;
    std::uint64_t started_ = 0;
};

class unlimited_producer {
 public:
    unlimited_producer(audit_trail::writer& writer, asio::io_context& context, scenario const& given)
        : writer_(writer), context_(context), given_(given) {}

    void run(outcome& result) {
        auto work = asio::make_work_guard(context_);
        std::thread producer([&] {
            for (std::uint64_t n = 0; n != given_.events; ++n) append(n, result);
            work.reset();
        });
        context_.run();
        producer.join();
    }

 private:
    void append(std::uint64_t n, outcome& result) {
        writer_.async_append(bench::sample_event(n, 1), [&result](error_code ec, audit_trail::event const&) {
            if (ec && ec != audit_trail::error::queue_full) throw boost::system::system_error(ec);
            ++(ec ? result.refused : result.stored);
        });
    }

    audit_trail::writer& writer_;
    asio::io_context& context_;
    scenario const& given_;
};

template <class Producer>
outcome measure(scenario const& given, std::filesystem::path const& root) {
    asio::io_context context;
    auto writer = audit_trail::writer::open(context.get_executor(), root, given.options);
    outcome result;
    result.idle = resident_peak();
    Producer(writer, context, given).run(result);
    result.peak = resident_peak();
    if (result.stored + result.refused != given.events) throw std::logic_error("events are missing");
    return result;
}

outcome run(scenario const& given, std::filesystem::path const& root) {
    bool const waits = given.options.overflow == overflow::wait;
    return waits ? measure<awaiting_producer>(given, root) : measure<unlimited_producer>(given, root);
}

/// Runs the scenario in the child, and writes its outcome to the pipe.
int run_and_report(scenario const& given, std::filesystem::path const& root, int pipe) {
    try {
        outcome const result = run(given, root);
        return ::write(pipe, &result, sizeof result) == sizeof result ? 0 : 1;
    } catch (std::exception const& failure) {
        std::cerr << given.name << ": " << failure.what() << '\n';
        return 1;
    }
}

/// Requires: the process has no other thread, because it forks.
outcome run_in_a_child_process(scenario const& given, std::filesystem::path const& parent) {
    auto const root = parent / ("audit_trail_memory." + std::to_string(::getpid()));
    std::filesystem::remove_all(root);
    int ends[2];
    if (::pipe(ends) != 0) throw std::system_error(errno, std::system_category(), "pipe");
    pid_t const child = ::fork();
    if (child == 0) ::_exit(run_and_report(given, root, ends[1]));
    ::close(ends[1]);
    outcome result;
    bool const told = ::read(ends[0], &result, sizeof result) == sizeof result;
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    std::filesystem::remove_all(root);
    if (!told) throw std::runtime_error(given.name + ": no outcome");
    return result;
}

double in_mebibytes(std::uint64_t bytes) {
    return static_cast<double>(bytes) / mebibyte;
}

/// Prints the outcome. Returns true if the memory stayed within the bounds.
bool report(scenario const& given, outcome const& result, bench::results& figures) {
    std::uint64_t const grown = result.peak - result.idle;
    bool const within = grown <= limit_of(given.options) + allowance;
    std::printf("%-24s %9lu %9lu %10.1f %10.1f %10.1f %10.1f   %s\n", given.name.c_str(), result.stored, result.refused,
                in_mebibytes(limit_of(given.options)), in_mebibytes(result.idle), in_mebibytes(result.peak),
                in_mebibytes(grown), within ? "within" : "OVER");
    std::fflush(stdout);
    double const over = in_mebibytes(grown) - in_mebibytes(limit_of(given.options));
    figures.add(given.name + ": grown", in_mebibytes(grown), "MiB");
    figures.add(given.name + ": over the limits", over, "MiB");
    return within;
}

std::vector<scenario> all_scenarios(std::uint64_t events) {
    audit_trail::writer_options small;
    small.max_pending_bytes = small.max_waiting_bytes = 8 * mebibyte;
    std::vector<scenario> all{{"wait, default limits", events, {}}, {"wait, small limits", events, small}};
    all.push_back({"reject, default limits", events, {}});
    all.push_back({"reject, small limits", events, small});
    for (scenario& each : all) {
        each.options.durability = audit_trail::durability::written;
        if (each.name.starts_with("reject")) each.options.overflow = overflow::reject;
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("The memory that a writer takes when events come faster than it can write them");
    std::uint64_t events = 5'000'000;
    std::string filter;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    options.add("--events", events, "events of each scenario");
    options.add("--only", filter, "run the scenarios whose name holds this text");
    options.add("--directory", directory, "where to write");
    bench::results figures(options, "append_memory");
    options.parse(argc, argv);

    std::printf("%-24s %9s %9s %10s %10s %10s %10s   (MiB; at most %lu over the limits)\n", "", "stored", "refused",
                "limits", "idle", "peak", "grown", allowance / mebibyte);
    std::fflush(stdout);
    bool within = true;
    for (scenario const& each : all_scenarios(events)) {
        if (each.name.find(filter) == std::string::npos) continue;
        within &= report(each, run_in_a_child_process(each, directory), figures);
    }
    figures.write();
    return within ? 0 : 1;
}
