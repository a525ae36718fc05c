// The calls of initiating threads and handlers: preparing an operation, submitting, cancelling and releasing it.
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <ctime>
#include <optional>
#include <utility>

#include "async/single_finish.hpp"
#include "format/encode.hpp"
#include "writer/operation_phase.hpp"
#include "writer/writer_core.hpp"

namespace audit_trail::detail {
namespace {

/// Owns an operation while it is prepared. Releases it if that fails.
class unfinished_operation {
 public:
    unfinished_operation(writer_core& core, operation* op) noexcept : core_(core), op_(op) {}
    unfinished_operation(unfinished_operation const&) = delete;
    unfinished_operation& operator=(unfinished_operation const&) = delete;
    ~unfinished_operation() {
        if (op_) core_.release(*op_);
    }

    explicit operator bool() const noexcept { return op_; }
    operation& get() noexcept { return *op_; }
    operation* take() noexcept { return std::exchange(op_, nullptr); }

 private:
    writer_core& core_;
    operation* op_;
};

line_extent describe_line(text_buffer const& text, std::size_t begin, format::name_positions const& names,
                          event_draft const& draft, std::int64_t timestamp) {
    line_extent line;
    line.begin = begin;
    line.size = text.size() - begin;
    line.domain_begin = names.domain;
    line.domain_size = static_cast<std::uint8_t>(draft.domain.size());
    line.category_begin = names.category;
    line.category_size = static_cast<std::uint8_t>(draft.category.size());
    line.timestamp = timestamp;
    return line;
}

}  // namespace

operation* writer_core::take_operation(operation::kind what, durability wanted, error_code& ec) {
    if (forked_.load(std::memory_order_relaxed)) return refuse(ec, error::forked);
    if (queue_.closed()) return refuse(ec, error::closed);
    operation* const op = pool_.take();
    if (!op) return refuse(ec, error::queue_full);
    op->what = what;
    op->wanted = wanted;
    op->core = this;
    return op;
}

std::nullptr_t writer_core::refuse(error_code& ec, error_code why) noexcept {
    counts_.rejected.fetch_add(1, std::memory_order_relaxed);
    ec = why;
    return nullptr;
}

operation* writer_core::prepare_append(event_draft& draft, std::optional<durability> wanted, error_code& ec) {
    unfinished_operation op(*this, take_operation(operation::kind::append, wanted.value_or(options_.durability), ec));
    if (!op) return nullptr;
    if (admission_.exhausted()) return refuse(ec, error::queue_full);
    if (error_code const why = add_line(op.get(), draft)) return refuse(ec, why);
    return admit(op.get()) ? op.take() : refuse(ec, error::queue_full);
}

operation* writer_core::prepare_batch(std::vector<event_draft>& drafts, error_code& ec) {
    unfinished_operation op(*this, take_operation(operation::kind::append, options_.durability, ec));
    if (!op) return nullptr;
    if (drafts.size() > options_.max_pending_events) return refuse(ec, error::queue_full);
    for (event_draft& draft : drafts) {
        if (error_code const why = add_line(op.get(), draft)) return refuse(ec, why);
        if (op.get().text.size() > options_.max_pending_bytes) return refuse(ec, error::queue_full);
    }
    return admit(op.get()) ? op.take() : refuse(ec, error::queue_full);
}

error_code writer_core::add_line(operation& op, event_draft& draft) {
    if (!options_.allow_empty_names) {
        if (draft.model_name.empty()) return error::empty_model_name;
        if (draft.logical_user_id.empty()) return error::empty_logical_user_id;
    }
    if (!redactor_.empty()) {
        if (error_code const ec = redactor_.apply(draft)) return ec;
    }
    std::size_t const begin = op.text.size();
    std::int64_t const timestamp = draft.timestamp ? *draft.timestamp : std::time(nullptr);
    format::name_positions names;
    error_code const ec = format::encode_tail(draft, timestamp, options_.max_event_bytes, op.text, &names);
    if (ec) return ec;
    line_extent const line = describe_line(op.text, begin, names, draft, timestamp);
    if (op.line_count++ == 0) {
        op.line = line;
    } else {
        op.further_lines.push_back(line);
    }
    return {};
}

bool writer_core::admit(operation& op) {
    std::uint64_t const bytes =
        sizeof(operation) + op.text.heap_bytes() + op.further_lines.capacity() * sizeof(line_extent);
    if (!admission_.admit({op.line_count, bytes})) return false;
    op.charged_events = static_cast<std::uint32_t>(op.line_count);
    op.charged_bytes = bytes;
    counts_.accepted.fetch_add(op.line_count, std::memory_order_relaxed);
    return true;
}

operation* writer_core::prepare_flush(durability wanted, error_code& ec) {
    return take_operation(operation::kind::flush, wanted, ec);
}

operation* writer_core::prepare_close(error_code& ec) {
    if (forked_.load(std::memory_order_relaxed)) return refuse(ec, error::forked);
    auto* const op = new operation;
    op->what = operation::kind::close;
    op->core = this;
    return op;
}

void writer_core::submit(operation& op) {
    if (op.what == operation::kind::close) return close_with(op);
    if (queue_.push(op)) {
        if (!wake(wait_reason::input)) fail_queued();
        return;
    }
    if (!operation_phase::try_settle(op)) return release_cancelled(op, operation_phase::queue_left);
    counts_.accepted.fetch_sub(op.charged_events, std::memory_order_relaxed);
    counts_.rejected.fetch_add(1, std::memory_order_relaxed);
    op.error = error::closed;
    finish_later(op);
}

void writer_core::discard(operation& op) noexcept {
    if (op.what == operation::kind::close) {
        delete &op;
        return;
    }
    if (op.what == operation::kind::open) {
        auto const self = weak_from_this().lock();
        fail_opening(op, {});
        delete &op;
        return end({});
    }
    counts_.accepted.fetch_sub(op.charged_events, std::memory_order_relaxed);
    admission_.withdraw({op.charged_events, op.charged_bytes});
    clear_contents(op);
    pool_.release(op);
}

void writer_core::close_with(operation& op) {
    std::unique_lock lock(closing_);
    if (close_result_) {
        op.error = *close_result_;
        lock.unlock();
        return finish_later(op);
    }
    waiting_for_close_.push_back(op);
    queue_.close();
    lock.unlock();
    if (!wake()) fail_closes();
}

/// Completes the closes with an error, because no step could be posted. A later close tries again.
void writer_core::fail_closes() {
    operation_list closes;
    {
        std::lock_guard const lock(closing_);
        closes.swap(waiting_for_close_);
    }
    while (!closes.empty()) {
        operation& op = take_first(closes);
        op.error = out_of_memory;
        finish_later(op);
    }
}

void writer_core::cancel(operation& op, std::uint64_t queued_phase) {
    if (forked_.load(std::memory_order_relaxed)) return;
    if (!operation_phase::try_cancel(op, queued_phase)) return;
    op.error = asio::error::operation_aborted;
    counts_.cancelled.fetch_add(op.charged_events, std::memory_order_relaxed);
    // The committer may wait for room for this operation. Wakes it even if the handler's executor throws.
    struct woken_at_exit {
        writer_core& core;
        ~woken_at_exit() {
            if (!core.wake(wait_reason::room)) core.fail_queued();
        }
    } const wake_at_exit{*this};
    finish_later(op);
}

void writer_core::finish_later(operation& op) {
    // Moved, not copied: a copy in the operation could be destroyed by the handler's thread while this thread posts.
    auto const executor = std::move(op.executor);
    asio::post(executor, single_finish(op, shared_from_this()));
}

bool writer_core::has_ended() noexcept {
    std::lock_guard const lock(closing_);
    return close_result_.has_value();
}

void writer_core::release(operation& op) noexcept {
    if (op.what == operation::kind::close || op.what == operation::kind::open) {
        if (op.what == operation::kind::close && has_ended()) health_.silence();
        delete &op;
        return;
    }
    admission::amount const charged{op.charged_events, op.charged_bytes};
    clear_contents(op);
    pool_.release(op);
    if (charged.bytes == 0) return;
    admission_.release(charged);
    if (!forked_.load(std::memory_order_relaxed) && !wake(wait_reason::room)) fail_queued();
}

void writer_core::release_cancelled(operation& op, std::uint64_t party) noexcept {
    if (party == operation_phase::handler_left) {
        admission_.withdraw({op.charged_events, op.charged_bytes});
        clear_contents(op);
    }
    if (operation_phase::leave(op, party)) pool_.release(op);
}

void writer_core::clear_contents(operation& op) noexcept {
    if (op.text.heap_bytes() != 0) {
        op.text.reset();
    } else {
        op.text.clear();
    }
    if (op.line_count > 1) op.further_lines = {};
    op.executor = {};
}

}  // namespace audit_trail::detail
