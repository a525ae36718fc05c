#include "reader/directory_watch.hpp"

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace audit_trail::reading {
namespace {

using kind = directory_change::kind;

error_code last_error() {
    return {errno, boost::system::system_category()};
}

/// EMFILE stands for two limits: of the user's watchers, and of the process's files.
bool has_file_left() {
    int const file = ::eventfd(0, EFD_CLOEXEC);
    if (file < 0) return false;
    ::close(file);
    return true;
}

kind kind_of(std::uint32_t mask) {
    if (mask & IN_Q_OVERFLOW) return kind::lost;
    if (mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) return kind::gone;
    if (mask & (IN_CREATE | IN_MOVED_TO)) return kind::appeared;
    return mask & IN_CLOSE_WRITE ? kind::closed : kind::written;
}

}  // namespace

directory_watch::directory_watch(std::filesystem::path const& root, error_code& ec)
    : descriptor_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (descriptor_ >= 0) {
        root_ = add(root, IN_CLOSE_WRITE, ec);
        return;
    }
    ec = last_error();
    if (ec.value() == EMFILE && has_file_left()) ec = error::watcher_limit;
}

directory_watch::~directory_watch() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

int directory_watch::add(std::filesystem::path const& directory, error_code& ec) {
    return add(directory, IN_DONT_FOLLOW, ec);
}

int directory_watch::add(std::filesystem::path const& directory, std::uint32_t mask, error_code& ec) {
    mask |= IN_ONLYDIR | IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF;
    ec = {};
    int const number = ::inotify_add_watch(descriptor_, directory.c_str(), mask);
    if (number < 0) ec = errno == ENOSPC ? make_error_code(error::watch_limit) : last_error();
    return number;
}

std::size_t directory_watch::fill(error_code& ec) {
    ec = {};
    for (;;) {
        ssize_t const size = ::read(descriptor_, buffer_.data(), buffer_.size());
        if (size >= 0) return static_cast<std::size_t>(size);
        if (errno == EINTR) continue;
        if (errno != EAGAIN) ec = last_error();
        return 0;
    }
}

directory_change directory_watch::change_at(std::size_t& at) const noexcept {
    inotify_event event;
    std::memcpy(&event, buffer_.data() + at, sizeof event);
    char const* const name = buffer_.data() + at + sizeof event;
    at += sizeof event + event.len;
    return {kind_of(event.mask), event.wd, event.len == 0 ? std::string_view() : std::string_view(name),
            (event.mask & IN_ISDIR) != 0};
}

}  // namespace audit_trail::reading
