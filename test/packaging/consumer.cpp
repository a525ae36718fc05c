// A small program of a user. It needs the library, the part of Boost.JSON that its headers use, and an exception of the
// library.
#include <audit_trail/json.hpp>
#include <audit_trail/reader.hpp>
#include <iostream>

int main() {
    try {
        audit_trail::reader const none("/dev/null");
    } catch (boost::system::system_error const& failure) {
        if (failure.code() != audit_trail::error::not_a_trail) throw;
        audit_trail::error_code ec;
        std::cout << audit_trail::to_json(audit_trail::json::object{{"linked", true}}, ec) << '\n';
    }
    return 0;  // it is compiled as another function, too
}
