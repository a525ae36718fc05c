#include "follower/follower_impl.hpp"

#include <algorithm>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "async/single_finish.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::detail {
namespace {

/// Returns `path` itself if the current directory is unknown; then opening it reports the error.
std::filesystem::path to_absolute(std::filesystem::path const& path) {
    std::error_code ec;
    auto result = std::filesystem::absolute(path, ec);
    return ec ? path : result;
}

}  // namespace

follower_impl::follower_impl(asio::any_io_executor executor, std::filesystem::path const& root, event_filter filter,
                             std::optional<std::uint64_t> from_event_id)
    : home_(std::move(executor)),
      disk_(std::make_unique<disk_pool>(asio::any_io_executor(), 1)),
      trail_(storage::posix_file_system(), to_absolute(root), std::move(filter), from_event_id, stop_) {
    storage::join_forks(*this);
}

follower_impl::~follower_impl() {
    storage::leave_forks(*this);
    for (auto const& known : known_) known.registry->remove(*this);
    if (!is_forked_) return;
    // In a forked child the pool's mutexes may be locked, and closing a descriptor would end a wait of the parent.
    static_cast<void>(waits_.release());
    disk_pool::abandon(std::move(disk_));
}

void follower_impl::before_fork() noexcept {
    posting_.lock();
    mutex_.lock();
}

void follower_impl::after_fork_in_parent() noexcept {
    mutex_.unlock();
    posting_.unlock();
}

void follower_impl::after_fork_in_child() noexcept {
    is_forked_ = true;
    mutex_.unlock();
    posting_.unlock();
}

void follower_impl::start(error_code& ec) {
    if (is_started_) return;
    if (!home_.was_given()) ec = error::no_executor;
    if (ec) return;
    // This may fail, so it precedes the first step.
    if (auto* const home = home_.context()) watch_context(*home, home_.get());
    start_reading(ec);
}

void follower_impl::start_reading(error_code& ec) {
    std::lock_guard const lock(mutex_);
    if (is_started_) return;
    try {
        if (!waits_) waits_ = std::make_unique<wait_objects>(disk_->strand());
    } catch (boost::system::system_error const& failure) {
        ec = failure.code();
        return;
    }
    ec = disk_->start();
    if (ec) return;
    is_started_ = true;
    schedule();
}

next_operation* follower_impl::prepare(error_code& ec) {
    if (is_forked_) ec = error::forked;
    if (!ec) start(ec);
    if (ec) return nullptr;
    auto* const op = new next_operation;
    op->core = shared_from_this();
    op->number = last_number_.fetch_add(1, std::memory_order_relaxed) + 1;
    return op;
}

void follower_impl::submit(next_operation& op) {
    bool is_promised = false;
    {
        std::lock_guard const lock(mutex_);
        is_promised = !is_answering_ && waiting_.empty() && can_answer();
        (is_promised ? promised_ : waiting_).add(op);
        bool const step_waits_for_call = is_halted_ && !failure_;
        if (!is_promised && step_waits_for_call) schedule();
    }
    if (is_promised) post(op);
}

void follower_impl::cancel(std::uint64_t number) {
    if (is_forked_) return;
    next_operation* waited = nullptr;
    {
        std::lock_guard const lock(mutex_);
        waited = waiting_.take(number);
        // Another call gets the line that was promised to this call.
        if (!waited && promised_.take(number) && !waiting_.empty()) schedule();
    }
    if (waited) post(*waited);
}

entry follower_impl::take(next_operation& op, error_code& ec) {
    std::lock_guard const lock(mutex_);
    bool const is_promised = promised_.take(op.number) != nullptr;
    op.is_answered = true;
    if (is_forked_) {
        ec = error::forked;
    } else if (!is_promised || is_stopped()) {
        ec = asio::error::operation_aborted;
    } else if (lines_.lines() == 0) {
        ec = std::exchange(failure_, {});
        if (!waiting_.empty()) schedule();
    } else {
        return take_line(ec);
    }
    return {};
}

