#include "system/fork_registry.hpp"

#include <pthread.h>

#include <boost/system/system_error.hpp>
#include <mutex>
#include <ranges>
#include <vector>

namespace audit_trail::storage {
namespace {

struct registry {
    std::mutex mutex;
    std::vector<fork_participant*> participants;
};

void prepare();
void parent();
void child();

/// Never destroyed: the process may fork while static objects are destroyed.
registry& the_registry() {
    static registry& instance = [&]() -> registry& {
        auto* const made = new registry;
        int const failure = pthread_atfork(&prepare, &parent, &child);
        if (failure != 0) throw boost::system::system_error(failure, boost::system::system_category());
        return *made;
    }();
    return instance;
}

void prepare() {
    the_registry().mutex.lock();
    for (auto* participant : the_registry().participants) participant->before_fork();
}

void parent() {
    for (auto* participant : std::views::reverse(the_registry().participants)) participant->after_fork_in_parent();
    the_registry().mutex.unlock();
}

void child() {
    for (auto* participant : std::views::reverse(the_registry().participants)) participant->after_fork_in_child();
    the_registry().mutex.unlock();
}

}  // namespace

void join_forks(fork_participant& participant) {
    std::lock_guard const hold(the_registry().mutex);
    the_registry().participants.push_back(&participant);
}

void leave_forks(fork_participant& participant) noexcept {
    std::lock_guard const hold(the_registry().mutex);
    std::erase(the_registry().participants, &participant);
}

}  // namespace audit_trail::storage
