/// \file
/// Starts the operations of a writer: prepares an operation, attaches a handler of any type, and submits it.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/detail/operation.hpp>
#include <audit_trail/detail/stored_handler.hpp>
#include <audit_trail/event.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace audit_trail::detail {

// The functions of the writer that the templates below need. The core is null if the writer has no trail. Each
// `prepare_` returns an operation without a handler, or null with an error. An operation that is not submitted must be
// discarded. A submitted operation is released after its handler has run or was destroyed.
AUDIT_TRAIL_API operation* prepare_append(writer_core* core, event_draft& draft, std::optional<durability> wanted,
                                          error_code& ec);
AUDIT_TRAIL_API operation* prepare_batch(writer_core* core, std::vector<event_draft>& drafts, error_code& ec);
AUDIT_TRAIL_API operation* prepare_flush(writer_core* core, durability wanted, error_code& ec);
AUDIT_TRAIL_API operation* prepare_close(writer_core* core, error_code& ec);
AUDIT_TRAIL_API void watch_contexts(operation const& op);
AUDIT_TRAIL_API void submit(operation& op);
AUDIT_TRAIL_API void discard(operation& op) noexcept;
AUDIT_TRAIL_API void release(operation& op) noexcept;
AUDIT_TRAIL_API asio::any_io_executor const& executor_of(writer_core const* core) noexcept;

/// Cancels an operation. Held by a cancellation slot; may outlive the operation and the writer.
class AUDIT_TRAIL_API cancellation_ticket {
 public:
    explicit cancellation_ticket(operation& op);
    void cancel() const;

 private:
    std::weak_ptr<writer_core> core_;
    operation* op_;
    std::uint64_t queued_phase_;
};

inline cancellation_ticket make_ticket(operation& op) {
    return cancellation_ticket(op);
}

// Called on the handler's executor: they build the arguments of the handler.
AUDIT_TRAIL_API event take_event(operation const& op);
AUDIT_TRAIL_API receipt take_receipt(operation const& op) noexcept;
AUDIT_TRAIL_API std::vector<event> take_events(operation const& op);

template <>
struct answer_traits<event> {
    static event take(operation& op, error_code&) { return take_event(op); }
};

template <>
struct answer_traits<receipt> {
    static receipt take(operation& op, error_code&) { return take_receipt(op); }
};

template <>
struct answer_traits<std::vector<event>> {
    static std::vector<event> take(operation& op, error_code&) { return take_events(op); }
};

/// The initiation for `async_initiate`. Owns the writer's shared state, so that a deferred call may outlive the handle.
template <class Answer>
struct initiate_append {
    std::shared_ptr<writer_core> core;
    std::optional<durability> wanted;

    template <class Handler>
    void operator()(Handler&& handler, event_draft&& draft) const {
        error_code ec;
        operation* const op = prepare_append(core.get(), draft, wanted, ec);
        start<Answer>(core.get(), op, ec, std::forward<Handler>(handler), true);
    }

    /// For a deferred call that may be made several times: copies the draft.
    template <class Handler>
    void operator()(Handler&& handler, event_draft const& draft) const {
        operator()(std::forward<Handler>(handler), event_draft(draft));
    }
};

struct initiate_batch {
    std::shared_ptr<writer_core> core;

    template <class Handler>
    void operator()(Handler&& handler, std::vector<event_draft> drafts) const {
        error_code ec;
        operation* const op = prepare_batch(core.get(), drafts, ec);
        start<std::vector<event>>(core.get(), op, ec, std::forward<Handler>(handler), true);
    }
};

struct initiate_flush {
    std::shared_ptr<writer_core> core;
    durability wanted;

    template <class Handler>
    void operator()(Handler&& handler) const {
        error_code ec;
        operation* const op = prepare_flush(core.get(), wanted, ec);
        start<void>(core.get(), op, ec, std::forward<Handler>(handler), true);
    }
};

struct initiate_close {
    std::shared_ptr<writer_core> core;

    template <class Handler>
    void operator()(Handler&& handler) const {
        error_code ec;
        operation* const op = prepare_close(core.get(), ec);
        start<void>(core.get(), op, ec, std::forward<Handler>(handler), false);
    }
};

}  // namespace audit_trail::detail
