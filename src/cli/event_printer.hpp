/// \file
/// Events as text, in one of several formats.
#pragma once

#include <audit_trail/entry.hpp>
#include <memory>
#include <string>

#include "cli/terminal.hpp"

namespace audit_trail::cli {

enum class event_format {
    jsonl,   ///< the stored bytes, a line each
    pretty,  ///< when, who, what, and below it each field's old and new value
    table,   ///< a row each, no wider than the display
    csv      ///< RFC 4180: titles, then all members as they are, the payload as its JSON text
};

/// What it gives is safe for the display: where that is a terminal, no format has control bytes of the events.
class event_printer {
 public:
    virtual ~event_printer() = default;

    /// Appends the event to `out`, or keeps it for `flush`. May decode the entry's payload.
    virtual void print(entry& found, std::string& out) = 0;

    /// Appends what is kept: a table chooses its widths by the first rows. At the end, and whenever nothing may wait;
    /// titles come even when there was no event.
    virtual void flush(std::string&) {}
};

std::unique_ptr<event_printer> make_event_printer(event_format format, display const& to);

}  // namespace audit_trail::cli
