// A shared object with a background thread of the library, to be unloaded while the thread runs.
#include <atomic>

#include "system/background_thread.hpp"

namespace {

std::atomic<bool>* may_end = nullptr;
std::atomic<int>* ended = nullptr;

}  // namespace

extern "C" [[gnu::visibility("default")]] bool start_thread_of_plugin(std::atomic<bool>* release,
                                                                      std::atomic<int>* count) {
    may_end = release;
    ended = count;
    return !audit_trail::detail::start_background_thread([] {
        while (!*may_end) std::this_thread::yield();
        ++*ended;
    });
}
