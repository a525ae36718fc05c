/// \file
/// The program under test on a pseudo-terminal.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace test {

struct terminal_settings {
    unsigned short columns = 80;
    std::vector<std::string> variables;  ///< NAME=value; TERM=xterm and no pager unless given
};

/// `audit-trail` with all three standard streams on a pseudo-terminal.
class terminal_program {
 public:
    explicit terminal_program(std::vector<std::string> const& arguments, terminal_settings const& settings = {});
    ~terminal_program();
    terminal_program(terminal_program const&) = delete;
    terminal_program& operator=(terminal_program const&) = delete;

    /// Waits for output up to and including this text; returns all output if the text never comes.
    std::string read_until(std::string_view text);

    /// All output until the program ends, with plain newlines.
    std::string read_all() { return read_until({}); }

    void type(std::string_view keys);

    /// 128 + N when signal N ended it.
    int wait();

 private:
    pid_t child_ = -1;
    int terminal_ = -1;
};

}  // namespace test
