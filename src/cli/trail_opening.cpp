#include "cli/trail_opening.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/message.hpp"
#include "storage/layout.hpp"

namespace audit_trail::cli {
namespace {

namespace fs = std::filesystem;

bool is_segment(fs::path const& path) {
    return storage::parse_segment_name(path.filename().native()).has_value();
}

/// Segments lie two levels down.
bool has_segment(fs::path const& root, std::error_code& ec) {
    constexpr int depth_of_segments = 2;
    auto const options = fs::directory_options::skip_permission_denied;
    fs::recursive_directory_iterator at(root, options, ec);
    for (; !ec && at != fs::recursive_directory_iterator(); at.increment(ec)) {
        if (at.depth() != depth_of_segments) continue;
        if (is_segment(at->path())) return true;
        at.disable_recursion_pending();
    }
    return false;
}

bool is_there(fs::path const& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

}  // namespace

bool check_trail(std::string const& root) {
    fs::path const path(root);
    if (is_there(path / storage::index_name) || is_there(path / storage::lock_name)) return true;
    std::error_code ec;
    if (has_segment(path, ec)) return true;
    report("audit-trail: " + root + ": " +
           (ec ? ec.message() : "no audit trail: the directory has no index.json, no .lock and no segment"));
    return false;
}

std::optional<reader> open_reader(std::string const& root, event_filter filter, reader_options const& options) {
    if (!check_trail(root)) return std::nullopt;
    error_code ec;
    reader opened(root, std::move(filter), options, ec);
    if (!ec) return opened;
    report("audit-trail: " + root + ": " + ec.message());
    return std::nullopt;
}

}  // namespace audit_trail::cli
