#include "system/directory_watch.hpp"

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace audit_trail::storage {
namespace {

namespace fs = std::filesystem;

using kind = directory_change::kind;

error_code last_error() {
    return {errno, boost::system::system_category()};
}

/// A path to an open directory that stays valid when the directory is moved. /proc/self has no descriptors after the
/// main thread has ended.
fs::path path_of(int descriptor) {
    return "/proc/thread-self/fd/" + std::to_string(descriptor);
}

/// EMFILE has two causes: the user's limit on watchers, and the process's limit on open files.
bool can_open_file() {
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

directory_watch::directory_watch(std::filesystem::path const& path, int root, error_code& ec)
    : descriptor_(ec ? -1 : ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)), root_path_(path_of(root)) {
    if (ec) return;
    if (descriptor_ < 0) {
        ec = last_error();
        if (ec.value() == EMFILE && can_open_file()) ec = error::watcher_limit;
        return;
    }
    std::error_code ignored;
    if (!fs::exists(root_path_, ignored)) root_path_ = path;
    root_ = add(root_path_, IN_CLOSE_WRITE, ec);
    if (!ec) watch_parent(ec);
    if (!ec && is_deleted()) ec = {ENOENT, boost::system::system_category()};
}

directory_watch::~directory_watch() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

int directory_watch::add(std::string const& directory, error_code& ec) {
    return add(root_path_ / directory, IN_DONT_FOLLOW, ec);
}

int directory_watch::add(std::filesystem::path const& directory, std::uint32_t mask, error_code& ec) {
    mask |= IN_ONLYDIR | IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF;
    ec = {};
    int const number = ::inotify_add_watch(descriptor_, directory.c_str(), mask);
    if (number < 0) ec = errno == ENOSPC ? make_error_code(error::watch_limit) : last_error();
    return number;
}

/// Adds to the mask of an existing watch: the root may be its own parent.
void directory_watch::watch_parent(error_code& ec) {
    std::error_code ignored;
    auto const path = fs::read_symlink(root_path_, ignored);
    name_ = (path.empty() ? root_path_ : path).filename();
    constexpr std::uint32_t mask = IN_ONLYDIR | IN_MASK_ADD | IN_DELETE | IN_MOVED_TO;
    parent_ = ::inotify_add_watch(descriptor_, (root_path_ / "..").c_str(), mask);
    if (parent_ < 0 && errno == ENOSPC) ec = error::watch_limit;
}

/// Detects a deletion that happened before the parent was watched.
bool directory_watch::is_deleted() const {
    struct stat opened {};
    struct stat named {};
    if (name_.empty() || ::stat(root_path_.c_str(), &opened) != 0) return false;
    if (::stat((root_path_ / ".." / name_).c_str(), &named) != 0) return errno == ENOENT || errno == ENOTDIR;
    return opened.st_ino != named.st_ino || opened.st_dev != named.st_dev;
}

/// An entry of the parent with the root's name replaces the root.
bool directory_watch::ends_root(int directory, std::string_view name) const noexcept {
    return directory == parent_ && directory != root_ && name == name_;
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
    std::string_view const entry = event.len == 0 ? std::string_view() : std::string_view(name);
    auto const what = ends_root(event.wd, entry) ? kind::gone : kind_of(event.mask);
    return {what, event.wd, entry, (event.mask & IN_ISDIR) != 0};
}

}  // namespace audit_trail::storage
