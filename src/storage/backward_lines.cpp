#include "storage/backward_lines.hpp"

#include <algorithm>
#include <cerrno>

#include "format/decode.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {
namespace {

/// Large enough for an id at its usual place, the beginning of the line.
constexpr std::size_t head_bytes = 64;

}  // namespace

backward_lines::backward_lines(file_system& system, file_handle file, error_code& ec) : system_(system), file_(file) {
    size_ = system.status(file, ec).size;
    if (!ec) complete_size_ = newline_before(size_, ec);
    line_begin_ = complete_size_;
}

bool backward_lines::next(error_code& ec) {
    ec = {};
    if (line_begin_ == 0) return false;
    line_end_ = line_begin_;
    line_begin_ = newline_before(line_end_ - 1, ec);
    return !ec;
}

std::optional<std::uint64_t> backward_lines::event_id(error_code& ec) {
    std::uint64_t const length = line_end_ - line_begin_;
    auto const head = bytes(line_begin_, line_begin_ + std::min<std::uint64_t>(length, head_bytes), ec);
    if (ec) return std::nullopt;
    auto const id = format::read_event_id(head);
    if (id || length <= head_bytes || length > whole_line_limit) return id;
    auto const line = bytes(line_begin_, line_end_, ec);
    return ec ? std::nullopt : format::read_event_id(line);
}

std::uint64_t backward_lines::newline_before(std::uint64_t end, error_code& ec) {
    while (end > 0) {
        // Search the loaded chunk up to `end`, or else load the chunk that ends there.
        bool const is_loaded = chunk_begin_ < end && end <= chunk_begin_ + chunk_.size();
        std::uint64_t const begin = is_loaded ? chunk_begin_ : end - std::min<std::uint64_t>(end, chunk_bytes);
        auto const searched = bytes(begin, end, ec);
        if (ec) return 0;
        auto const found = searched.rfind('\n');
        if (found != searched.npos) return begin + found + 1;
        end = begin;
    }
    return 0;
}

std::string_view backward_lines::bytes(std::uint64_t begin, std::uint64_t end, error_code& ec) {
    ec = {};
    bool const is_loaded = chunk_begin_ <= begin && end <= chunk_begin_ + chunk_.size();
    if (!is_loaded) load(begin, end, ec);
    if (ec) return {};
    return std::string_view(chunk_).substr(begin - chunk_begin_, end - begin);
}

void backward_lines::load(std::uint64_t begin, std::uint64_t end, error_code& ec) {
    chunk_.resize(end - begin);
    chunk_begin_ = begin;
    std::size_t const count = read_fully_at(system_, file_, begin, chunk_, ec);
    // Another program cut the file since its size was read.
    if (!ec && count < chunk_.size()) ec = {EIO, boost::system::system_category()};
    if (ec) chunk_.clear();
}

}  // namespace audit_trail::storage
