/// \file
/// Operations in a row, linked through themselves.
#pragma once

#include <audit_trail/detail/operation.hpp>
#include <utility>

namespace audit_trail::detail {

class operation_chain {
 public:
    operation_chain() noexcept = default;
    operation_chain(operation_chain&& other) noexcept { append(std::move(other)); }
    operation_chain& operator=(operation_chain&&) = delete;

    bool empty() const noexcept { return !first_; }
    operation* front() const noexcept { return first_; }

    void push(operation& op) noexcept {
        op.next = nullptr;
        if (last_) {
            last_->next = &op;
        } else {
            first_ = &op;
        }
        last_ = &op;
    }

    operation* pop() noexcept {
        operation* const op = first_;
        if (!op) return nullptr;
        first_ = op->next;
        if (!first_) last_ = nullptr;
        return op;
    }

    void append(operation_chain&& other) noexcept {
        if (other.empty()) return;
        if (last_) {
            last_->next = other.first_;
        } else {
            first_ = other.first_;
        }
        last_ = other.last_;
        other.first_ = other.last_ = nullptr;
    }

    template <class Function>
    void for_each(Function&& function) const {
        for (operation* op = first_; op; op = op->next) function(*op);
    }

    /// Destroys every handler without calling it.
    void abandon() {
        while (operation* const op = pop()) op->finish(*op, operation::ending::abandon);
    }

 private:
    operation* first_ = nullptr;
    operation* last_ = nullptr;
};

}  // namespace audit_trail::detail
