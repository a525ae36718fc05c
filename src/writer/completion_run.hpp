/// \file
/// Calls the handlers of completed operations that have the same executor, in the order of completion.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>

#include "writer/operation_list.hpp"

namespace audit_trail::detail {

/// The run posts functions ("turns") to the executor; each turn calls up to 32 handlers. While a handler runs and
/// others wait, at least one more turn is posted. So handlers run in parallel if the executor has several threads, and
/// a handler may wait for a later one.
///
/// The turns own the run. If the executor destroys the last turn without calling it, the waiting handlers are
/// destroyed. Thread safe.
class completion_run : public std::enable_shared_from_this<completion_run> {
 public:
    completion_run(asio::any_io_executor executor, std::shared_ptr<void> owner)
        : executor_(std::move(executor)), owner_(std::move(owner)) {}
    completion_run(completion_run const&) = delete;
    completion_run& operator=(completion_run const&) = delete;
    ~completion_run() { abandon(waiting_); }

    asio::any_io_executor const& executor() const noexcept { return executor_; }

    /// Adds operations. Their handlers are called after the handlers of all earlier operations.
    void add(operation_list&& done);

    /// Posts all turns that the waiting handlers need. So functions that are posted to the executor later are called
    /// after all handlers of this run. Requires: no `add` follows.
    void seal();

 private:
    class turn;

    static constexpr std::size_t handlers_per_turn = 32;

    void run();
    void handle_exception(std::exception_ptr& thrown);
    void throw_later(std::exception_ptr thrown) noexcept;
    bool is_sealed();
    /// Returns the next operation, or null. The caller must post `missing` turns before it calls the handler.
    operation* take(std::size_t& missing);
    /// Returns how many turns the caller must post so that `wanted` turns are posted, and counts them as posted.
    /// Returns 0 if no handler waits. Requires: mutex held.
    std::size_t reserve_turns(std::size_t wanted) noexcept;
    void post_turns(std::size_t count) noexcept {
        for (; count != 0; --count) post_turn();
    }
    void post_turn() noexcept;
    void end_turn() noexcept;

    asio::any_io_executor const executor_;
    std::shared_ptr<void> const owner_;
    std::mutex mutex_;
    operation_list waiting_;
    bool sealed_ = false;
    std::size_t turns_ = 0;  // posted and not begun
};

}  // namespace audit_trail::detail
