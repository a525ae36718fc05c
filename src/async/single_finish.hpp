/// \file
/// A function object that completes one operation when it is posted to its executor.
#pragma once

#include <memory>
#include <utility>

namespace audit_trail::detail {

/// Calls the operation's handler. Destroys the handler if the function is destroyed without a call, for example with
/// the executor's context.
template <class Operation, class Core>
class single_finish {
 public:
    single_finish(Operation& op, std::shared_ptr<Core> core) : op_(&op), core_(std::move(core)) {}
    single_finish(single_finish&& other) noexcept
        : op_(std::exchange(other.op_, nullptr)), core_(std::move(other.core_)) {}
    single_finish& operator=(single_finish&&) = delete;
    ~single_finish() {
        if (op_) op_->finish(*op_, Operation::ending::abandon);
    }

    void operator()() {
        Operation& op = *std::exchange(op_, nullptr);
        op.finish(op, Operation::ending::invoke);
    }

 private:
    Operation* op_;
    std::shared_ptr<Core> core_;
};

}  // namespace audit_trail::detail
