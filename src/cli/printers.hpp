/// \file
/// Prints events in one of several formats.
#pragma once

#include <audit_trail/entry.hpp>
#include <memory>
#include <string>
#include <vector>

#include "terminal.hpp"

namespace audit_trail::cli {

enum class event_format {
    jsonl,   ///< the stored bytes, one line each
    pretty,  ///< a line with time, user and operation; below it the old and new value of each field
    table,   ///< one row each, not wider than the display
    csv,     ///< RFC 4180: titles, then all members unchanged, the payload as its JSON text
    json     ///< one array of the stored lines
};

/// Returns `pretty` for people (terminals), `jsonl` for programs.
inline event_format default_format(display const& to) noexcept {
    return to.is_terminal ? event_format::pretty : event_format::jsonl;
}

/// The text is safe for the display: on a terminal, no format prints control characters of events.
class event_printer {
 public:
    virtual ~event_printer() = default;

    /// Appends the event to `out`, or keeps it until `flush`. May decode the entry's payload.
    virtual void print(entry& found, std::string& out) = 0;

    /// Appends the events that were kept (a table chooses its widths from the first rows), and titles even if there was
    /// no event. Call it whenever the output must be up to date.
    virtual void flush(std::string&) {}

    /// Appends what comes after the last event.
    virtual void end(std::string& out) { flush(out); }
};

/// `pretty` and `table` show the changes of these fields only, if there are any (see `find_change`).
std::unique_ptr<event_printer> make_event_printer(event_format format, display const& to,
                                                  std::vector<std::string> const& fields = {});

}  // namespace audit_trail::cli
