/// \file
/// Calls the user's health hook on the writer's executor when the writer's health changes.
#pragma once

#include <atomic>
#include <audit_trail/error.hpp>
#include <audit_trail/health_event.hpp>
#include <cstdint>
#include <memory>
#include <optional>

#include "async/home_executor.hpp"
#include "writer/completion_dispatcher.hpp"

namespace audit_trail::detail {

/// A condition that begins and ends. The step changes it; one thread at a time takes the changes. If several changes
/// were not taken, the next two are the last ones.
class lasting_condition {
 public:
    /// Returns true if this is a change.
    bool set(bool holds, int error_number) noexcept {
        std::uint64_t const changes = changes_.load(std::memory_order_relaxed);
        if (holds == (changes % 2 != 0)) return false;
        if (holds) error_number_.store(error_number, std::memory_order_relaxed);
        changes_.store(changes + 1, std::memory_order_release);
        return true;
    }

    /// Returns whether the condition holds after the next change that was not taken, if there is one.
    std::optional<bool> take_change() noexcept {
        std::uint64_t const changes = changes_.load(std::memory_order_acquire);
        if (changes == taken_) return std::nullopt;
        taken_ = (changes - taken_) % 2 != 0 ? changes : changes - 1;
        return taken_ % 2 != 0;
    }

    /// Returns the error of the last beginning; 0 before.
    int error_number() const noexcept { return error_number_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::uint64_t> changes_{0};  // odd: the condition holds
    std::atomic<int> error_number_{0};
    std::uint64_t taken_ = 0;
};

/// The step calls the `note_` functions and then `report`. At most one function is posted at a time, so a slow executor
/// does not collect more; it calls the hook once and then posts the next call.
class health_monitor {
 public:
    /// Both must outlive the monitor.
    health_monitor(health_hook hook, home_executor const& home, completion_dispatcher& dispatcher)
        : hook_(std::move(hook)), home_(home), dispatcher_(dispatcher) {}

    // Require: the caller runs the step.
    void note_stopped(int error_number) noexcept { changed_ |= stopped_.set(true, error_number); }
    void note_disk_full(bool full, int error_number) noexcept { changed_ |= disk_full_.set(full, error_number); }
    void note_log_unavailable(bool unavailable, int error_number) noexcept {
        changed_ |= log_unavailable_.set(unavailable, error_number);
    }
    void note_vanished(std::uint64_t segments) noexcept;
    /// Posts a call of the hook if a change was noted. The function owns `owner`.
    void report(std::shared_ptr<void> const& owner) noexcept;

    /// No call of the hook begins after this. Thread safe.
    void silence() noexcept { silent_.store(true, std::memory_order_seq_cst); }

    /// Returns the error that stopped the writer; 0 while it works. Thread safe.
    int stop_error_number() const noexcept { return stopped_.error_number(); }

 private:
    class call;

    void post(asio::any_io_executor const& executor, std::shared_ptr<void> const& owner);
    void post_next(std::shared_ptr<void> const& owner) noexcept;
    std::optional<health_event> take_event() noexcept;
    std::optional<health_event> take_event_or_rest() noexcept;
    void call_hook(std::shared_ptr<void> const& owner);

    health_hook const hook_;
    home_executor const& home_;
    completion_dispatcher& dispatcher_;

    bool changed_ = false;  // since the last `report`
    lasting_condition stopped_, log_unavailable_, disk_full_;
    std::atomic<std::uint64_t> vanished_{0};

    std::atomic<std::uint64_t> reports_{0};
    std::atomic<bool> busy_{false};  // a function is posted or runs: it owns the members below
    std::uint64_t vanished_taken_ = 0;

    std::atomic<bool> silent_{false};
};

}  // namespace audit_trail::detail
