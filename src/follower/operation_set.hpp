/// \file
/// Keeps operations in ascending order of their numbers. Adding the highest number takes constant time, finding a
/// number logarithmic time. `add` and `take` allocate nothing.
#pragma once

#include <boost/intrusive/set.hpp>
#include <cstddef>
#include <vector>

namespace audit_trail::detail {

/// An `Operation` derives from `boost::intrusive::set_base_hook<>` and has a unique `number`. It is in at most one set,
/// and must not be in a set when it is destroyed.
template <class Operation>
class operation_set {
 public:
    using number_type = decltype(Operation::number);

    void add(Operation& op) noexcept { operations_.insert(operations_.end(), op); }

    /// Requires: not empty.
    Operation& take_first() noexcept { return take(operations_.begin()); }

    /// Returns null if no operation has that number.
    Operation* take(number_type const& number) noexcept {
        auto const found = operations_.find(number);
        return found == operations_.end() ? nullptr : &take(found);
    }

    template <class Predicate>
    std::vector<Operation*> take_if(Predicate const& is_wanted) {
        std::vector<Operation*> taken;
        for (auto at = operations_.begin(); at != operations_.end();) {
            auto const current = at++;
            if (is_wanted(*current)) taken.push_back(&take(current));
        }
        return taken;
    }

    bool empty() const noexcept { return operations_.empty(); }
    std::size_t size() const noexcept { return operations_.size(); }

 private:
    struct number_of {
        using type = number_type;
        type const& operator()(Operation const& op) const noexcept { return op.number; }
    };
    using set = boost::intrusive::set<Operation, boost::intrusive::key_of_value<number_of>>;

    Operation& take(typename set::iterator at) noexcept {
        Operation& op = *at;
        operations_.erase(at);
        return op;
    }

    set operations_;
};

}  // namespace audit_trail::detail
