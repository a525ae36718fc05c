#include "support/plain_segments.hpp"

#include <string>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t max_segment_bytes = 5 * 1024 * 1024;

}  // namespace

plain_segments::plain_segments(std::filesystem::path directory) : directory_(std::move(directory)) {}

void plain_segments::write(std::string_view bytes) {
    if (!file_ || size_ >= max_segment_bytes) begin_next();
    file_->write(bytes);
    size_ += bytes.size();
}

void plain_segments::sync() {
    if (!file_) return;
    file_->sync();
    if (std::exchange(is_new_, false)) sync_directory(directory_);
}

void plain_segments::begin_next() {
    file_.emplace(directory_ / ("audit-" + std::to_string(++number_) + ".jsonl"));
    size_ = 0;
    is_new_ = true;
}

}  // namespace bench
