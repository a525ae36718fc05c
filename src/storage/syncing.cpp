// Segments and directories on their way to stable storage. Whatever may fail for want of a file descriptor is done when
// a sync is planned; when syncs run, only a sync can fail, and that is final.

#include "storage/trail_store.hpp"

namespace audit_trail::storage {

void trail_store::plan_sync(segment_file& segment, error_code& ec) {
    ec = {};
    jobs_.push_back({&segment, {}, {}, {}});
    if (directories_.empty()) return;
    for (auto& path : directories_.leading_to(*segment.owner)) {
        plan_sync(std::move(path), ec);
        if (ec) return;
    }
}

void trail_store::plan_sync(std::string path, error_code& ec) {
    ec = {};
    for (auto const& job : jobs_) {
        if (job.path == path) return;
    }
    owned_file directory(system_, system_.open_directory(root_.get(), path.c_str(), ec));
    if (!ec) jobs_.push_back({nullptr, std::move(path), std::move(directory), {}});
}

void trail_store::plan_sync(batch const& gathered, error_code& ec) {
    ec = {};
    for (auto const& part : gathered.pieces()) {
        if (part->synced) plan_sync(*part->target, ec);
        if (ec) return;
    }
}

void trail_store::run_syncs(error_code& ec) {
    ec = {};
    pool_->for_each(jobs_.size(), [this](std::size_t index) {
        sync_job& job = jobs_[index];
        if (job.segment != nullptr) {
            system_.sync_data(job.segment->file, job.result);
        } else {
            system_.sync(job.directory.get(), job.result);
        }
    });
    for (auto const& job : jobs_) {
        if (job.result && !ec) ec = job.result;
    }
    if (!ec) {
        for (auto const& job : jobs_) {
            if (job.segment != nullptr) {
                job.segment->first_unsynced = 0;
            } else {
                directories_.remove(job.path);
            }
        }
    }
    jobs_.clear();
}

void trail_store::sync_all(error_code& ec) {
    if (refuses(ec)) return;
    for (auto const& segment : segments_.all()) {
        if (segment->first_unsynced != 0) plan_sync(*segment, ec);
        if (ec) break;
    }
    for (auto const& path : directories_) {
        if (!ec) plan_sync(path, ec);
    }
    if (ec) {
        jobs_.clear();
        return fail(ec);
    }
    run_syncs(ec);
    if (ec) return fail(ec);
    segments_.close_finished();
    update_synced_through();
}

}  // namespace audit_trail::storage
