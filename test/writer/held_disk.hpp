/// \file
/// A disk that can be made to hang.
#pragma once

#include <condition_variable>
#include <mutex>

#include "support/forwarding_file_system.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test {

/// After the first call of the picked kind, no call returns until the disk is released, except `close`: a forked child
/// can close files meanwhile.
class held_disk final : public forwarding_file_system {
 public:
    ~held_disk() override { release(); }

    void hold_at(call_kind kind) {
        std::lock_guard const lock(mutex_);
        picked_ = kind;
        armed_ = true;
    }
    void wait_held() {
        wait_until([this] {
            std::lock_guard const lock(mutex_);
            return held_;
        });
    }
    void release() {
        {
            std::lock_guard const lock(mutex_);
            armed_ = held_ = false;
        }
        released_.notify_all();
    }

 private:
    void before_call(call_kind kind) override {
        std::unique_lock lock(mutex_);
        if (armed_ && kind == picked_) held_ = true;
        released_.wait(lock, [this] { return !held_; });
    }

    std::mutex mutex_;
    std::condition_variable released_;
    call_kind picked_ = call_kind::append;
    bool armed_ = false;
    bool held_ = false;
};

}  // namespace audit_trail::test
