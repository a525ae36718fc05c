#include "writer/writer_core.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <optional>

#include "storage/trail_store.hpp"
#include "system/background_thread.hpp"
#include "writer/committer.hpp"
#include "writer/options_check.hpp"

namespace audit_trail::detail {
namespace {

/// The executor, the hook and the rules have owners of their own.
writer_options plain_options(writer_options options) {
    options.disk_executor = {};
    options.on_health = {};
    options.redaction_rules = {};
    options.redaction_hash = {};
    return options;
}

}  // namespace

/// While it exists, the disk executor's context is not destroyed. Must exist before the schedule becomes `posted`.
class writer_core::poster {
 public:
    explicit poster(writer_core& core) noexcept : core_(core) {
        core_.posters_.fetch_add(1, std::memory_order_seq_cst);
    }
    poster(poster const&) = delete;
    poster& operator=(poster const&) = delete;
    ~poster() {
        core_.posters_.fetch_sub(1, std::memory_order_seq_cst);
        core_.posters_.notify_all();
    }

 private:
    writer_core& core_;
};

std::size_t writer_core::max_operations(writer_options const& options) noexcept {
    if (check(options)) return max_control_operations;
    std::size_t const waiting = options.overflow == overflow::wait ? options.max_waiting_events : 0;
    return options.max_pending_events + waiting + max_control_operations;
}

writer_core::writer_core(asio::any_io_executor executor, std::filesystem::path root, writer_options options,
                         storage::file_system& system)
    : home_(std::move(executor)),
      root_(std::move(root)),
      options_(plain_options(options)),
      redactor_(options.redaction_rules, options.redaction_hash),
      system_(system),
      disk_(std::make_unique<disk_pool>(options.disk_executor, std::max<std::size_t>(options.sync_threads, 1))),
      disk_context_(disk_->owns_threads() ? nullptr : &asio::query(options.disk_executor, asio::execution::context)),
      admission_(options),
      pool_(max_operations(options)),
      queue_(max_operations(options)),
      health_(std::move(options.on_health), home_, dispatcher_) {
    storage::join_forks(*this);
}

writer_core::~writer_core() {
    storage::leave_forks(*this);
    dispatcher_.leave_registries(*this);
    if (disk_ && forked_.load(std::memory_order_relaxed)) disk_pool::abandon(std::move(disk_));
}

void writer_core::before_fork() noexcept {
    dispatcher_.before_fork();
}

void writer_core::after_fork_in_parent() noexcept {
    dispatcher_.after_fork();
}

void writer_core::after_fork_in_child() noexcept {
    forked_.store(true, std::memory_order_relaxed);
    health_.silence();
    dispatcher_.after_fork();
}

void writer_core::open(error_code& ec) {
    file_size_signal_blocked const blocked;
    ec = disk_->start();
    if (!ec) open_trail(ec);
    if (ec) return;
    dispatcher_.opened();
    watch_own_contexts();
    schedule_.claim();
    schedule_.wait_for(wait_reason::input);
}

void writer_core::open_in_background(operation& op) {
    auto const self = shared_from_this();  // the operation may be the only owner
    opening_ = &op;
    poster const posting(*this);
    error_code ec = disk_->start();
    if (!ec && post_step()) return;
    if (!ec && !schedule_.claim()) return;
    opening_ = nullptr;
    if (!ec) ec = out_of_memory;
    fail_opening(op, ec);
    finish_later(op);
    end(ec);
}

void writer_core::open_trail(error_code& ec) {
    ec = check(options_);
    if (ec) return;
    storage::catch_bad_alloc(ec, [&] {
        ec = redactor_.check();
        if (ec) return;
        auto store = storage::trail_store::open(system_, root_, options_, recovery_, ec, disk_.get());
        if (ec) return;
        counts_.last_event_id.set(store->next_id() - 1);
        counts_.last_synced_event_id.set(store->synced_through());
        committer_ = std::make_unique<committer>(
            committer_parts{queue_, pool_, admission_, counts_, dispatcher_, health_, contexts_ending_}, options_,
            std::move(store));
    });
}

/// The function that is posted to the strand. If the executor destroys it without calling it, the step stays posted,
/// and a thread that destroys a context claims it.
class writer_core::step {
 public:
    explicit step(std::shared_ptr<writer_core> core) noexcept : core_(std::move(core)) {}
    void operator()() const {
        if (core_->schedule_.claim()) core_->run_step();
    }

