#include "format/line_header.hpp"

#include <string>

#include "format/canonical_text.hpp"
#include "format/json_cursor.hpp"
#include "format/names.hpp"

namespace audit_trail::format {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t member_depth = 2;
constexpr std::size_t before_domain = R"(,"domain":")"sv.size();

/// The position of a member's value; empty if the line has no such member.
struct member_place {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::optional<decode_failure> failure;
};

void assign(std::optional<std::string>& to, std::optional<std::string_view> const& from) {
    if (!from) return to.reset();
    if (!to) to.emplace();
    to->assign(*from);
}

/// Finds a member that is an object, in a line of any form. Does not check the line after it.
member_place find_member(std::string_view line, std::string_view name) {
    member_place found;
    json_cursor cursor(line);
    cursor.read_object(error::unknown_member, [&](std::string_view key, std::size_t) {
        bool const is_wanted = key == name;
        if (cursor.peek() != '{' && is_wanted) return false;
        member_place place{cursor.offset(), cursor.offset(), {}};
        place.failure = skip_value(line, place.end, member_depth);
        if (is_wanted) found = place;
        if (is_wanted || place.failure) return false;
        cursor.skip(place.end - place.begin);
        return true;
    });
    return found;
}

std::string_view member_text(std::string_view line, std::string_view name) {
    member_place const place = find_member(line, name);
    return line.substr(place.begin, place.end - place.begin);
}

}  // namespace

std::optional<decode_failure> line_header::scan(std::string_view line) {
    line_ = line;
    unchecked_payload_ = {};
    return scan_canonical_form() ? std::nullopt : scan_any_form();
}

bool line_header::scan_canonical_form() {
    canonical_text text(line_);
    request_id.reset();
    context = {};
    bool const has_required =
        text.take(R"({"event_id":)") && text.take_integer(event_id) && event_id != 0 && take_time_and_place(text) &&
        text.take(R"(,"model_name":")") && text.take_text(model_name) && text.take(R"(,"operation":")") &&
        text.take_operation(operation) && text.take(R"(,"logical_user_id":")") && text.take_text(logical_user_id);
    if (!has_required) return false;
    if (text.take(R"(,"request_id":")") && !text.take_text(request_id.emplace())) return false;
    if (text.rest() == "}"sv) return true;
    if (text.take(R"(,"context":)")) {
        if (!take_context(text)) return false;
        if (text.rest() == "}"sv) return true;
    }
    if (!text.take(R"(,"payload":)")) return false;
    unchecked_payload_ = text.rest();
    return unchecked_payload_.starts_with('{') && unchecked_payload_.ends_with("}}"sv);
}

/// Adjacent lines often have the same second, and all lines of a segment have the same names. So the text of the last
/// line is only compared.
bool line_header::take_time_and_place(canonical_text& text) {
    std::string_view const rest = text.rest();
    if (known_.empty() || !text.take(known_)) {
        std::int64_t time = 0;
        if (!text.take(R"(,"timestamp":)") || !text.take_integer(time)) return false;
        std::size_t const place_begin = rest.size() - text.rest().size();
        if (!take_place(text)) return false;
        known_.assign(rest.substr(0, rest.size() - text.rest().size()));
        known_timestamp_ = time;
        known_place_ = place_begin;
    }
    place_number_ = known_names_;
    timestamp = known_timestamp_;
    domain = rest.substr(known_place_ + before_domain, domain_size_);
    category = rest.substr(known_.size() - 1 - category_size_, category_size_);
    return true;
}

bool line_header::take_place(canonical_text& text) {
    if (!known_.empty() && text.take(std::string_view(known_).substr(known_place_))) return true;
    bool const is_there = text.take(R"(,"domain":")") && text.take_text(domain) && text.take(R"(,"category":")") &&
                          text.take_text(category) && is_valid_name(domain) && is_valid_name(category);
    if (!is_there) return false;
    known_.clear();  // the fields set below describe the next known text
    known_names_ = ++names_met_;
    domain_size_ = domain.size();
    category_size_ = category.size();
    return true;
}

bool line_header::take_context(canonical_text& text) {
    std::string_view const rest = text.rest();
    std::size_t size = 0;
    if (!rest.starts_with('{') || skip_value(rest, size, member_depth)) return false;
    context = rest.substr(0, size);
    return text.take(context);
}

/// Checks the payload as text, and decodes the rest of the line with an empty payload.
std::optional<decode_failure> line_header::scan_any_form() {
    unchecked_payload_ = {};
    member_place const payload = find_member(line_, "payload");
    if (payload.failure) {
        auto failure = payload.failure;
        failure->member = "payload";
        return failure;
    }
    std::string remains(line_);
    std::size_t const length = payload.end - payload.begin;
    if (length != 0) remains.replace(payload.begin, length, "{}");
    auto failure = decode_event(remains, decoded_);
    if (failure && length != 0 && failure->offset > payload.begin) failure->offset += length - 2;
    if (!failure) view_decoded();
    return failure;
}

void line_header::view_decoded() {
    place_number_ = ++names_met_;
    event_id = decoded_.event_id;
    timestamp = decoded_.timestamp;
    domain = decoded_.domain;
    category = decoded_.category;
    model_name = decoded_.model_name;
    operation = decoded_.operation;
    logical_user_id = decoded_.logical_user_id;
    request_id = decoded_.request_id;
    context = decoded_.context ? context_text(line_) : std::string_view();
}

std::string_view line_header::find_context() const {
    bool const may_be_after_payload = context.empty() && unchecked_payload_.find(R"("context")") != line_.npos;
    return may_be_after_payload ? context_text(line_) : context;
}

void line_header::copy_to(event& out) const {
    out.event_id = event_id;
    out.timestamp = timestamp;
    out.domain.assign(domain);
    out.category.assign(category);
    out.model_name.assign(model_name);
    out.operation = operation;
    out.logical_user_id.assign(logical_user_id);
    assign(out.request_id, request_id);
    out.context.reset();
    auto const text = find_context();
    if (!text.empty() && decode_context(text, out.context.emplace())) out.context.reset();
    out.payload.reset();
}

std::optional<decode_failure> line_header::check_payload() {
    if (unchecked_payload_.empty()) return std::nullopt;
    std::size_t at = payload_offset();
    auto failure = skip_value(line_, at, member_depth);
    if (failure) {
        failure->member = "payload";
        return failure;
    }
    bool const is_last_member = at + 1 == line_.size();
    return is_last_member ? std::nullopt : scan_any_form();
}

std::string_view payload_text(std::string_view line) {
    return member_text(line, "payload");
}

std::string_view context_text(std::string_view line) {
    return member_text(line, "context");
}

}  // namespace audit_trail::format
