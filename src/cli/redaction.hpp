/// \file
/// The options and the command for redaction rules.
#pragma once

#include <audit_trail/redaction.hpp>
#include <audit_trail/writer_options.hpp>
#include <string>

namespace CLI {
class App;
}

namespace audit_trail::cli {

/// Adds `--redact`, `--redact-defaults` and `--redact-key`. `options` must outlive the parsing.
void add_redaction_options(CLI::App& command, writer_options& options);

/// Returns a message if a rule hashes values and no key was given; else an empty text.
std::string missing_key(writer_options const& options);

}  // namespace audit_trail::cli
