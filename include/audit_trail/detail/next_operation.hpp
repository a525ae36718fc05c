/// \file
/// A call of `follower::async_next`: exists from its initiation until its handler has run or was destroyed.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/detail/stored_handler.hpp>
#include <audit_trail/entry.hpp>
#include <audit_trail/error.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/set_hook.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace audit_trail::detail {

class follower_impl;

struct next_operation : boost::intrusive::set_base_hook<> {
    enum class ending : std::uint8_t { invoke, abandon };
    asio::any_io_executor executor;
    asio::execution_context* context = nullptr;  // the executor's
    error_code error;                            // the result is determined when the handler runs, so this stays empty
    void (*finish)(next_operation&, ending) = nullptr;
    void* handler = nullptr;
    std::shared_ptr<follower_impl> core;
    std::uint64_t number = 0;  // ascending in the order of initiation, never reused
    bool is_answered = false;

    // Storage for small handlers.
    static constexpr std::size_t inline_handler_size = 128;
    alignas(std::max_align_t) std::byte inline_handler[inline_handler_size];
};

/// Cancels a call. Held by a cancellation slot. Does not own the follower: the slot may outlive the follower's context.
class next_ticket {
 public:
    explicit next_ticket(next_operation const& op) : core_(op.core), number_(op.number) {}
    AUDIT_TRAIL_API void cancel() const;

 private:
    std::weak_ptr<follower_impl> core_;
    std::uint64_t number_;
};

inline next_ticket make_ticket(next_operation& op) {
    return next_ticket(op);
}

// The functions of the follower that the templates need. The core is null for a default-constructed or moved-from
// follower.
AUDIT_TRAIL_API next_operation* prepare_next(std::shared_ptr<follower_impl> const& core, error_code& ec);
AUDIT_TRAIL_API void watch_contexts(next_operation const& op);
AUDIT_TRAIL_API void submit(next_operation& op);
AUDIT_TRAIL_API void discard(next_operation& op) noexcept;
AUDIT_TRAIL_API entry take_entry(next_operation& op, error_code& ec);
AUDIT_TRAIL_API void release(next_operation& op) noexcept;
AUDIT_TRAIL_API asio::any_io_executor const& executor_of(follower_impl const* core) noexcept;

template <>
struct answer_traits<entry> {
    static entry take(next_operation& op, error_code& ec) { return take_entry(op, ec); }
};

/// The initiation for `async_initiate`. Owns the shared state, so that a deferred call may outlive the handle.
struct initiate_next {
    std::shared_ptr<follower_impl> core;

    template <class Handler>
    void operator()(Handler&& handler) const {
        error_code ec;
        next_operation* const op = prepare_next(core, ec);
        start<entry>(core.get(), op, ec, std::forward<Handler>(handler), true);
    }
};

}  // namespace audit_trail::detail
