#include "follower/follower_core.hpp"

#include <poll.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <utility>

#include "system/background_thread.hpp"
#include "async/single_finish.hpp"

namespace audit_trail::detail {
namespace {

/// One that can't be told keeps its name: then opening it says what is wrong.
std::filesystem::path made_absolute(std::filesystem::path const& path) {
    std::error_code ec;
    auto result = std::filesystem::absolute(path, ec);
    return ec ? path : result;
}

}  // namespace

follower_core::follower_core(asio::any_io_executor executor, std::filesystem::path const& root, event_filter filter,
                             std::optional<std::uint64_t> from_event_id)
    : home_(std::move(executor)),
      trail_(storage::posix_file_system(), made_absolute(root), std::move(filter), from_event_id, stop_) {
    storage::join_forks(*this);
}

follower_core::~follower_core() {
    storage::leave_forks(*this);
    for (auto const& known : known_) known.registry->remove(*this);
}

void follower_core::before_fork() noexcept {
    posting_.lock();
    mutex_.lock();
}

void follower_core::after_fork_in_parent() noexcept {
    mutex_.unlock();
    posting_.unlock();
}

void follower_core::after_fork_in_child() noexcept {
    is_forked_ = true;
    mutex_.unlock();
    posting_.unlock();
}

void follower_core::start(error_code& ec) {
    if (is_started_) return;
    if (!home_.was_given()) ec = error::no_executor;
    if (ec) return;
    // Before there is a thread, since this may fail.
    if (auto* const home = home_.context()) watch_context(*home, home_.get());
    start_thread(ec);
}

void follower_core::start_thread(error_code& ec) {
    std::lock_guard const lock(mutex_);
    if (is_started_) return;
    wake_.open(ec);
    if (ec) return;
    ec = start_background_thread([self = shared_from_this()] { self->run(); });
    is_started_ = !ec;
}

next_operation* follower_core::prepare(error_code& ec) {
    if (is_forked_) ec = error::forked;
    if (!ec) start(ec);
    if (ec) return nullptr;
    auto* const op = new next_operation;
    op->core = shared_from_this();
    op->number = last_number_.fetch_add(1, std::memory_order_relaxed) + 1;
    return op;
}

void follower_core::submit(next_operation& op) {
    bool is_promised = false;
    {
        std::lock_guard const lock(mutex_);
        is_promised = is_stopped() || (waiting_.empty() && promised_.size() < answers());
        (is_promised ? promised_ : waiting_).add(op);
        bool const thread_waits_for_it = is_halted_ && !failure_;
        if (!is_promised && thread_waits_for_it) wake_.set();
    }
    if (is_promised) post(op);
}

void follower_core::cancel(std::uint64_t number) {
    next_operation* waited = nullptr;
    {
        std::lock_guard const lock(mutex_);
        waited = waiting_.take(number);
        // What it was promised is another's now.
        if (!waited && promised_.take(number) && !waiting_.empty()) wake_.set();
    }
    if (waited) post(*waited);
}

entry follower_core::take(next_operation& op, error_code& ec) {
    reading::line_queue::place line;
    {
        std::lock_guard const lock(mutex_);
        bool const is_promised = promised_.take(op.number) != nullptr;
        op.is_answered = true;
        if (is_forked_) {
            ec = error::forked;
        } else if (!is_promised || is_stopped()) {
            ec = asio::error::operation_aborted;
        } else if (lines_.lines() == 0) {
            ec = std::exchange(failure_, {});
            if (!waiting_.empty()) wake_.set();
        } else {
            line = lines_.take();
            bool const has_room = lines_.bytes() <= max_bytes_ahead / 2;
            if (has_room && std::exchange(is_full_, false)) wake_.set();
        }
    }
    return line.block ? line.block->at(line.index) : entry();
}

void follower_core::put_back(next_operation& op) noexcept {
    if (!op.is_answered) {
        std::lock_guard const lock(mutex_);
        bool const gives_up = promised_.take(op.number) != nullptr;
        if (gives_up && !waiting_.empty() && !is_forked_) wake_.set();
    }
    delete &op;
}

void follower_core::let_go() noexcept {
    std::lock_guard const lock(mutex_);
    stop_.store(true, std::memory_order_relaxed);
    if (is_started_ && !is_forked_) wake_.set();
}

void follower_core::forget_context(asio::execution_context& context) {
    std::vector<next_operation*> orphans;
    {
        std::scoped_lock const lock(posting_, mutex_);
        orphans = waiting_.take_if([&](auto const& op) { return op.context == &context; });
    }
    for (auto* const op : orphans) op->finish(*op, next_operation::ending::abandon);
}

void follower_core::leave_context(asio::execution_context& context) {
    forget_context(context);
    wait_closed_unless_held();
    std::lock_guard const lock(mutex_);
    std::erase_if(known_, [&](auto const& known) { return known.context == &context; });
}

void follower_core::wait_closed_unless_held() {
    std::unique_lock lock(mutex_);
    if (!is_stopped() || !is_started_ || is_forked_) return;
    ended_.wait(lock, [this] { return has_ended_; });
}

read_report follower_core::report() const {
    std::lock_guard const lock(mutex_);
    return report_;
}

std::vector<read_finding> follower_core::take_findings() {
    std::lock_guard const lock(mutex_);
    taken_findings_ += report_.findings.size();
    return std::exchange(report_.findings, {});
}

void follower_core::run() {
    bool more = true;
    while (!is_stopped()) {
        if (more && may_read()) {
            more = read_ahead();
        } else if (wait_for_change()) {
            more = true;
        }
        answer_waiting();
    }
    answer_waiting();
    std::lock_guard const lock(mutex_);
    has_ended_ = true;
    ended_.notify_all();
}

bool follower_core::may_read() {
    std::lock_guard const lock(mutex_);
    drop_taken_findings();
    if (failure_ || (is_halted_ && waiting_.empty())) return false;
    is_full_ = lines_.bytes() >= max_bytes_ahead;
    return !is_full_;
}

/// Whether there may be more to read.
bool follower_core::read_ahead() {
    reading::line_block block;
    error_code ec;
    bool const is_full = trail_.read(block, ec);
    std::lock_guard const lock(mutex_);
    lines_.add(std::move(block));
    failure_ = ec;
    is_halted_ = ec.failed();
    note_report();
    return is_full || ec;
}

/// Before a read this makes room for what the read meets; after a read it keeps taken findings out of the report.
void follower_core::drop_taken_findings() {
    trail_.drop_findings(std::exchange(taken_findings_, 0));
}

/// The findings, which may be many, are copied when there are new ones.
void follower_core::note_report() {
    drop_taken_findings();
    read_report const& now = trail_.report();
    if (now.total != report_.total) {
        report_ = now;
        return;
    }
    report_.lines = now.lines;
    report_.bytes = now.bytes;
    report_.matched = now.matched;
    report_.missing_ids = now.missing_ids;
}

/// Whether there may be more to read.
bool follower_core::wait_for_change() {
    pollfd asked[] = {{wake_.descriptor(), POLLIN, 0}, {trail_.descriptor(), POLLIN, 0}};
    auto const patience = static_cast<int>(trail_.patience().count());
    int const ready = ::poll(asked, std::size(asked), patience == 0 ? -1 : patience);
    if (ready < 0) return false;
    if (ready == 0) {
        trail_.look_for_writer();
        return true;
    }
    if (asked[0].revents != 0) wake_.clear();
    if (asked[1].revents == 0) return false;
    trail_.take_changes();
    return true;
}

void follower_core::answer_waiting() {
    std::lock_guard const contexts_stay(posting_);
    std::vector<next_operation*> answered;
    {
        std::lock_guard const lock(mutex_);
        while (!waiting_.empty() && (is_stopped() || promised_.size() < answers())) {
            next_operation& op = waiting_.take_first();
            promised_.add(op);
            answered.push_back(&op);
        }
    }
    for (auto* const op : answered) {
        try {
            post(*op);
        } catch (...) {
            // What an executor does not take is destroyed, as when its context is.
        }
    }
}

std::size_t follower_core::answers() const noexcept {
    return lines_.lines() + (failure_ ? 1 : 0);
}

void follower_core::watch_context(asio::execution_context& context, asio::any_io_executor const& executor) {
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

bool follower_core::is_known(asio::execution_context const& context) const {
    return std::ranges::any_of(known_, [&](auto const& known) { return known.context == &context; });
}

void follower_core::post(next_operation& op) {
    // The handler may have run, and the operation be gone, before posting it returns. The executor is not shared with
    // it: their threads would be at odds over which of them has to delete it.
    auto const executor = std::move(op.executor);
    asio::post(executor, single_finish(op, shared_from_this()));
}

void next_ticket::cancel() const {
    if (auto const core = core_.lock()) core->cancel(number_);
}

next_operation* prepare_next(std::shared_ptr<follower_core> const& core, error_code& ec) {
    if (core) return core->prepare(ec);
    ec = error::closed;
    return nullptr;
}

void watch_contexts(next_operation const& op) {
    op.core->watch_context(*op.context, op.executor);
}

void submit(next_operation& op) {
    op.core->submit(op);
}

void take_back(next_operation& op) noexcept {
    delete &op;
}

entry take_entry(next_operation& op, error_code& ec) {
    return op.core->take(op, ec);
}

void recycle(next_operation& op) noexcept {
    auto const core = op.core;
    core->put_back(op);
}

asio::any_io_executor const& executor_of(follower_core const* core) noexcept {
    static asio::any_io_executor const none;
    return core ? core->home().get() : none;
}

}  // namespace audit_trail::detail
