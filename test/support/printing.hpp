/// \file
/// Prints the library's types in failed checks.
#pragma once

#include <audit_trail/error.hpp>
#include <ostream>

namespace audit_trail {

inline std::ostream& operator<<(std::ostream& out, error value) {
    return out << make_error_code(value).message();
}

inline std::ostream& operator<<(std::ostream& out, condition value) {
    return out << make_error_condition(value).message();
}

}  // namespace audit_trail
