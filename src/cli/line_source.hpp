/// \file
/// Reads the lines of several inputs, one input after the other, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail::cli {

/// The position of a line.
struct line_place {
    std::size_t input = 0;     ///< the index of the input
    std::uint64_t number = 0;  ///< 1 is the first line
};

class line_source {
 public:
    enum class step {
        line,      ///< `line()` is the next line, without its newline
        too_long,  ///< the next line is longer than the limit and was skipped
        progress,  ///< some bytes were read: call again
        wait,      ///< nothing to read now: wait until `descriptor()` is readable
        failed,  ///< an input could not be opened or read, see `failure()`; the next call continues with the next input
        end      ///< all inputs were read
    };

    /// \param files  file names; "-" or an empty list means standard input
    line_source(std::vector<std::string> files, std::size_t max_line_bytes);
    ~line_source();
    line_source(line_source const&) = delete;
    line_source& operator=(line_source const&) = delete;

    /// Does a bounded amount of work, and never waits for input.
    step next();

    /// Valid until the next call of `next`.
    std::string_view line() const noexcept { return line_; }

    /// Returns the name of the input and the reason, for people.
    std::string const& failure() const noexcept { return failure_; }

    int descriptor() const noexcept { return descriptor_; }
    line_place place() const noexcept { return {input_, line_number_}; }

    /// Returns the name for messages: the file name, or `<stdin>`.
    std::string name_of(std::size_t input) const;

 private:
    step open_input();
    step read_more();
    step take_line(std::size_t size, std::size_t newline_size);
    step end_input();
    step fail(int number);
    void close_input() noexcept;

    std::vector<std::string> const files_;
    std::size_t const max_line_bytes_;

    std::size_t input_ = 0;
    int descriptor_ = -1;
    bool at_end_ = false;    // of the input
    bool skipping_ = false;  // a line that is too long

    std::string buffer_;
    std::size_t taken_ = 0;     // bytes of the buffer that were returned
    std::size_t searched_ = 0;  // bytes after these that contain no newline

    std::string_view line_;
    std::uint64_t line_number_ = 0;
    std::string failure_;
};

}  // namespace audit_trail::cli
