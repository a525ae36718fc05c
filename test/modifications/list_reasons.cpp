/// \file
/// Prints the name and the message of every error of the library, one a line.
#include <audit_trail/error.hpp>
#include <iostream>
#include <string_view>

int main() {
    using audit_trail::error;
    constexpr int end = 1000;  // above the highest value
    for (int value = 1; value != end; ++value) {
        auto const reason = static_cast<error>(value);
        std::string_view const name = audit_trail::name_of(reason);
        if (name != "unknown") std::cout << name << '\t' << make_error_code(reason).message() << '\n';
    }
}
