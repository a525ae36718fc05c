/// \file
/// Describes the commands and options of the program as plain values, for the manual pages and the completion scripts.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace audit_trail::cli {

/// An option, or a positional argument: then it has no names.
struct option_outline {
    std::string short_name;            ///< `-n`, or empty
    std::string long_name;             ///< `--last`, or empty
    std::string value;                 ///< `N`, `TEXT`, `ROOT` …; empty for a flag
    std::vector<std::string> choices;  ///< all values that are allowed; empty if they are not listed
    std::string range;                 ///< `1 - 65536`, or empty
    std::string default_value;
    std::string help;
    std::vector<std::string> excluded;  ///< the names of options that cannot be given, too; sorted
    bool is_required = false;
    bool is_repeatable = false;
};

struct command_outline {
    std::string name;
    std::string description;
    std::string notes;  ///< the text below the options in --help
    std::vector<option_outline> positionals;
    std::vector<option_outline> options;
    std::vector<command_outline> commands;  ///< without hidden commands
};

command_outline outline_of(CLI::App const& command);

/// Return the completion script of a shell.
std::string bash_completion(command_outline const& program);
std::string zsh_completion(command_outline const& program);
std::string fish_completion(command_outline const& program);

/// Returns the sections of a manual page that `--help` defines (NAME to EXIT STATUS), in the language of scdoc. The page
/// is that of the program if `command` is empty.
std::string manual_page(command_outline const& program, std::string const& command);

}  // namespace audit_trail::cli
