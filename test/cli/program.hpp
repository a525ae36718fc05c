/// \file
/// The program under test as a child process.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/scratch_directory.hpp"

namespace test {

struct outcome {
    int exit_code = -1;  ///< 128 + N when signal N ended it
    int signal = 0;      ///< the signal that ended it; 0 if none did
    std::string out;
    std::string err;
    long max_resident_kilobytes = 0;
};

/// Runs `audit-trail` with these arguments to its end, `input` on its standard input.
outcome run(std::vector<std::string> const& arguments, std::string_view input = {});

/// Runs a line of shell in which $PROGRAM is `audit-trail`.
outcome run_shell(std::string const& line);

/// A running `audit-trail` with pipes as its input and output.
class running_program {
 public:
    explicit running_program(std::vector<std::string> const& arguments);
    ~running_program();
    running_program(running_program const&) = delete;
    running_program& operator=(running_program const&) = delete;

    /// False when the program no longer reads.
    bool write(std::string_view text);
    void close_input();

    /// Whether the program's end of the input pipe is still in blocking mode.
    bool input_is_blocking() const;

    /// The next whole line, without its newline; nothing at the end of the output.
    std::optional<std::string> read_line();

    /// Whether something, or the end, could be read at once.
    bool has_output() const;
    void close_output();

    void signal(int number);
    outcome wait();

 private:
    scratch_directory scratch_;
    pid_t child_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string unread_;
};

/// The complete lines of a text.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace test
