// Implements the use of the commit log in trail_store: one synced write to the log instead of a sync of each segment.
// Records are built and written on the thread that commits. The log is prepared and cleared by tasks in the background.

#include <algorithm>
#include <cstring>
#include <exception>
#include <random>

#include "storage/layout.hpp"
#include "storage/trail_store.hpp"

namespace audit_trail::storage {
namespace {

/// For a single segment and this many bytes, a sync of the segment is faster than writing the lines twice.
constexpr std::uint64_t large_record = 64 * 1024;

/// Lines that were only written are read back from the segment, up to this many bytes.
constexpr std::uint64_t most_unlogged_bytes = 64 * 1024;

/// Writeback begins when a segment has this many new bytes, so that clearing finds little left to do.
constexpr std::uint64_t writeback_step = 256 * 1024;

/// A clearing begins when this much of the log is used, or a quarter of it.
constexpr std::uint64_t clearing_step = 2 * 1024 * 1024;

/// The same, or half of the log, if segments were closed before they were synced: then each needs a sync, however few
/// lines it has.
constexpr std::uint64_t rewriting_step = 16 * 1024 * 1024;

/// If the log is full, syncing so many segments takes longer than waiting until the log is cleared.
constexpr std::size_t many_segments = 8;

/// After the log could not be created or cleared, the next attempt is made after this many batches.
constexpr std::uint64_t batches_between_attempts = 1000;

std::uint64_t unlogged_bytes(segment_write const& write) {
    segment_file const& segment = *write.target;
    return segment.first_unlogged == 0 ? 0 : write.offset - segment.unlogged_begin;
}

/// At most 2^52, because other programs read it as a JSON number. Never 0.
std::uint64_t random_generation() {
    std::random_device source;
    return 1 + ((std::uint64_t{source()} << 20) ^ source());
}

/// Posts itself again after each part, so that a shared executor can do other work between the parts.
void run_in_parts(std::shared_ptr<log_task> const& task, asio::any_io_executor const& executor) {
    while (!task->run_part()) {
        try {
            return asio::post(executor, [task, executor] { run_in_parts(task, executor); });
        } catch (...) {
            continue;  // the executor takes no function: this thread does the next part, too
        }
    }
}

}  // namespace

/// Called before the lines are written. Returns false if the batch has no synced lines, or if it must sync its segments.
bool trail_store::plan_record(batch const& gathered) {
    if (!log_.enabled()) return false;
    std::size_t segments = 0;
    std::uint64_t bytes = log_record_builder::header_bytes;
    for (auto const& write : gathered.writes()) {
        if (!write->synced) continue;
        bool const rolled = write->owner->segment != write->target;
        if (rolled) return false;  // see open_new: a finished segment is synced
        std::uint64_t const unlogged = unlogged_bytes(*write);
        if (unlogged > most_unlogged_bytes) return false;
        bytes += log_record_builder::piece_header_bytes + write->target->path.size() + unlogged + write->bytes.size();
        ++segments;
    }
    if (segments == 0) return false;
    if (!log_.ready()) {
        try {
            prepare_log();
        } catch (std::exception const&) {  // no memory, or no random number: the next batch tries again
            log_counts_.unavailable_reason = {};
            log_.close();
        }
        return false;
    }
    if (segments == 1 && bytes >= large_record) return false;
    if (make_room_in_log(bytes)) return true;
    ++log_counts_.full;
    error_code ec;
    if (segments >= many_segments) finish_log_task(ec);
    return log_.has_room(bytes);
}

bool trail_store::make_room_in_log(std::uint64_t bytes) {
    bool const fits_rewound = first_log_position + bytes <= log_.space().capacity();
    if (log_.has_room(bytes) || log_task_ || !log_.space().empty() || !fits_rewound) return log_.has_room(bytes);
    error_code ec;
    log_.rewind(ec);
    if (ec) fail(ec);
    return !ec;
}

/// If another program removed the log or cut it short, syncs all segments, and begins another log later. Fails if the
/// file does not have the lines of closed segments any more.
void trail_store::check_log(error_code& ec) {
    ec = {};
    if (!log_.ready() || !log_.vanished(ec) || ec) return;
    sync_closed_segments(ec);
    if (!ec) plan_sync_of_all(ec);
    if (!ec) run_syncs(ec);
    if (ec) return jobs_.clear();
    log_.close();
    record_.log_generation = 0;
    lock_.write(record_, ec);
    if (!ec) lock_.sync(ec);
    if (ec) fail(ec);
}

/// Plans syncs of the segments instead, and sets `logged` to false, if the batch was changed so that it cannot be logged.
void trail_store::write_record(batch const& gathered, bool& logged, error_code& ec) {
    auto const is_changed = [&] {
        return std::ranges::any_of(gathered.writes(), [](auto const& write) { return write->shared; });
    };
    if (!is_changed()) build_record(gathered, ec);
    if (ec) return;
    if (is_changed() || !log_.fits_record()) {
        logged = false;
        return plan_sync(gathered, ec);
    }
    log_counts_.bytes += log_.write_record(ec);
    ++log_counts_.writes;
    if (ec) withdraw_record(ec);
}

void trail_store::build_record(batch const& gathered, error_code& ec) {
    auto& record = log_.begin_record(gathered.next_id());
    for (auto const& write : gathered.writes()) {
        if (!write->synced || write->bytes.size() == 0) continue;
        std::uint64_t const unlogged = unlogged_bytes(*write);
        std::uint64_t const begin = write->offset - unlogged;
        char* const lines = record.add_piece(write->target->path, begin, unlogged + write->bytes.size());
        auto const read = read_fully_at(system_, write->target->file, begin, {lines, unlogged}, ec);
        if (ec) return;
        write->shared |= read != unlogged;  // another program cut the file short
        std::memcpy(lines + unlogged, write->bytes.data(), write->bytes.size());
    }
}

/// Requires: `ec` is set. A batch that is cut back must not be replayed, because its ids are assigned again.
void trail_store::withdraw_record(error_code& ec) {
    error_code withdrawing;
    log_.withdraw_record(withdrawing);
    if (withdrawing) fail(ec);
}

void trail_store::start_writeback(batch const& gathered) {
    for (auto const& write : gathered.writes()) {
        segment_file& segment = *write->target;
        segment.not_started += write->bytes.size();
        if (segment.not_started < writeback_step) continue;
        segment.not_started = 0;
        error_code ec;
        system_.start_writeback(segment.file, ec);
        if (ec) return fail(ec);
    }
}

/// If this fails, batches sync their segments, and a later batch tries again.
void trail_store::prepare_log() {
    if (log_task_) return;
    if (batches_until_log_ != 0) {
        --batches_until_log_;
        ++log_counts_.unavailable;
        return;
    }
    error_code ec;
    log_.open(root_.get(), ec);
    auto const size = ec ? 0 : system_.status(log_.file(), ec).size;
    if (ec) {
        log_.close();
        batches_until_log_ = batches_between_attempts;
        ++log_counts_.unavailable;
        log_counts_.unavailable_reason = ec;
        return;
    }
    log_task::work work;
    work.zeros_begin = std::min(size, log_.max_bytes());
    work.zeros_end = std::min(std::max(size, commit_log::first_bytes), log_.max_bytes());
    work.header.generation = random_generation();
    work.prepares = true;
    create_log_task(std::move(work));
    post_log_task();
}

/// Counts bytes that were not logged, too: recovery reads the segments back to the last clearing.
void trail_store::clear_log_if_due(std::uint64_t new_bytes) {
    if (!log_.ready() || log_.space().empty()) return;
    bytes_since_clearing_ += new_bytes;
    if (batches_until_clearing_ != 0) --batches_until_clearing_;
    if (log_task_ || batches_until_clearing_ != 0) return;
    if (std::max(log_.space().used(), bytes_since_clearing_) < bytes_before_clearing()) return;
    error_code no_memory;
    catch_bad_alloc(no_memory, [&] { clear_log(); });
}

std::uint64_t trail_store::bytes_before_clearing() const noexcept {
    std::uint64_t const capacity = log_.space().capacity();
    bool const rewrites = segments_.any_closed_unsynced();
    return rewrites ? std::min(rewriting_step, capacity / 2) : std::min(clearing_step, capacity / 4);
}

/// If segments were closed before they were synced, the task writes the lines of all segments again, and uses no open
/// files. So the writer can close more segments meanwhile.
void trail_store::clear_log() {
    log_task::work work;
    bool const rewrites = segments_.any_closed_unsynced();
    work.records = log_.header();
    for (auto const& segment : segments_.all()) {
        if (!segment->has_logged_lines()) continue;
        if (rewrites) {
            work.rewritten.push_back({segment->path, segment->inode, segment->device});
        } else {
            work.segments.push_back(segment->file);
        }
    }
    for (auto const& [key, segment] : segments_.closed()) {
        work.rewritten.push_back({segment->path, segment->inode, segment->device});
    }
    work.directories = directories_.all();
    work.zeros_begin = log_.space().capacity();
    work.zeros_end = std::min(2 * work.zeros_begin, log_.max_bytes());
    work.header = log_.header_behind_records();
    create_log_task(std::move(work));
    for (auto const& segment : segments_.all()) {
        if (segment->has_logged_lines()) segment->begin_clearing();
    }
    for (auto const& [key, segment] : segments_.closed()) segment->begin_clearing();
    additions_before_task_ = directories_.additions();
    bytes_since_clearing_ = 0;
    post_log_task();
}

void trail_store::create_log_task(log_task::work work) {
    work.root = root_.get();
    work.log = log_.task_file();
    log_task_ = std::make_shared<log_task>(system_, std::move(work), pool_);
}

void trail_store::post_log_task() noexcept {
    if (pool_ == nullptr) return log_task_posted_ = false, void();
    auto const run = [task = log_task_, executor = pool_->executor()] { run_in_parts(task, executor); };
    log_task_posted_ = pool_->post_in_background(run, log_task_->rewrites());
}

/// Uses the result of the task if it is done. If no other thread can run it, runs it now.
void trail_store::poll_log_task(error_code& ec) {
    ec = {};
    if (!log_task_ || (log_task_posted_ && !log_task_->done())) return;
    finish_log_task(ec);
}

void trail_store::finish_log_task(error_code& ec) {
    ec = {};
    if (!log_task_) return;
    log_task_->finish();
    auto const task = std::move(log_task_);
    log_task_.reset();
    ec = task->failure();
    if (ec) return fail(ec);
    log_.ready() ? adopt_cleared_log(*task) : adopt_log(*task, ec);
}

/// No record is written before `.lock` names the generation on stable storage.
void trail_store::adopt_log(log_task const& prepared, error_code& ec) {
    if (!prepared.succeeded()) {
        batches_until_log_ = batches_between_attempts;
        log_counts_.unavailable_reason = prepared.problem();
        return log_.close();
    }
    record_.log_generation = prepared.what().header.generation;
    lock_.write(record_, ec);
    if (!ec) lock_.sync(ec);
    if (ec) return fail(ec);
    log_.begin_generation(record_.log_generation, prepared.log_bytes());
}

void trail_store::adopt_cleared_log(log_task const& cleared) {
    auto const adopt = [&](segment_file& segment) {
        bool const took_part = std::exchange(segment.clearing, false);
        if (took_part && cleared.succeeded()) segment.note_cleared();
    };
    for (auto const& segment : segments_.all()) adopt(*segment);
    for (auto const& [key, segment] : segments_.closed()) adopt(*segment);
    if (!cleared.succeeded()) return batches_until_clearing_ = batches_between_attempts, void();
    segments_.forget_cleared();
    directories_.remove_older(additions_before_task_);
    log_.release(cleared.what().header);
    log_.grow(cleared.log_bytes());
    ++log_counts_.clearings;
    update_synced_through();
}

/// Makes the lines of closed segments durable in their files. May throw std::bad_alloc.
void trail_store::sync_closed_segments(error_code& ec) {
    finish_log_task(ec);
    if (ec || !segments_.any_closed_unsynced()) return;
    clear_log();
    auto const task = log_task_;
    finish_log_task(ec);
    if (!ec) ec = task->problem();
}

/// Frees the disk space of a log that an earlier writer used. Requires: `.lock` names no log.
void trail_store::empty_unused_log() noexcept {
    error_code ec;
    owned_file const log(system_, system_.open_file(root_.get(), commit_log_name, open_mode::append, ec));
    if (!ec) system_.truncate(log.get(), 0, ec);
}

/// Requires: all segments are synced.
void trail_store::close_log(error_code& ec) {
    if (!log_.ready()) return;
    write_fully_at_synced(system_, log_.file(), 0, format_log_header(log_.header_behind_records()), ec);
    if (ec) return fail(ec);
    record_.log_generation = 0;
}

}  // namespace audit_trail::storage
