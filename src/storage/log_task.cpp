#include "storage/log_task.hpp"

#include <algorithm>
#include <array>

#include "system/background_thread.hpp"

namespace audit_trail::storage {

log_task::log_task(file_system& system, work what, detail::disk_pool* pool)
    : system_(system),
      work_(std::move(what)),
      pool_(pool),
      rewriting_(system, {work_.root, work_.log, work_.records, work_.header}, pool) {
    for (auto const& each : work_.rewritten) rewriting_.add(each.path, each.inode, each.device);
}

bool log_task::run_part() noexcept {
    if (::getpid() != process_ || !claim()) return true;
    detail::file_size_signal_blocked const blocked;
    catch_bad_alloc(problem_, [this] { work_on(); });
    bool const is_done = complete_ || failure_ || problem_;
    state_.store(is_done ? state::done : state::waiting, std::memory_order_release);
    state_.notify_all();
    return is_done;
}

void log_task::finish() noexcept {
    while (!done() && ::getpid() == process_) {
        run_part();
        state_.wait(state::running, std::memory_order_acquire);
    }
}

void log_task::cancel() noexcept {
    while (!done() && ::getpid() == process_) {
        if (claim()) return state_.store(state::done, std::memory_order_release);
        state_.wait(state::running, std::memory_order_acquire);
    }
}

bool log_task::claim() noexcept {
    state expected = state::waiting;
    return state_.compare_exchange_strong(expected, state::running, std::memory_order_acquire);
}

void log_task::work_on() {
    if (synced_segments_ != work_.segments.size()) return sync_segments();
    if (!rewriting_.done()) return rewrite_segments();
    if (synced_directories_ != work_.directories.size()) return sync_directories();
    finish_log();
    complete_ = true;
}

void log_task::sync_segments() {
    auto const end = std::min(synced_segments_ + log_rewrite::files_in_a_part, work_.segments.size());
    while (synced_segments_ != end && !failure_) system_.sync_data(work_.segments[synced_segments_++], failure_);
}

/// After an error that concerns one segment, continues with the others.
void log_task::rewrite_segments() {
    rewriting_.run_part(failure_);
    if (rewriting_.done()) problem_ = rewriting_.problem();
}

void log_task::sync_directories() {
    struct outcome {
        error_code problem, failure;
    };
    auto const left = std::span(work_.directories).subspan(synced_directories_);
    auto const part = left.first(std::min(left.size(), log_rewrite::files_in_a_part));
    std::vector<outcome> outcomes(part.size());
    detail::run_jobs(rewrites() ? pool_ : nullptr, part.size(),
                     [&](std::size_t n) { sync_directory(part[n].c_str(), outcomes[n].problem, outcomes[n].failure); });
    for (std::size_t n = 0; n != part.size(); ++n) {
        auto& [problem, failure] = outcomes[n];
        if (is_out_of_descriptors(problem)) sync_directory(part[n].c_str(), problem, failure);
        if (!problem_) problem_ = problem;
        if (!failure_) failure_ = failure;
    }
    synced_directories_ += part.size();
}

/// A directory that cannot be opened can be synced later; one that another program removed has lost its entries.
void log_task::sync_directory(char const* path, error_code& ec, error_code& failure) {
    owned_file const directory(system_, system_.open_directory(work_.root, path, ec));
    if (is_errno(ec, ENOENT) || ec == error::not_a_trail) ec = {};
    if (directory) system_.sync(directory.get(), failure);
}

/// A log that does not grow is sufficient, but not a new log without zeros.
void log_task::finish_log() {
    log_bytes_ = work_.zeros_begin;
    error_code ec;
    if (work_.prepares || work_.zeros_end > work_.zeros_begin) fill_with_zeros(ec);
    if (work_.prepares) problem_ = ec;
    if (!failure_ && !problem_) write_header(problem_);
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
