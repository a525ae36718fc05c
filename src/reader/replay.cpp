#include <audit_trail/replay.hpp>
#include <utility>

namespace audit_trail {
namespace {

constexpr std::size_t max_findings = 100;

}  // namespace

error_code replayer::apply(entry& found) {
    result_.last_event_id = found.event.event_id;
    ++result_.applied_events;
    error_code const reason = apply_operation(found);
    if (reason) skip(found, reason);
    return reason;
}

error_code replayer::apply_operation(entry& found) {
    auto const& model_name = found.event.model_name;
    if (found.event.operation == operation::remove) return result_.state.erase(model_name), error_code();
    if (error_code const ec = found.decode_payload()) return ec;
    payload changes = std::move(found.event.payload).value_or(payload());
    if (found.event.operation == operation::update) return update(model_name, changes);
    auto& record = changes.after ? changes.after : changes.before;
    return set(model_name, record ? std::move(*record) : json::object());
}

error_code replayer::update(std::string const& model_name, payload& changes) {
    if (changes.after) return set(model_name, std::move(*changes.after));
    auto* const record = result_.state.if_contains(model_name);
    if (record == nullptr) return error::no_snapshot;
    if (!changes.delta) return {};
    for (auto& [field, change] : *changes.delta) {
        record->get_object().insert_or_assign(field, std::move(change.get_object().at("new")));
    }
    return {};
}

error_code replayer::set(std::string const& model_name, json::object&& record) {
    result_.state.insert_or_assign(model_name, std::move(record));
    return {};
}

void replayer::skip(entry const& found, error_code const& reason) {
    if (++result_.skipped_events > max_findings) return;
    auto text = "event " + std::to_string(found.event.event_id) + " is skipped: " + reason.message();
    result_.findings.push_back({found.path, found.offset, reason, std::move(text)});
}

replay_result replay(reader& source) {
    replayer state;
    entry found;
    while (source.next(found)) state.apply(found);
    return state.take_result();
}

}  // namespace audit_trail
