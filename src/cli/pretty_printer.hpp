/// \file
/// Events as an answer to "who changed this, when, and from what to what?".
#pragma once

#include <string_view>

#include "cli/event_changes.hpp"
#include "cli/event_printer.hpp"
#include "cli/text_style.hpp"

namespace audit_trail::cli {

/// \code
/// 2023-11-14T22:13:34Z  u-102  update  Pakruojis
///     event 6 in v2/iso_3166_2, request 7c8e3fb67da627a1
///     revision: 1 -> 2
///     note: null -> "on the list"
/// \endcode
class pretty_printer final : public event_printer {
 public:
    explicit pretty_printer(display const& to) noexcept : has_colour_(to.has_colour) {}

    void print(entry& found, std::string& out) override;

 private:
    void append_event(event const& shown, std::string& out) const;
    void append_changes(event_changes const& changes, operation done, std::string& out) const;
    void append_change(field_change const& change, operation done, std::string& out) const;
    std::string in(text_style style, std::string_view text) const { return styled(text, style, has_colour_); }

    bool const has_colour_;
    bool begun_ = false;
};

}  // namespace audit_trail::cli
