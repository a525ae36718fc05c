/// \file
/// Events of a trail are printed or counted.
#pragma once

#include <audit_trail/reader.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/event_printer.hpp"
#include "cli/output.hpp"
#include "cli/progress_line.hpp"
#include "cli/terminal.hpp"

namespace audit_trail::cli {

struct query_options {
    std::string root;
    event_filter filter;
    read_order order = read_order::event_id;
    std::optional<std::uint64_t> limit;
    std::optional<event_format> format;
    bool count = false;
};

/// One run of `audit-trail query`.
class query_session {
 public:
    explicit query_session(query_options options);

    /// Returns the exit code.
    int run();

 private:
    reader_options options_for_reader();
    std::uint64_t limit() const noexcept;
    error_code count(reader& source);
    error_code print(reader& source);
    error_code flush();

    query_options const options_;
    display const display_;
    progress_line progress_;
    output output_;
};

}  // namespace audit_trail::cli
