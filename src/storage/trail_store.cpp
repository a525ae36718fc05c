#include "storage/trail_store.hpp"

#include "storage/log_replay.hpp"
#include "storage/recovery.hpp"
#include "storage/root_place.hpp"

namespace audit_trail::storage {

trail_store::trail_store(file_system& system, writer_options const& options, detail::disk_pool* pool)
    : system_(system),
      options_(options),
      lock_(system),
      index_(system),
      segments_(system),
      pool_(pool),
      log_(system, options.commit_log_bytes) {}

trail_store::~trail_store() {
    if (log_task_ && !forked()) log_task_->cancel();
}

std::unique_ptr<trail_store> trail_store::open(file_system& system, std::filesystem::path const& root,
                                               writer_options const& options, recovery_report& report, error_code& ec,
                                               detail::disk_pool* pool) {
    std::unique_ptr<trail_store> store(new trail_store(system, options, pool));
    store->begin(root, report, ec);
    if (ec) store.reset();
    return store;
}

void trail_store::begin(std::filesystem::path const& path, recovery_report& report, error_code& ec) {
    report = {};
    check_place(system_, path, options_.must_exist, ec);
    if (ec) return;
    root_ = owned_file(system_, system_.open_or_create_root(path, ec));
    if (!ec) lock_.acquire(root_.get(), ec);
    if (!ec) system_.sync_entry(root_.get(), ec);
    if (ec) return;
    auto const last_end = lock_.read(ec);
    if (ec) return;
    auto const index = index_.read(root_.get(), ec);
    if (ec) return;

    log_replay replay(system_, root_.get(), last_end);
    replay.survey(ec);
    if (!ec) replay.restore(ec);
    if (ec) return;

    recovery mending(system_, root_.get(), last_end, index, replay, report);
    mending.run(lock_, categories_, directories_, ec);
    if (ec) return;
    next_id_ = mending.last_id() + 1;
    index_.prepare(root_.get(), mending.last_id(), ec);
    // Also reports a failed write of an earlier writer to this file.
    bool const ended_clean = last_end && last_end->state == end_state::clean;
    if (!ec && (!ended_clean || replay.next_id() != 0)) index_.sync(ec);
    if (!ec) replay.finish(ec);
    if (!ec) take_reserve(ec);
    if (!ec) mark_open(last_end, report, ec);
    if (!ec && !log_.enabled()) empty_unused_log();
}

/// Runs before the first new line can be written.
void trail_store::mark_open(std::optional<lock_record> const& last_end, recovery_report const& report, error_code& ec) {
    record_.synced_through = durable_through_ = report.last_event_id;
    record_.began = last_end ? last_end->began : next_id_;
    // With durability::written, mark it now instead of in the first batch.
    mark(options_.durability == durability::written ? end_state::written : end_state::open, ec);
    if (!ec) lock_.sync(ec);
    // An earlier opening may have ended before the entries of .lock and index.json were synced.
    bool const ended_clean = last_end && last_end->state == end_state::clean;
    if (!ec && !ended_clean) system_.sync(root_.get(), ec);
}

void trail_store::close(error_code& ec) {
    if (!refuses(ec)) finish_log_task(ec);
    if (!ec && segments_.any_closed_unsynced()) {
        catch_bad_alloc(ec, [&] {
            segments_.close_all_logged();  // the task needs descriptors
            release_reserve();
            sync_closed_segments(ec);
        });
    }
    if (!ec) {
        catch_bad_alloc(ec, [&] { plan_sync_of_all(ec); });
        sync_planned(ec);
        if (!ec) close_log(ec);
        if (!ec) mark_clean(ec);
    }
    if (log_task_ && !forked()) log_task_->cancel();
    lock_.release();
}

void trail_store::mark_clean(error_code& ec) {
    index_.sync(ec);
    if (ec) return fail(ec);
    mark(end_state::clean, ec);
    if (!ec) lock_.sync(ec);
}

bool trail_store::refuses(error_code& ec) const noexcept {
    ec = forked() ? make_error_code(error::forked) : failure_;
    return ec.failed();
}

void trail_store::fail(error_code const& ec) {
    failure_ = ec;
    if (log_task_) log_task_->cancel();  // it must not clear lines that a failed sync has lost
    error_code ignored;
    mark(end_state::failed, ignored);
    lock_.sync(ignored);
}

void trail_store::mark(end_state state, error_code& ec) {
    record_.state = state;
    lock_.write(record_, ec);
}

}  // namespace audit_trail::storage
