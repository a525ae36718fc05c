/// \file
/// Divides the commit log into used and free space. Uses no files.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/log_format.hpp"

namespace audit_trail::storage {

/// A ring: records follow each other, and a record that does not fit before the end begins at the first position. No
/// record reaches the tail from behind, so an empty ring is the only one whose head is its tail.
class log_space {
 public:
    std::uint64_t head() const noexcept { return head_; }
    std::uint64_t tail() const noexcept { return tail_; }
    std::uint64_t capacity() const noexcept { return capacity_; }
    bool empty() const noexcept { return head_ == tail_; }

    /// Returns the number of bytes between tail and head, including bytes that were skipped at the end.
    std::uint64_t used() const noexcept {
        return head_ >= tail_ ? head_ - tail_ : capacity_ - tail_ + head_ - first_log_position;
    }

    /// Sets the end of the file. It must not become smaller.
    void grow(std::uint64_t capacity) noexcept { capacity_ = capacity; }

    /// Returns the position for a record of this size, or nothing if there is no room.
    std::optional<std::uint64_t> place(std::uint64_t bytes) const noexcept {
        if (head_ < tail_) return tail_ - head_ > bytes ? std::optional(head_) : std::nullopt;
        if (head_ + bytes <= capacity_) return head_;
        return tail_ - first_log_position > bytes ? std::optional(first_log_position) : std::nullopt;
    }

    /// Requires: `position` is what `place` returned for this size.
    void use(std::uint64_t position, std::uint64_t bytes) noexcept { head_ = position + bytes; }

    /// Frees everything before `through`, which is the head of now or of an earlier moment.
    void release(std::uint64_t through) noexcept { tail_ = through; }

 private:
    std::uint64_t capacity_ = first_log_position;
    std::uint64_t head_ = first_log_position;
    std::uint64_t tail_ = first_log_position;
};

}  // namespace audit_trail::storage