/// If memory runs out, the line stays for the next call.
entry follower_impl::take_line(error_code& ec) {
    entry found;
    storage::catch_bad_alloc(ec, [&] { found = lines_.front(); });
    if (ec) {
        if (!waiting_.empty()) schedule();
        return {};
    }
    lines_.pop();
    bool const has_room = lines_.bytes() <= max_bytes_ahead / 2;
    if (has_room && std::exchange(is_full_, false)) schedule();
    return found;
}

void follower_impl::release(next_operation& op) noexcept {
    if (!op.is_answered) {
        std::lock_guard const lock(mutex_);
        bool const was_promised = promised_.take(op.number) != nullptr;
        if (was_promised && !waiting_.empty() && !is_forked_) schedule();
    }
    delete &op;
}

void follower_impl::close() noexcept {
    std::lock_guard const lock(mutex_);
    stop_.store(true, std::memory_order_relaxed);
    if (is_started_ && !is_forked_) schedule();
}

void follower_impl::forget_context(asio::execution_context& context) {
    std::vector<next_operation*> orphans;
    {
        std::scoped_lock const lock(posting_, mutex_);
        orphans = waiting_.take_if([&](auto const& op) { return op.context == &context; });
    }
    for (auto* const op : orphans) op->finish(*op, next_operation::ending::abandon);
}

void follower_impl::leave_context(asio::execution_context& context) {
    forget_context(context);
    wait_closed_unless_held();
    std::lock_guard const lock(mutex_);
    std::erase_if(known_, [&](auto const& known) { return known.context == &context; });
}

void follower_impl::wait_closed_unless_held() {
    std::unique_lock lock(mutex_);
    if (!is_stopped() || !is_started_ || is_forked_) return;
    ended_.wait(lock, [this] { return has_ended_; });
}

read_report follower_impl::report() const {
    std::lock_guard const lock(mutex_);
    return report_;
}

std::vector<read_finding> follower_impl::take_findings() {
    std::lock_guard const lock(mutex_);
    taken_findings_ += report_.findings.size();
    return std::exchange(report_.findings, {});
}

// Memory for the post is reserved, so nothing throws. NOLINTNEXTLINE(bugprone-exception-escape)
void follower_impl::schedule() noexcept {
    if (is_scheduled_.exchange(true, std::memory_order_acq_rel)) return;
    reserved_allocator<void> const memory(step_memory_);
    disk_->post(asio::bind_allocator(memory, [self = shared_from_this()] { self->step(); }));
}

void follower_impl::step() {
    is_scheduled_.exchange(false, std::memory_order_acq_rel);
    error_code ec;
    storage::catch_bad_alloc(ec, [this] { read_and_answer(); });
    if (ec) fail(ec);
}

/// Reads one block, if there is room for it, and answers calls.
void follower_impl::read_and_answer() {
    end_wait();
    if (is_stopped()) return end();
    bool const reads = may_have_more_ && may_read();
    if (reads) may_have_more_ = read();
    answer_waiting();
    if (reads) return schedule();
    wait();
}

/// Processes what happened during the wait.
void follower_impl::end_wait() {
    if (waits_->changes.is_open()) waits_->changes.release();
    waits_->timer.cancel();
    bool const has_waited = waits_->timer.expiry() <= asio::steady_timer::clock_type::now();
    bool const must_recheck = std::exchange(expects_writer_gone_, false) && has_waited;
    if (must_recheck) trail_.recheck_writer();
    may_have_more_ |= must_recheck;
    may_have_more_ |= trail_.process_changes();
}

/// Waits for a change of the trail. Returns at once.
void follower_impl::wait() {
    auto const next_step = [self = shared_from_this()](error_code ec) {
        if (ec != asio::error::operation_aborted) self->schedule();
    };
    error_code ec;
    storage::catch_bad_alloc(ec, [&] {
        if (trail_.descriptor() >= 0) waits_->changes.assign(trail_.descriptor(), ec);
        if (ec) return;
        if (waits_->changes.is_open()) waits_->changes.async_wait(asio::posix::descriptor_base::wait_read, next_step);
        expects_writer_gone_ = trail_.patience().count() != 0;
        if (!expects_writer_gone_) return;
        waits_->timer.expires_after(trail_.patience());
        waits_->timer.async_wait(next_step);
    });
    if (ec) fail(ec);
}

