/// \file
/// How a thread that waits in poll(2) is woken.
#pragma once

#include <audit_trail/error.hpp>

namespace audit_trail::detail {

class wake_event {
 public:
    wake_event() = default;
    ~wake_event();
    wake_event(wake_event const&) = delete;
    wake_event& operator=(wake_event const&) = delete;

    void open(error_code& ec);

    /// Any thread.
    void set() noexcept;

    // The thread that waits.
    int descriptor() const noexcept { return descriptor_; }
    void clear() noexcept;

 private:
    int descriptor_ = -1;
};

}  // namespace audit_trail::detail
