/// \file
/// Prints values in failed checks.
#pragma once

#include <ostream>

#include "storage/category.hpp"
#include "storage/root_lock.hpp"
#include "storage/trail_store.hpp"

namespace audit_trail::storage {

inline std::ostream& operator<<(std::ostream& out, segment_tail const& tail) {
    return out << "segment " << tail.number << " at " << tail.size;
}

inline std::ostream& operator<<(std::ostream& out, end_state state) {
    return out << "end_state " << static_cast<int>(state);
}

inline std::ostream& operator<<(std::ostream& out, lock_record const& record) {
    return out << format_lock_record(record);
}

inline std::ostream& operator<<(std::ostream& out, commit_result result) {
    static constexpr char const* names[] = {"committed", "cut_back", "failed"};
    return out << names[static_cast<int>(result)];
}

}  // namespace audit_trail::storage