/// Answers the next call with an error. Reading goes on when a call waits again.
void follower_impl::fail(error_code ec) {
    {
        std::lock_guard const lock(mutex_);
        if (!failure_) failure_ = ec;
        is_halted_ = true;
    }
    may_have_more_ = true;
    answer_waiting();
}

void follower_impl::end() {
    answer_waiting();
    disk_->finish();
    std::lock_guard const lock(mutex_);
    has_ended_ = true;
    ended_.notify_all();
}

bool follower_impl::may_read() {
    std::lock_guard const lock(mutex_);
    drop_taken_findings();
    if (failure_ || (is_halted_ && waiting_.empty())) return false;
    is_full_ = lines_.bytes() >= max_bytes_ahead;
    return !is_full_;
}

/// Returns true if there may be more to read.
bool follower_impl::read() {
    auto block = reading::line_queue::make_block();  // allocated first, so that no line is lost
    error_code ec;
    bool const is_full = trail_.read(block.front(), ec);
    std::lock_guard const lock(mutex_);
    lines_.add(std::move(block));
    failure_ = ec;
    is_halted_ = ec.failed();
    copy_report();
    return is_full || ec;
}

/// Before a read, makes room for its findings. After a read, removes findings that were taken meanwhile.
void follower_impl::drop_taken_findings() {
    trail_.drop_findings(std::exchange(taken_findings_, 0));
}

/// Copies the findings, which may be many, only when there are new ones.
void follower_impl::copy_report() {
    drop_taken_findings();
    read_report const& now = trail_.report();
    if (now.total != report_.total) {
        error_code ec;
        storage::catch_bad_alloc(ec, [&] { report_ = read_report(now); });
        if (!ec) return;
    }
    report_.lines = now.lines;
    report_.bytes = now.bytes;
    report_.matched = now.matched;
    report_.missing_ids = now.missing_ids;
}

void follower_impl::answer_waiting() {
    std::lock_guard const contexts_stay(posting_);
    while (next_operation* const op = promise_next()) {
        try {
            post(*op);
        } catch (...) {
            // An executor that throws destroys the handler, as its context does.
        }
    }
}

/// Returns the next call that can be answered. Until there is none, new calls wait, so that the order is kept.
next_operation* follower_impl::promise_next() {
    std::lock_guard const lock(mutex_);
    is_answering_ = !waiting_.empty() && can_answer();
    if (!is_answering_) return nullptr;
    next_operation& op = waiting_.take_first();
    promised_.add(op);
    return &op;
}

bool follower_impl::can_answer() const noexcept {
    return is_stopped() || promised_.size() < answers();
}

std::size_t follower_impl::answers() const noexcept {
    return lines_.lines() + (failure_ ? 1 : 0);
}

void follower_impl::watch_context(asio::execution_context& context, asio::any_io_executor const& executor) {
    if (&context == home_.context() && is_started_) return;
    {
        std::lock_guard const lock(mutex_);
        if (is_known(context)) return;
    }
    auto registry = context_registry::of(executor);
    registry->add(shared_from_this());
    std::lock_guard const lock(mutex_);
    if (!is_known(context)) known_.push_back({&context, std::move(registry)});
}

bool follower_impl::is_known(asio::execution_context const& context) const {
    return std::ranges::any_of(known_, [&](auto const& known) { return known.context == &context; });
}

void follower_impl::post(next_operation& op) {
    // The handler may run, and the operation be deleted, before `post` returns. So this thread uses the operation's
    // executor by itself: no other thread copies or destroys it meanwhile.
    auto const executor = std::move(op.executor);
    asio::post(executor, single_finish(op, shared_from_this()));
}

}  // namespace audit_trail::detail
