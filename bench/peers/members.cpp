#include "peers/members.hpp"

#include <ostream>

namespace bench {
namespace {

std::string_view name_of(audit_trail::operation done) {
    constexpr std::string_view names[] = {"create", "update", "delete"};
    return names[static_cast<std::size_t>(done)];
}

std::string_view text_at(boost::json::object const& change, std::string_view key) {
    boost::json::string const& text = change.at({key.data(), key.size()}).as_string();
    return {text.data(), text.size()};
}

}  // namespace

members members_of(std::uint64_t event_id, audit_trail::event_draft const& draft) {
    auto const& [field, change] = *draft.payload->delta->begin();
    return {event_id,
            *draft.timestamp,
            draft.domain,
            draft.category,
            draft.model_name,
            name_of(draft.operation),
            draft.logical_user_id,
            *draft.request_id,
            {field.data(), field.size()},
            text_at(change.as_object(), "old"),
            text_at(change.as_object(), "new")};
}

std::ostream& operator<<(std::ostream& out, members const& given) {
    return out << "{\"event_id\":" << given.event_id << ",\"timestamp\":" << given.timestamp << ",\"domain\":\""
               << given.domain << "\",\"category\":\"" << given.category << "\",\"model_name\":\"" << given.model_name
               << "\",\"operation\":\"" << given.operation << "\",\"logical_user_id\":\"" << given.logical_user_id
               << "\",\"request_id\":\"" << given.request_id << "\",\"payload\":{\"delta\":{\"" << given.field
               << "\":{\"old\":\"" << given.old_value << "\",\"new\":\"" << given.new_value << "\"}}}}";
}

}  // namespace bench
