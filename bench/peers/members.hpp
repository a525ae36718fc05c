/// \file
/// The members of a sample event, as a server without this library passes them to its logger or database.
#pragma once

#include <audit_trail/event.hpp>
#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace bench {

/// Views of the draft's texts: valid as long as the draft.
struct members {
    std::uint64_t event_id;
    std::int64_t timestamp;
    std::string_view domain;
    std::string_view category;
    std::string_view model_name;
    std::string_view operation;
    std::string_view logical_user_id;
    std::string_view request_id;
    std::string_view field;  ///< the changed field
    std::string_view old_value;
    std::string_view new_value;
};

members members_of(std::uint64_t event_id, audit_trail::event_draft const& draft);

/// Writes the line of the event without its newline. As usual in log statements, texts are neither checked nor escaped.
std::ostream& operator<<(std::ostream& out, members const& given);

}  // namespace bench
