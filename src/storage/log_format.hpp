/// \file
/// Defines the bytes of `.commit-log` (src/README.md, section 5): a header, and records that each hold the lines of one
/// batch. Uses no files.
#pragma once

#include <array>
#include <audit_trail/detail/text_buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace audit_trail::storage {

/// The position of the first record. The header has these bytes to itself, so that no write of a record touches it.
inline constexpr std::uint64_t first_log_position = 4096;

/// The first bytes of the file. Smaller than a sector of the disk, so a power cut leaves the old or the new header.
struct log_header {
    static constexpr std::size_t bytes = 48;

    std::uint64_t generation = 0;  ///< a random number, also in `.lock`; no record of another generation is replayed
    std::uint64_t tail = first_log_position;  ///< the position of the first record that recovery must replay
    std::uint64_t sequence = 1;               ///< the sequence number of that record

    friend bool operator==(log_header const&, log_header const&) = default;
};

std::array<char, log_header::bytes> format_log_header(log_header const& header) noexcept;

/// Returns nothing if the bytes are not a header of this format.
std::optional<log_header> parse_log_header(std::string_view bytes);

/// Lines of one segment.
struct log_piece {
    std::string_view path;  ///< of the segment, relative to the root
    std::uint64_t offset;   ///< of the lines in the segment
    std::string_view lines;
};

/// Builds the bytes of one record. Reuses its memory.
class log_record_builder {
 public:
    static constexpr std::size_t header_bytes = 40;
    static constexpr std::size_t piece_header_bytes = 16;

    void begin(std::uint64_t generation, std::uint64_t sequence, std::uint64_t next_id);

    /// Adds a piece with a path and an offset. Returns where its lines must be stored.
    char* add_piece(std::string_view path, std::uint64_t offset, std::size_t line_bytes);

    std::size_t size() const noexcept { return text_.size(); }

    /// Adds the checksum and returns the whole record, valid until the next call.
    std::string_view finish() noexcept;

 private:
    detail::text_buffer text_;
    std::uint32_t pieces_ = 0;
};

/// The content of a record. The pieces are views of the bytes that were parsed.
struct log_record {
    std::uint64_t next_id;  ///< the id after the batch
    std::vector<log_piece> pieces;
};

/// The beginning of a record.
struct log_record_head {
    std::uint64_t bytes;  ///< the size of the record
    std::uint64_t generation;
    std::uint64_t sequence;
};

/// Returns nothing if a record cannot begin with these bytes.
std::optional<log_record_head> parse_log_record_head(std::string_view bytes);

/// Returns the first position from `from` on at which a whole head of this generation is; npos if there is none. Lines
/// are text, and a generation has a NUL byte, so no line looks like a head.
std::size_t find_log_record_head(std::string_view bytes, std::uint64_t generation, std::size_t from);

/// Returns nothing if the record is damaged. Requires: `bytes` has the size that its head names.
std::optional<log_record> parse_log_record(std::string_view bytes);

}  // namespace audit_trail::storage
