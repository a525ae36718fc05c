#include "cli/output_end.hpp"

#include <unistd.h>

#include <utility>

namespace audit_trail::cli {

output_end::output_end(boost::asio::io_context& context) : watch_(context) {
    constexpr std::uint32_t errors_and_hang_ups = 0;
    error_code cannot_end;
    watch_.assign(STDOUT_FILENO, errors_and_hang_ups, cannot_end);
}

void output_end::async_wait(std::function<void()> gone) {
    if (!watch_.is_open()) return;
    watch_.async_wait([gone = std::move(gone)](error_code ec) {
        if (!ec) gone();
    });
}

}  // namespace audit_trail::cli
