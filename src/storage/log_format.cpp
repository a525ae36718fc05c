#include "storage/log_format.hpp"

#include <bit>
#include <boost/endian/buffers.hpp>
#include <cstddef>
#include <cstring>

#include "system/crc32c.hpp"

namespace audit_trail::storage {
namespace {

using boost::endian::little_uint32_buf_t;
using boost::endian::little_uint64_buf_t;

/// The last character is the version of the format.
constexpr std::string_view magic = "audit-trail log1";

struct header_image {
    char magic[16];
    little_uint64_buf_t generation;
    little_uint64_buf_t tail;
    little_uint64_buf_t sequence;
    little_uint32_buf_t reserved;
    little_uint32_buf_t checksum;  // of all bytes before it
};
static_assert(sizeof(header_image) == log_header::bytes);

struct record_image {
    little_uint32_buf_t checksum;  // of all bytes after it
    little_uint32_buf_t bytes;
    little_uint64_buf_t generation;
    little_uint64_buf_t sequence;
    little_uint64_buf_t next_id;
    little_uint32_buf_t pieces;
    little_uint32_buf_t reserved;
};
static_assert(sizeof(record_image) == log_record_builder::header_bytes);

struct piece_image {
    little_uint64_buf_t offset;
    little_uint32_buf_t path_bytes;
    little_uint32_buf_t line_bytes;
};
static_assert(sizeof(piece_image) == log_record_builder::piece_header_bytes);

template <class Image>
Image image_of(std::string_view bytes) {
    Image image;
    std::memcpy(&image, bytes.data(), sizeof image);
    return image;
}

template <class Image>
std::string_view bytes_of(Image const& image) {
    return {reinterpret_cast<char const*>(&image), sizeof image};
}

std::uint32_t checksum_of(std::string_view record) {
    return crc32c(record.substr(sizeof(record_image::checksum)));
}

/// Removes and returns the first bytes.
std::string_view take(std::string_view& from, std::size_t count) {
    auto const taken = from.substr(0, count);
    from.remove_prefix(count);
    return taken;
}

}  // namespace

std::array<char, log_header::bytes> format_log_header(log_header const& header) noexcept {
    header_image image{};
    magic.copy(image.magic, magic.size());
    image.generation = header.generation;
    image.tail = header.tail;
    image.sequence = header.sequence;
    image.checksum = crc32c(bytes_of(image).substr(0, sizeof image - sizeof image.checksum));
    return std::bit_cast<std::array<char, log_header::bytes>>(image);
}

std::optional<log_header> parse_log_header(std::string_view bytes) {
    if (bytes.size() < log_header::bytes || !bytes.starts_with(magic)) return std::nullopt;
    auto const image = image_of<header_image>(bytes);
    auto const checked = bytes.substr(0, sizeof image - sizeof image.checksum);
    if (image.checksum.value() != crc32c(checked)) return std::nullopt;
    if (image.tail.value() < first_log_position) return std::nullopt;
    return log_header{image.generation.value(), image.tail.value(), image.sequence.value()};
}

void log_record_builder::begin(std::uint64_t generation, std::uint64_t sequence, std::uint64_t next_id) {
    record_image image{};
    image.generation = generation;
    image.sequence = sequence;
    image.next_id = next_id;
    text_.clear();
    text_.append(bytes_of(image));
    pieces_ = 0;
}

char* log_record_builder::add_piece(std::string_view path, std::uint64_t offset, std::size_t line_bytes) {
    piece_image image{};
    image.offset = offset;
    image.path_bytes = static_cast<std::uint32_t>(path.size());
    image.line_bytes = static_cast<std::uint32_t>(line_bytes);
    text_.append(bytes_of(image));
    text_.append(path);
    char* const lines = text_.prepare(line_bytes);
    text_.commit(line_bytes);
    ++pieces_;
    return lines;
}

std::string_view log_record_builder::finish() noexcept {
    auto image = image_of<record_image>(text_.view());
    image.bytes = static_cast<std::uint32_t>(text_.size());
    image.pieces = pieces_;
    std::memcpy(text_.data(), &image, sizeof image);
    image.checksum = checksum_of(text_.view());
    std::memcpy(text_.data(), &image, sizeof image);
    return text_.view();
}

std::optional<log_record_head> parse_log_record_head(std::string_view bytes) {
    if (bytes.size() < sizeof(record_image)) return std::nullopt;
    auto const image = image_of<record_image>(bytes);
    if (image.bytes.value() < sizeof image) return std::nullopt;
    return log_record_head{image.bytes.value(), image.generation.value(), image.sequence.value()};
}

std::size_t find_log_record_head(std::string_view bytes, std::uint64_t generation, std::size_t from) {
    constexpr std::size_t before = offsetof(record_image, generation);
    little_uint64_buf_t const wanted(generation);
    auto const at = bytes.find(bytes_of(wanted), from + before);
    bool const is_whole = at != bytes.npos && at - before + sizeof(record_image) <= bytes.size();
    return is_whole ? at - before : bytes.npos;
}

std::optional<log_record> parse_log_record(std::string_view bytes) {
    auto const image = image_of<record_image>(bytes);
    if (image.checksum.value() != checksum_of(bytes)) return std::nullopt;
    log_record record{image.next_id.value(), {}};
    bytes.remove_prefix(sizeof image);
    for (std::uint32_t n = 0; n != image.pieces.value(); ++n) {
        if (bytes.size() < sizeof(piece_image)) return std::nullopt;
        auto const piece = image_of<piece_image>(take(bytes, sizeof(piece_image)));
        std::uint64_t const size = std::uint64_t{piece.path_bytes.value()} + piece.line_bytes.value();
        if (bytes.size() < size) return std::nullopt;
        auto const path = take(bytes, piece.path_bytes.value());
        record.pieces.push_back({path, piece.offset.value(), take(bytes, piece.line_bytes.value())});
    }
    if (!bytes.empty()) return std::nullopt;
    return record;
}

}  // namespace audit_trail::storage
