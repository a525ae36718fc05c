#include "storage/moved_log.hpp"

#include <cerrno>

#include "storage/layout.hpp"
#include "storage/log_format.hpp"
#include "storage/log_reader.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {
namespace {

std::string name_of(int number) {
    return std::string(broken_name) + "/commit-log." + std::to_string(number);
}

}  // namespace

bool moved_log::was_moved(std::uint64_t generation, error_code& ec) {
    ec = {};
    for (int n = 1;; ++n) {
        owned_file const log(system_, system_.open_file(root_, name_of(n).c_str(), open_mode::read, ec));
        if (is_errno(ec, ENOENT) || ec == error::not_a_trail) return ec = {}, false;
        bool const is_wanted = !ec && has_generation(log.get(), generation, ec);
        if (ec || is_wanted) return is_wanted;
    }
}

/// If the header is damaged, the records tell the generation.
bool moved_log::has_generation(file_handle log, std::uint64_t generation, error_code& ec) {
    auto const header = parse_log_header(read_text(system_, log, log_header::bytes, ec));
    if (ec || header) return !ec && header->generation == generation;
    log_content content;
    find_later_records(system_, log, generation, content, ec);
    return !ec && !content.records.empty();
}

void moved_log::choose_names(error_code& ec) {
    ec = {};
    for (int n = 1;; ++n) {
        name_ = name_of(n);
        bool const is_taken = exists(name_, ec) || has_other_lines(name_ + ".jsonl", ec);
        if (ec || !is_taken) return;
    }
}

bool moved_log::exists(std::string const& path, error_code& ec) {
    system_.status_at(root_, path.c_str(), ec);
    bool const is_absent = is_errno(ec, ENOENT) || is_errno(ec, ENOTDIR) || ec == error::not_a_trail;
    if (is_absent) ec = {};
    return !is_absent && !ec;
}

bool moved_log::has_other_lines(std::string const& path, error_code& ec) {
    if (ec || !exists(path, ec)) return false;
    owned_file const copy(system_, system_.open_file(root_, path.c_str(), open_mode::read, ec));
    if (ec == error::not_a_trail) return ec = {}, true;
    auto const text = ec ? std::string() : read_text(system_, copy.get(), lines_.size() + 1, ec);
    return !lines_.starts_with(text);
}

void moved_log::save_lines(error_code& ec) {
    ensure_directory(system_, root_, broken_name, ec);
    if (ec || lines_.empty()) return;
    owned_file const copy(system_, system_.open_file(root_, lines_name().c_str(), open_mode::replace, ec));
    if (!ec) write_fully_at(system_, copy.get(), 0, lines_, ec);
    if (!ec) system_.sync(copy.get(), ec);
}

void moved_log::move(error_code& ec) {
    owned_file const broken(system_, system_.open_directory(root_, broken_name, ec));
    if (!ec) system_.move(root_, commit_log_name, broken.get(), name_.c_str() + name_.rfind('/') + 1, ec);
    if (!ec) system_.sync(broken.get(), ec);
    if (!ec) system_.sync(root_, ec);
}

}  // namespace audit_trail::storage
