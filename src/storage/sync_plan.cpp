// Implements the syncs of trail_store: segments and directories. Everything that can fail for lack of memory or of a
// file descriptor happens while a sync is planned. When the plan runs, only a sync can fail, and that failure is final.

#include "storage/sync_plan.hpp"

#include <algorithm>
#include <cerrno>

#include "storage/trail_store.hpp"

namespace audit_trail::storage {
namespace {

/// Other parts of the process need file descriptors, too.
constexpr std::size_t max_planned_directories = 32;

}  // namespace

void trail_store::plan_sync(segment_file& segment, error_code& ec) {
    ec = {};
    jobs_.push_back({&segment, {}, {}, {}});
    plan_directories(*segment.owner, ec);
}

void trail_store::plan_directories(category const& owner, error_code& ec) {
    ec = {};
    if (directories_.empty()) return;
    for (auto& path : directories_.leading_to(owner)) {
        plan_sync(std::move(path), ec);
        if (ec) return;
    }
}

/// Runs the jobs planned so far if their descriptors are needed for this one.
void trail_store::plan_sync(std::string path, error_code& ec) {
    ec = {};
    if (std::ranges::find(jobs_, path, &sync_job::path) != jobs_.end()) return;
    if (planned_directories() == max_planned_directories) run_syncs(ec);
    if (ec) return;

    auto const open = [&] { return owned_file(system_, system_.open_directory(root_.get(), path.c_str(), ec)); };
    owned_file directory = open();
    if (is_exhausted_resource(ec) && planned_directories() != 0) {
        run_syncs(ec);
        if (!ec) directory = open();
    }
    if (is_out_of_descriptors(ec) && release_reserve()) directory = open();
    bool const is_gone = is_errno(ec, ENOENT) || ec == error::not_a_trail;
    if (is_gone) {
        // Another program deleted the directory, and the new entries with it.
        directories_.remove(path);
        ec = {};
        return;
    }
    if (!ec) jobs_.push_back({nullptr, std::move(path), std::move(directory), {}});
}

std::size_t trail_store::planned_directories() const noexcept {
    return static_cast<std::size_t>(std::ranges::count(jobs_, nullptr, &sync_job::segment));
}

/// Called before the lines are written. Plans the directories first, because planning them may run jobs early, and
/// the segments must be synced after the writes.
void trail_store::plan_sync(batch const& gathered, error_code& ec) {
    ec = {};
    for (auto const& write : gathered.writes()) {
        if (write->synced) plan_directories(*write->owner, ec);
        if (ec) return;
    }
    for (auto const& write : gathered.writes()) {
        if (write->synced) jobs_.push_back({write->target, {}, {}, {}});
    }
}

void trail_store::sync_segments(std::span<segment_file* const> idle, error_code& ec) {
    ec = {};
    jobs_.clear();  // left by a plan that ran out of memory
    for (auto* const segment : idle) {
        if (segment->first_unsynced != 0) plan_sync(*segment, ec);
        if (ec) return jobs_.clear();
    }
    run_syncs(ec);
    if (!ec) update_synced_through();
}

/// Opens a descriptor to give up later: without it, a process that has used up its descriptors could not sync a new
/// directory.
void trail_store::take_reserve(error_code& ec) {
    reserve_ = owned_file(system_, system_.open_directory(root_.get(), ".", ec));
}

/// Returns true if there was a reserve. The caller takes it again after use; `run_syncs` does so, too.
bool trail_store::release_reserve() noexcept {
    bool const held = static_cast<bool>(reserve_);
    reserve_.reset();
    return held;
}

void trail_store::run_syncs(error_code& ec) {
    // The kernel reports an error of a file to the first of two syncs only, so two must not run at the same time.
    auto const is_clearing = [](sync_job const& job) { return job.segment != nullptr && job.segment->clearing; };
    ec = {};
    if (std::ranges::any_of(jobs_, is_clearing)) finish_log_task(ec);
    if (ec) return jobs_.clear();
    auto const run = [this](std::size_t index) {
        sync_job& job = jobs_[index];
        if (job.segment != nullptr) {
            system_.sync_data(job.segment->file, job.result);
        } else {
            system_.sync(job.directory.get(), job.result);
        }
    };
    if (pool_ != nullptr) {
        pool_->for_each(jobs_.size(), run);
    } else {
        for (std::size_t index = 0; index != jobs_.size(); ++index) run(index);
    }
    for (auto const& job : jobs_) {
        if (job.result && !ec) ec = job.result;
    }
    if (!ec) {
        for (auto const& job : jobs_) {
            if (job.segment != nullptr) {
                job.segment->note_synced();
            } else {
                directories_.remove(job.path);
            }
        }
    }
    jobs_.clear();
    if (ec) fail(ec);
    error_code ignored;
    if (!reserve_) take_reserve(ignored);
}

void trail_store::sync_all(error_code& ec) {
    if (refuses(ec)) return;
    poll_log_task(ec);
    if (!ec) catch_bad_alloc(ec, [&] { log_.ready() ? plan_sync_of_unlogged(ec) : plan_sync_of_all(ec); });
    sync_planned(ec);
}

void trail_store::sync_planned(error_code& ec) {
    if (!ec) run_syncs(ec);
    if (ec) return jobs_.clear();
    segments_.close_finished();
    update_synced_through();
}

void trail_store::plan_sync_of_all(error_code& ec) {
    ec = {};
    for (auto const& segment : segments_.all()) {
        if (segment->first_unsynced != 0) plan_sync(*segment, ec);
        if (ec) return;
    }
    for (auto const& path : directories_.all()) {
        plan_sync(path, ec);
        if (ec) return;
    }
}

/// The lines in the commit log are durable, with the names of their segments.
void trail_store::plan_sync_of_unlogged(error_code& ec) {
    ec = {};
    for (auto const& segment : segments_.all()) {
        if (segment->first_unlogged != 0) plan_sync(*segment, ec);
        if (ec) return;
    }
}

}  // namespace audit_trail::storage
