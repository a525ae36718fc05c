#include "cli/message.hpp"

#include <cstdio>
#include <string>

#include "cli/printable.hpp"

namespace audit_trail::cli {

void report(std::string_view message) {
    std::string const line = printable(message) + '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

}  // namespace audit_trail::cli
