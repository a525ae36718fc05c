#include "descriptor_watch.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace audit_trail::cli {

void descriptor_watch::assign(int descriptor, std::uint32_t events, error_code& ec) {
    ec = {};
    int const watch = ::epoll_create1(EPOLL_CLOEXEC);
    epoll_event wanted{};
    wanted.events = events;
    bool const watches = watch >= 0 && ::epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &wanted) == 0;
    if (watches) {
        watch_.assign(watch, ec);
    } else {
        ec.assign(errno, boost::system::system_category());
    }
    if (ec && watch >= 0) ::close(watch);
}

void descriptor_watch::close() {
    error_code ignored;
    watch_.close(ignored);
}

void descriptor_watch::async_wait(std::function<void(error_code)> happened) {
    watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read, std::move(happened));
}

output_end::output_end(boost::asio::io_context& context) : watch_(context) {
    constexpr std::uint32_t errors_and_hang_ups = 0;
    error_code is_file;  // set for a file, which epoll refuses
    watch_.assign(STDOUT_FILENO, errors_and_hang_ups, is_file);
}

void output_end::async_wait(std::function<void()> gone) {
    if (!watch_.is_open()) return;
    watch_.async_wait([gone = std::move(gone)](error_code ec) {
        if (!ec) gone();
    });
}

}  // namespace audit_trail::cli
