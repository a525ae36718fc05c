#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <memory>

#include "peers/members_format.hpp"
#include "peers/peers.hpp"
#include "support/sample_events.hpp"

namespace bench {
namespace {

/// The pool is destroyed last: its thread ends when the queue is empty, and the last message owns the logger, so its
/// file is closed then.
std::uint64_t log_to(spdlog::sink_ptr sink, std::uint64_t events) {
    auto const pool = std::make_shared<spdlog::details::thread_pool>(queue_events, 1);
    auto const logger =
        std::make_shared<spdlog::async_logger>("audit", std::move(sink), pool, spdlog::async_overflow_policy::block);
    logger->set_pattern("%v");
    for (std::uint64_t n = 0; n != events; ++n) {
        auto const draft = sample_event(n, 1);
        logger->info("{}", members_of(n + 1, draft));
    }
    return events;
}

}  // namespace

std::uint64_t spdlog_basic(std::filesystem::path const& directory, std::uint64_t events) {
    return log_to(std::make_shared<spdlog::sinks::basic_file_sink_st>(directory / "audit.jsonl"), events);
}

std::uint64_t spdlog_rotating(std::filesystem::path const& directory, std::uint64_t events) {
    constexpr std::size_t ample_for_a_line = 512;
    std::size_t const max_files = events * ample_for_a_line / max_file_bytes + 1;
    return log_to(
        std::make_shared<spdlog::sinks::rotating_file_sink_st>(directory / "audit.jsonl", max_file_bytes, max_files),
        events);
}

}  // namespace bench
