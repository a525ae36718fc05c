#include "system/wake_event.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace audit_trail::detail {

wake_event::~wake_event() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void wake_event::open(error_code& ec) {
    if (descriptor_ < 0) descriptor_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ec = descriptor_ < 0 ? error_code(errno, boost::system::system_category()) : error_code();
}

// Neither call can fail in a way that matters: a counter that is full is readable, an empty one needs no clearing.

void wake_event::set() noexcept {
    static_cast<void>(::eventfd_write(descriptor_, 1));
}

void wake_event::clear() noexcept {
    eventfd_t ignored;
    static_cast<void>(::eventfd_read(descriptor_, &ignored));
}

}  // namespace audit_trail::detail