 private:
    std::shared_ptr<writer_core> core_;
};

bool writer_core::post_awaited_step(wait_reason reason) noexcept {
    poster const posting(*this);
    if (!schedule_.wake(reason) || post_step()) return true;
    schedule_.post_failed(reason);
    return false;
}

bool writer_core::wake() noexcept {
    bool const for_input = wake(wait_reason::input);
    bool const for_room = wake(wait_reason::room);
    return for_input && for_room;
}

/// Completes the queued operations with an error, because no step could be posted. Does not use the disk.
void writer_core::fail_queued() {
    while (schedule_.wake() && schedule_.claim()) {
        committer_->fail_queued(out_of_memory, shared_from_this());
        std::uint64_t const taken = queue_.taken();
        schedule_.wait_for(wait_reason::input);
        if (queue_.closed() || !queue_.has_more_than(taken) || wake(wait_reason::input)) return;
    }
}

/// Requires: this thread moved the schedule to `posted`. Cannot fail if the disk pool has its own threads.
bool writer_core::post_step() noexcept {
    try {
        reserved_allocator<void> const memory(step_memory_);
        disk_->post(asio::bind_allocator(memory, step(shared_from_this())));
    } catch (...) {
        return false;
    }
    if (contexts_ending_.load(std::memory_order_seq_cst) != 0) dispatcher_.step_posted();
    return true;
}

/// Requires: the step is claimed.
void writer_core::run_step() {
    std::optional<file_size_signal_blocked> blocked;
    if (!disk_->owns_threads() || contexts_ending_.load(std::memory_order_seq_cst) != 0) blocked.emplace();
    if (opening_ && !begin_trail()) return;
    for (;;) {
        switch (committer_->run_once(shared_from_this())) {
            case committer::progress::committed:
                if (may_continue_on_this_thread()) continue;
                return;
            case committer::progress::idle:
                if (wait_unless_ready()) return;
                continue;
            case committer::progress::drained:
                return finish();
        }
    }
}

/// Opens the trail and completes the operation. Returns false if that failed: then this was the last step.
bool writer_core::begin_trail() {
    operation& opening = *std::exchange(opening_, nullptr);
    error_code ec;
    open_trail(ec);
    if (ec) fail_opening(opening, ec);
    operation_list answer;
    answer.push_back(opening);
    dispatcher_.complete(std::move(answer), 0, shared_from_this());
    dispatcher_.opened();
    if (ec) end(ec);
    return !ec;
}

/// On a shared executor, posts another step after each batch, so that other writers have their turn.
bool writer_core::may_continue_on_this_thread() {
    if (disk_->owns_threads()) return true;
    poster const posting(*this);
    schedule_.repost();
    return !post_step() && schedule_.claim();
}

/// Ends the step if the writer has to wait; the event that it waits for posts the next step. Returns true if this
/// thread no longer runs a step.
bool writer_core::wait_unless_ready() {
    auto const state = committer_->waiting();
    auto const reason = committer_->idle_reason();
    schedule_.wait_for(reason);
    return committer_->may_wait(state) || !schedule_.wake(reason) || !schedule_.claim();
}

void writer_core::finish() {
    end(committer_->close(shared_from_this()));
}

/// Called before the operation completes. The handle counts as destroyed from now on, so that a thread that destroys a
/// context waits until the writer has ended.
void writer_core::fail_opening(operation& opening, error_code why) noexcept {
    release_handle();
    opening.error = why;
    opening.opened.reset();
}

/// Completes the closes and ends the writer. Requires: the caller runs the step, or no step can run.
void writer_core::end(error_code result) {
    operation_list closes;
    {
        std::lock_guard const lock(closing_);
        close_result_ = result;
        closes.swap(waiting_for_close_);
    }
    for (operation& op : closes) op.error = result;
    dispatcher_.complete(std::move(closes), queue_.taken(), shared_from_this());
    schedule_.end();
    disk_->finish();
    dispatcher_.ended();
}

void writer_core::watch_own_contexts() {
    dispatcher_.watch(*home_.context(), home_.get(), shared_from_this());
    if (disk_context_) dispatcher_.watch(*disk_context_, disk_->executor(), shared_from_this());
}

void writer_core::watch_contexts(operation const& op) {
    if (op.what == operation::kind::open) watch_own_contexts();
    if (op.context != home_.context()) dispatcher_.watch(*op.context, op.executor, shared_from_this());
}

void writer_core::release_handle() noexcept {
    if (forked_.load(std::memory_order_relaxed)) return;
    health_.silence();
    queue_.close();
    held_.store(false, std::memory_order_seq_cst);
    wake();
}

void writer_core::forget_context(asio::execution_context& context) {
    if (forked_.load(std::memory_order_relaxed)) return;
    if (&context == disk_context_) queue_.close();
    if (&context == home_.context()) health_.silence();
    contexts_ending_.fetch_add(1, std::memory_order_seq_cst);
    dispatcher_.forget(context, queue_, schedule_, [this] { run_step(); });
    contexts_ending_.fetch_sub(1, std::memory_order_seq_cst);
    if (&context == disk_context_) wait_for_posters();
}

/// The writer has ended, but a thread may still be about to post a step that another thread has claimed and run.
void writer_core::wait_for_posters() noexcept {
    for (int posters = posters_.load(); posters != 0; posters = posters_.load()) posters_.wait(posters);
}

void writer_core::leave_context(asio::execution_context& context) {
    forget_context(context);
    bool const is_held = held_.load(std::memory_order_seq_cst);
    if (!is_held) forget_context(context);  // the queue is closed, so this waits until the writer has ended
    dispatcher_.drop(context);
    if (&context == disk_context_) disk_.reset();  // the writer has ended: nothing is posted any more
}

writer_stats writer_core::stats() const noexcept {
    writer_stats result = counts_.snapshot();
    if (is_open()) result.state = writer_state::open;
    if (int const number = health_.stop_error_number(); number != 0) {
        result.stop_reason = {number, stopped_category()};
        if (is_open()) result.state = writer_state::stopped;
    }
    admission::amount const inside = admission_.inside();
    result.queue_events = inside.events;
    result.queue_bytes = inside.bytes;
    return result;
}

}  // namespace audit_trail::detail
