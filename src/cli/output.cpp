#include "output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "text.hpp"

namespace audit_trail::cli {
namespace {

/// Waits until the output accepts text: another process that shares it may have made it non-blocking. Returns false and
/// sets errno, for example after a signal.
bool await_room() {
    pollfd asked{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&asked, 1, -1) >= 0;
}

}  // namespace

error_code output::flush() {
    std::size_t done = 0;
    error_code ec;
    while (done != text_.size()) {
        ssize_t const count = ::write(STDOUT_FILENO, text_.data() + done, text_.size() - done);
        if (count < 0 && errno == EAGAIN && await_room()) continue;
        if (count < 0) {
            ec.assign(errno, boost::system::system_category());
            break;
        }
        done += static_cast<std::size_t>(count);
    }
    if (ec && ec != boost::system::errc::interrupted) broken_ = true;
    text_.erase(0, broken_ ? text_.size() : done);
    return ec;
}

error_code output::flush_fully() {
    error_code ec;
    do {
        ec = flush();
    } while (ec == boost::system::errc::interrupted);
    return ec;
}

bool is_failure(error_code const& of_output) {
    if (!of_output || of_output == boost::system::errc::broken_pipe) return false;
    report("standard output: " + of_output.message());
    return true;
}

void report(std::string_view message) {
    std::string const line = printable(message) + '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

}  // namespace audit_trail::cli
