#include <audit_trail/hmac.hpp>
#include <iostream>

int main(int, char** arguments) {
    std::cout << audit_trail::hmac_sha256(std::string(20, '\x0b'))(arguments[1]) << '\n';
}
