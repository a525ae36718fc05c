/// \file
/// A list of operations, linked through the operations.
#pragma once

#include <audit_trail/detail/operation.hpp>
#include <boost/intrusive/slist.hpp>

namespace audit_trail::detail {

using operation_list = boost::intrusive::slist<operation, boost::intrusive::cache_last<true>>;

/// Requires: not empty.
inline operation& take_first(operation_list& list) noexcept {
    operation& first = list.front();
    list.pop_front();
    return first;
}

inline void append(operation_list& list, operation_list&& more) noexcept {
    list.splice_after(list.last(), more);
}

/// Destroys the handlers without calling them.
inline void abandon(operation_list& list) {
    while (!list.empty()) {
        operation& op = take_first(list);
        op.finish(op, operation::ending::abandon);
    }
}

}  // namespace audit_trail::detail
