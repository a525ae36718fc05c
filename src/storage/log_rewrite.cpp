#include "storage/log_rewrite.hpp"

#include <algorithm>
#include <cerrno>

#include "storage/log_reader.hpp"

namespace audit_trail::storage {
namespace {

/// So many segments are written before they are synced: the first sync of a journal serves the others, too.
constexpr std::size_t files_at_a_time = 64;

}  // namespace

void log_rewrite::run(log_header const& begin, log_header const& end, error_code& failure, error_code& ec) {
    collect(begin, end, failure);
    if (failure) return;
    std::vector<owned_file> files;
    for (auto const& [path, known] : segments_) {
        auto file = open(path, known, ec);
        if (is_exhausted_resource(ec) && !files.empty()) {
            sync(files, failure);
            if (!failure) file = open(path, known, ec);
        }
        if (failure || ec) return;
        if (!file) continue;
        write(file.get(), known, ec);
        if (ec && !is_exhausted_resource(ec)) failure = ec;
        if (ec) return;
        files.push_back(std::move(file));
        if (files.size() == files_at_a_time) sync(files, failure);
        if (failure) return;
    }
    sync(files, failure);
}

/// Notes where the lines of the segments are in the log.
void log_rewrite::collect(log_header const& begin, log_header const& end, error_code& ec) {
    for (log_header next = begin; next.sequence != end.sequence && !ec;) {
        auto const bytes = read_log_record(system_, log_, next, ec);
        if (!ec && bytes.empty()) ec = {EIO, boost::system::system_category()};  // another program changed the log
        if (ec) return;
        auto const record = parse_log_record(bytes);
        for (auto const& each : record->pieces) {
            auto const known = segments_.find(each.path);
            if (known == segments_.end()) continue;
            auto const before_end = static_cast<std::uint64_t>(bytes.data() + bytes.size() - each.lines.data());
            known->second.pieces.push_back({each.offset, next.tail - before_end, each.lines.size()});
        }
    }
}

/// Returns nothing, without an error, if the file is not the one that was closed.
owned_file log_rewrite::open(std::string const& path, segment const& known, error_code& ec) {
    ec = {};
    owned_file file(system_, system_.open_file(root_, path.c_str(), open_mode::write, ec));
    if (is_errno(ec, ENOENT) || ec == error::not_a_trail) return ec = {}, owned_file();
    auto const status = ec ? file_status{} : system_.status(file.get(), ec);
    if (ec) return {};
    std::uint64_t end = 0;
    for (auto const& each : known.pieces) end = std::max(end, each.offset + each.bytes);
    bool const is_same = status.inode == known.inode && status.device == known.device && status.size >= end;
    return is_same ? std::move(file) : owned_file();
}

void log_rewrite::write(file_handle file, segment const& known, error_code& ec) {
    std::string lines;
    for (auto const& each : known.pieces) {
        lines.resize(each.bytes);
        read_fully_at(system_, log_, each.log_position, lines, ec);
        if (!ec) write_fully_at(system_, file, each.offset, lines, ec);
        if (ec) return;
    }
}

/// Closes the files.
void log_rewrite::sync(std::vector<owned_file>& files, error_code& failure) {
    for (auto const& file : files) {
        if (!failure) system_.start_writeback(file.get(), failure);
    }
    if (failure) return;
    std::vector<error_code> results(files.size());
    detail::run_jobs(pool_, files.size(), [&](std::size_t n) { system_.sync_data(files[n].get(), results[n]); });
    for (auto const& result : results) {
        if (!failure) failure = result;
    }
    files.clear();
}

}  // namespace audit_trail::storage
