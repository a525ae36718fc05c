#include "cli/output.hpp"

#include <unistd.h>

#include <cerrno>

namespace audit_trail::cli {

error_code output::flush() {
    std::size_t done = 0;
    error_code ec;
    while (done != text_.size()) {
        ssize_t const count = ::write(STDOUT_FILENO, text_.data() + done, text_.size() - done);
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

}  // namespace audit_trail::cli
