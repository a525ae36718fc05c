#include "storage/log_rewrite.hpp"

#include <cerrno>

#include "storage/log_reader.hpp"

namespace audit_trail::storage {

/// If opening fails for lack of descriptors, the next part tries again after the open files are closed.
void log_rewrite::run_part(error_code& failure) {
    if (!collected_) return collect(failure);
    std::vector<owned_file> files;
    while (next_ != segments_.end() && files.size() != files_in_a_part && !failure) {
        auto const& [path, known] = *next_;
        error_code problem;
        auto file = prepare(path, known, failure, problem);
        if (is_exhausted_resource(problem) && !files.empty()) break;
        ++next_;
        if (!problem_) problem_ = problem;
        if (file) files.push_back(std::move(file));
    }
    sync(files, failure);
}

/// Opens the segment, and writes its lines. A file that was cut short, or that must not be written any more (its mode or
/// another link forbids it), is only synced. Returns nothing, without an error, if the path leads to another file.
owned_file log_rewrite::prepare(std::string const& path, segment const& known, error_code& failure, error_code& ec) {
    auto file = open(path, known, open_mode::write, ec);
    bool const is_protected = is_access_denied(ec) || ec == error::not_a_trail;
    if (is_protected) file = open(path, known, open_mode::read, ec);
    if (ec == error::not_a_trail) ec = {};
    if (!file || is_protected) return file;
    write(file.get(), known, ec);
    if (ec && !is_exhausted_resource(ec)) failure = ec;
    return ec ? owned_file() : std::move(file);
}

/// Notes where the lines of the segments are in the log.
void log_rewrite::collect(error_code& ec) {
    for (log_header next = source_.begin; next.sequence != source_.end.sequence && !ec;) {
        auto const bytes = read_log_record(system_, source_.log, next, ec);
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
    next_ = segments_.begin();
    collected_ = true;
}

/// Returns nothing, without an error, if the file is not the one that was closed.
owned_file log_rewrite::open(std::string const& path, segment const& known, open_mode mode, error_code& ec) {
    ec = {};
    owned_file file(system_, system_.open_file(source_.root, path.c_str(), mode, ec));
    if (is_errno(ec, ENOENT)) return ec = {}, owned_file();
    auto const status = ec ? file_status{} : system_.status(file.get(), ec);
    bool const is_same = !ec && status.inode == known.inode && status.device == known.device;
    return is_same ? std::move(file) : owned_file();
}

/// Leaves out lines that another program cut off.
void log_rewrite::write(file_handle file, segment const& known, error_code& ec) {
    auto const size = system_.status(file, ec).size;
    std::string lines;
    for (auto const& each : known.pieces) {
        if (ec || each.offset + each.bytes > size) return;
        lines.resize(each.bytes);
        read_fully_at(system_, source_.log, each.log_position, lines, ec);
        if (!ec) write_fully_at(system_, file, each.offset, lines, ec);
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
