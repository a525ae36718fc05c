#include "storage/log_task.hpp"

#include <algorithm>
#include <array>

#include "system/background_thread.hpp"

namespace audit_trail::storage {

void log_task::run() noexcept {
    if (::getpid() != process_ || !claim()) return;
    detail::file_size_signal_blocked const blocked;
    catch_bad_alloc(problem_, [this] { work_once(problem_); });
    state_.store(state::done, std::memory_order_release);
    state_.notify_all();
}

void log_task::finish() noexcept {
    run();
    state_.wait(state::running, std::memory_order_acquire);
}

void log_task::cancel() noexcept {
    if (claim()) {
        state_.store(state::done, std::memory_order_release);
    } else {
        state_.wait(state::running, std::memory_order_acquire);
    }
}

bool log_task::claim() noexcept {
    state expected = state::waiting;
    return state_.compare_exchange_strong(expected, state::running, std::memory_order_acquire);
}

void log_task::work_once(error_code& ec) {
    sync_segments();
    if (!failure_ && rewrites()) rewrite_segments(ec);
    if (!failure_ && !ec) sync_directories(ec);
    if (failure_ || ec) return;
    log_bytes_ = work_.zeros_begin;
    if (work_.prepares || work_.zeros_end > work_.zeros_begin) fill_with_zeros(ec);
    if (failure_ || (ec && work_.prepares)) return;
    ec = {};  // a log that does not grow is sufficient
    write_header(ec);
}

void log_task::sync_segments() {
    for (auto const segment : work_.segments) {
        system_.sync_data(segment, failure_);
        if (failure_) return;
    }
}

void log_task::rewrite_segments(error_code& ec) {
    log_rewrite rewriting(system_, work_.root, work_.log, pool_);
    for (auto const& each : work_.rewritten) rewriting.add(each.path, each.inode, each.device);
    rewriting.run(work_.records, work_.header, failure_, ec);
}

void log_task::sync_directories(error_code& ec) {
    struct outcome {
        error_code problem, failure;
    };
    std::vector<outcome> outcomes(work_.directories.size());
    detail::run_jobs(rewrites() ? pool_ : nullptr, outcomes.size(), [&](std::size_t n) {
        sync_directory(work_.directories[n].c_str(), outcomes[n].problem, outcomes[n].failure);
    });
    for (std::size_t n = 0; n != outcomes.size(); ++n) {
        auto& [problem, failure] = outcomes[n];
        if (is_out_of_descriptors(problem)) sync_directory(work_.directories[n].c_str(), problem, failure);
        if (!ec) ec = problem;
        if (!failure_) failure_ = failure;
    }
}

/// A directory that cannot be opened can be synced later; one that another program removed has lost its entries.
void log_task::sync_directory(char const* path, error_code& ec, error_code& failure) {
    owned_file const directory(system_, system_.open_directory(work_.root, path, ec));
    if (is_errno(ec, ENOENT) || ec == error::not_a_trail) ec = {};
    if (directory) system_.sync(directory.get(), failure);
}

/// If the disk is full, the file gets its old size again. Syncs also what a writer that was killed had filled.
void log_task::fill_with_zeros(error_code& ec) {
    static constexpr std::array<char, 65536> zeros{};
    for (auto at = work_.zeros_begin; at < work_.zeros_end && !ec; at += zeros.size()) {
        auto const count = std::min<std::uint64_t>(zeros.size(), work_.zeros_end - at);
        write_fully_at(system_, work_.log, at, std::span(zeros).first(count), ec);
    }
    if (!ec) {
        system_.sync(work_.log, ec);
        if (ec && !work_.prepares) failure_ = ec;  // records may be lost
    }
    if (!ec) return log_bytes_ = work_.zeros_end, void();
    error_code ignored;
    system_.truncate(work_.log, work_.zeros_begin, ignored);
}

void log_task::write_header(error_code& ec) {
    write_fully_at_synced(system_, work_.log, 0, format_log_header(work_.header), ec);
    if (ec && !work_.prepares && !is_exhausted_resource(ec)) failure_ = ec;
    if (!ec && work_.prepares) system_.sync(work_.root, failure_);
    succeeded_ = !ec && !failure_;
}

}  // namespace audit_trail::storage
