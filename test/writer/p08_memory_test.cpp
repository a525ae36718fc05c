// Tests P8: if events arrive faster than they can be written, memory grows by little more than the limits.
#include <sys/resource.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "support/drafts.hpp"
#include "support/processes.hpp"
#include "support/temporary_root.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test::p08_memory_test {

namespace {

constexpr std::uint64_t events = 300'000;
constexpr std::size_t mebibyte = 1024 * 1024;
constexpr std::size_t allowance = 32 * mebibyte;

writer_options small_limits(overflow when_full) {
    writer_options options;
    options.durability = durability::written;
    options.overflow = when_full;
    options.max_pending_bytes = options.max_waiting_bytes = 4 * mebibyte;
    return options;
}

/// Returns the peak of this process's resident memory in bytes.
std::size_t resident_peak() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

/// All events together need 150 MB for their lines.
event_draft sizeable_draft() {
    return make_draft(std::string(400, 'x'));
}

/// Starts about as many coroutines as the limits admit appends. Each awaits every append.
void append_and_await(writer& trail, asio::io_context& context) {
    std::uint64_t started = 0;
    auto lane = [&]() -> asio::awaitable<void> {
        while (started != events) {
            ++started;
            auto draft = sizeable_draft();
            co_await trail.async_append(std::move(draft), asio::use_awaitable);
        }
    };
    auto const rethrow = [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    };
    for (int n = 0; n != 4000; ++n) asio::co_spawn(context, lane, rethrow);
    context.run();
}

/// Does not await appends. Limits only the number of unanswered calls, because the handlers of refused calls wait in
/// the context without a limit. That number is several times what the limits admit.
void append_without_awaiting(writer& trail, asio::io_context& context) {
    constexpr std::uint64_t most_unanswered = 50'000;
    auto work = asio::make_work_guard(context);
    std::atomic<std::uint64_t> answered{0};
    std::jthread const producer([&] {
        for (std::uint64_t n = 0; n != events; ++n) {
            while (n - answered.load() > most_unanswered) std::this_thread::yield();
            trail.async_append(sizeable_draft(), [&](error_code ec, event const&) {
                if (ec && ec != error::queue_full) throw boost::system::system_error(ec);
                ++answered;
            });
        }
        work.reset();
    });
    context.run();
}

/// Runs in a child process, which begins with little memory.
bool stays_within(overflow when_full, void (*append_all)(writer&, asio::io_context&)) {
    temporary_root root;
    return exit_code_of_child_that([&] {
               asio::io_context context;
               writer_options const options = small_limits(when_full);
               writer trail = writer::open(context.get_executor(), root.path(), options);
               std::size_t const idle = resident_peak();
               append_all(trail, context);
               std::size_t const limits =
                   options.max_pending_bytes + (when_full == overflow::wait ? options.max_waiting_bytes : 0);
               bool const all_answered = trail.stats().acknowledged + trail.stats().rejected == events;
               return all_answered && resident_peak() - idle <= limits + allowance ? 0 : 1;
           }) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(p08_memory)

BOOST_AUTO_TEST_CASE(p08_memory_is_bounded_when_callers_await) {
    BOOST_TEST(stays_within(overflow::wait, append_and_await));
}

BOOST_AUTO_TEST_CASE(p08_memory_is_bounded_when_callers_do_not_await) {
    BOOST_TEST(stays_within(overflow::reject, append_without_awaiting));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p08_memory_test
