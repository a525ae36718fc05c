#include "cli/output_end.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <audit_trail/error.hpp>
#include <utility>

namespace audit_trail::cli {

/// Asio would make the output itself non-blocking, for every process that shares it. So an epoll of one's own stands
/// between them; it is told of errors and hang-ups without asking.
output_end::output_end(boost::asio::io_context& context) : watch_(context) {
    int const watch = ::epoll_create1(EPOLL_CLOEXEC);
    if (watch < 0) return;
    epoll_event nothing_else{};
    error_code ec;
    bool const can_end = ::epoll_ctl(watch, EPOLL_CTL_ADD, STDOUT_FILENO, &nothing_else) == 0;
    if (can_end) watch_.assign(watch, ec);
    if (!watch_.is_open()) ::close(watch);
}

void output_end::async_wait(std::function<void()> gone) {
    if (!watch_.is_open()) return;
    watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [gone = std::move(gone)](error_code ec) {
        if (!ec) gone();
    });
}

}  // namespace audit_trail::cli
