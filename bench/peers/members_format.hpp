/// \file
/// Formats the same line with fmt.
#pragma once

#include <fmt/format.h>

#include "peers/members.hpp"

template <>
struct fmt::formatter<bench::members> {
    constexpr auto parse(format_parse_context& context) { return context.begin(); }

    auto format(bench::members const& given, format_context& context) const {
        return fmt::format_to(
            context.out(),
            R"({{"event_id":{},"timestamp":{},"domain":"{}","category":"{}","model_name":"{}","operation":"{}",)"
            R"("logical_user_id":"{}","request_id":"{}","payload":{{"delta":{{"{}":{{"old":"{}","new":"{}"}}}}}}}})",
            given.event_id, given.timestamp, given.domain, given.category, given.model_name, given.operation,
            given.logical_user_id, given.request_id, given.field, given.old_value, given.new_value);
    }
};
