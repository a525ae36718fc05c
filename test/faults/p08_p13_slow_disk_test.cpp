// Tests P8 and P13 if each sync takes 200 ms and events arrive without end: memory stays within the limits, every call
// completes, and the caller's event loop is as responsive as without a writer.
#include <sys/syscall.h>
#include <unistd.h>
#include <audit_trail/writer.hpp>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "support/drafts.hpp"
#include "support/processes.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"

namespace {

/// Replaces the function of the C library, also for the library under test.
int sync_slowly(long number, int file) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return static_cast<int>(::syscall(number, file));
}

}  // namespace

extern "C" int fdatasync(int file) {
    return sync_slowly(SYS_fdatasync, file);
}

extern "C" int fsync(int file) {
    return sync_slowly(SYS_fsync, file);
}

namespace audit_trail::test::p08_p13_slow_disk_test {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr std::size_t allowance = 8 * mebibyte;

bool is_soak() {
    return std::getenv("AUDIT_TRAIL_SOAK") != nullptr;
}

steady_clock::duration load_time() {
    return std::chrono::seconds(is_soak() ? 30 : 3);
}

std::size_t resident_bytes() {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Keeps an event loop busy for some time, and measures how late a timer in this loop is.
class busy_loop {
 public:
    explicit busy_loop(asio::io_context& context) : context_(context), timer_(context) {}

    /// Calls `turn` as often as possible; it may post functions.
    void run(std::function<void()> turn, steady_clock::duration time) {
        turn_ = std::move(turn);
        end_ = steady_clock::now() + time;
        take_turn();
        set_timer();
        context_.restart();
        context_.run();
    }

    std::chrono::nanoseconds lateness(double share) {
        auto const nth =
            lateness_.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(lateness_.size() - 1));
        std::nth_element(lateness_.begin(), nth, lateness_.end());
        return *nth;
    }
    std::size_t peak() const { return peak_; }

 private:
    void take_turn() {
        if (steady_clock::now() >= end_) return;
        turn_();
        asio::post(context_, [this] { take_turn(); });
    }

    void set_timer() {
        if (steady_clock::now() >= end_) return;
        timer_.expires_after(std::chrono::milliseconds(1));
        timer_.async_wait([this](error_code) {
            lateness_.push_back(steady_clock::now() - timer_.expiry());
            peak_ = std::max(peak_, resident_bytes());
            set_timer();
        });
    }

    asio::io_context& context_;
    asio::steady_timer timer_;
    std::function<void()> turn_;
    steady_clock::time_point end_;
    std::vector<std::chrono::nanoseconds> lateness_;
    std::size_t peak_ = 0;
};

event_draft sizeable_draft() {
    return make_draft(std::string(400, 'x'));
}

/// The same work without a writer.
std::chrono::nanoseconds lateness_without_a_writer() {
    asio::io_context context;
    busy_loop loop(context);
    std::size_t bytes = 0;
    loop.run(
        [&] {
            auto draft = sizeable_draft();
            asio::post(context, [&bytes, size = draft.model_name.size()] { bytes += size; });
        },
        load_time() / 4);
    return loop.lateness(0.99);
}

struct tally {
    std::uint64_t begun = 0;
    std::uint64_t stored = 0;
    std::uint64_t refused = 0;
    std::uint64_t failed = 0;

    void append(writer& trail) {
        ++begun;
        trail.async_record(sizeable_draft(), [this](error_code ec, receipt const&) {
            ++(!ec ? stored : ec == error::queue_full ? refused : failed);
        });
    }
    bool is_complete() const { return failed == 0 && stored + refused == begun && stored != 0 && refused != 0; }
};

writer_options small_limits(overflow when_full) {
    writer_options options;
    options.overflow = when_full;
    options.max_pending_bytes = options.max_waiting_bytes = 2 * mebibyte;
    return options;
}

/// Requires: runs in a child process, which begins with little memory.
bool stays_within(overflow when_full, std::filesystem::path const& root) {
    auto const without = lateness_without_a_writer();
    asio::io_context context;
    writer_options const options = small_limits(when_full);
    writer trail = writer::open(context.get_executor(), root, options);
    std::size_t const idle = resident_bytes();
    busy_loop loop(context);
    tally events;
    loop.run([&] { events.append(trail); }, load_time());
    auto const with = loop.lateness(0.99);
    trail.async_close([](error_code ec) {
        if (ec) throw boost::system::system_error(ec);
    });
    context.restart();
    context.run();

    bool const waits = when_full == overflow::wait;
    std::size_t const limits = options.max_pending_bytes + (waits ? options.max_waiting_bytes : 0);
    std::size_t const grown = loop.peak() - std::min(loop.peak(), idle);
    double const ratio = static_cast<double>(with.count()) / static_cast<double>(without.count());
    std::printf(
        "%s: %lu events begun, %lu stored, %lu refused, %lu failed; memory grew by %.1f MiB, limits %.1f MiB; "
        "timer late by %.0f us with a writer, %.0f us without (99 %%), ratio %.2f\n",
        waits ? "wait" : "reject", events.begun, events.stored, events.refused, events.failed,
        static_cast<double>(grown) / mebibyte, static_cast<double>(limits) / mebibyte,
        static_cast<double>(with.count()) / 1000, static_cast<double>(without.count()) / 1000, ratio);
    std::fflush(stdout);
    return events.is_complete() && ids_in(root) == ids_up_to(events.stored) && grown <= limits + allowance &&
           (!is_soak() || ratio <= 2);
}

void check(overflow when_full) {
    temporary_root root;
    BOOST_TEST(exit_code_of_child_that([&] { return stays_within(when_full, root.path()) ? 0 : 1; }) == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(p08_p13_slow_disk)

BOOST_AUTO_TEST_CASE(p08_p13_events_without_end_that_wait) {
    check(overflow::wait);
}

BOOST_AUTO_TEST_CASE(p08_p13_events_without_end_that_are_refused) {
    check(overflow::reject);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p08_p13_slow_disk_test
