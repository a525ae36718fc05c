/// \file
/// Works around what CLI11 reads into arguments, and explains which argument was wrong.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace audit_trail::cli {

/// The arguments as CLI11 must get them, in the reverse order that `CLI::App::parse` takes:
///   - `--user=` becomes `--user` and an empty word: CLI11 takes the next argument for the value;
///   - a path like `[a,b]` or `++` gets `./` in front: CLI11 takes the first for a list, the second for a mark.
std::vector<std::string> arguments_for(CLI::App& program, int argc, char const* const* argv);

/// Why the arguments were refused. A command or option that does not exist is named, with what it may mean.
std::string explain(CLI::App& program, CLI::ParseError const& reason);

}  // namespace audit_trail::cli
