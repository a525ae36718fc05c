#include "format/decode.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>

#include "format/canonical_text.hpp"
#include "format/encode.hpp"
#include "format/json_cursor.hpp"
#include "format/names.hpp"
#include "format/strings.hpp"

namespace audit_trail::format {
namespace {

enum class member {
    event_id,
    timestamp,
    domain,
    category,
    model_name,
    operation,
    logical_user_id,
    request_id,
    context,
    payload,
    unknown
};

constexpr std::array<std::string_view, 10> member_names = {"event_id",   "timestamp", "domain",          "category",
                                                           "model_name", "operation", "logical_user_id", "request_id",
                                                           "context",    "payload"};

constexpr unsigned bit_of(member which) noexcept {
    return 1u << static_cast<unsigned>(which);
}

constexpr unsigned required_of_draft = bit_of(member::domain) | bit_of(member::category) | bit_of(member::model_name) |
                                       bit_of(member::operation) | bit_of(member::logical_user_id);
constexpr unsigned required_of_event = required_of_draft | bit_of(member::event_id) | bit_of(member::timestamp);

bool read_id(json_cursor& cursor, std::uint64_t& out) {
    char const first = cursor.peek();
    std::size_t const where = cursor.offset();
    if (first != '-' && !(first >= '0' && first <= '9')) return cursor.fail_type(error::invalid_event_id);
    json::value number;
    if (!cursor.read_number(number)) {
        bool const is_number = cursor.failure().code != error::malformed_json;
        return is_number ? cursor.fail_at(error::invalid_event_id, where) : false;
    }
    error_code not_exact;
    out = number.to_number<std::uint64_t>(not_exact);
    if (number.is_double() || not_exact || out == 0) return cursor.fail_at(error::invalid_event_id, where);
    return true;
}

/// Returns the id of a line with members in any order. The line must be valid up to the id; the rest is not checked.
std::optional<std::uint64_t> find_event_id(std::string_view line) {
    json_cursor cursor(line);
    std::optional<std::uint64_t> found;
    cursor.read_object(error::unknown_member, [&](std::string_view key, std::size_t) {
        if (key != member_names[0]) {
            json::value ignored;
            return cursor.read_value(ignored, 2);
        }
        std::uint64_t id = 0;
        bool const is_whole = read_id(cursor, id) && (cursor.peek() == ',' || cursor.peek() == '}');
        if (is_whole) found = id;
        return false;
    });
    return found;
}

/// Reads the members before the payload if they have the canonical form. Returns their size, or 0: then the tail must
/// be read as general JSON.
std::size_t take_canonical_members(std::string_view tail, event& out) {
    canonical_text text(tail);
    std::string_view domain;
    std::string_view category;
    std::string_view model_name;
    std::string_view user;
    std::string_view request_id;
    bool const has_place = text.take(R"(,"timestamp":)") && text.take_integer(out.timestamp) &&
                           text.take(R"(,"domain":")") && text.take_text(domain) && text.take(R"(,"category":")") &&
                           text.take_text(category);
    if (!has_place || !is_valid_name(domain) || !is_valid_name(category)) return 0;
    bool const has_required = text.take(R"(,"model_name":")") && text.take_text(model_name) &&
                              text.take(R"(,"operation":")") && text.take_operation(out.operation) &&
                              text.take(R"(,"logical_user_id":")") && text.take_text(user);
    if (!has_required) return 0;
    if (text.take(R"(,"request_id":")")) {
        if (!text.take_text(request_id)) return 0;
        out.request_id.emplace(request_id);
    }
    out.domain.assign(domain);
    out.category.assign(category);
    out.model_name.assign(model_name);
    out.logical_user_id.assign(user);
    return tail.size() - text.rest().size();
}

/// Reads the members of an event or a draft into `Record`.
template <typename Record>
class record_decoder {
 public:
    record_decoder(std::string_view text, Record& out) : cursor_(text), out_(out) {
        out_.request_id.reset();
        out_.context.reset();
        out_.payload.reset();
        if constexpr (is_draft) out_.timestamp.reset();
    }

    std::optional<decode_failure> read_line() {
        if (cursor_.peek() != '{') {
            cursor_.fail_type(error::not_an_object);
            return cursor_.failure();
        }
        return finish(cursor_.read_object(error::unknown_member, on_member()));
    }

    std::optional<decode_failure> read_context_alone(json::object& out) {
        bool const read = read_context(out);
        return read ? std::nullopt : std::optional(cursor_.failure());
    }

    std::optional<decode_failure> read_payload_alone(payload& out) {
        bool const read = read_payload(out);
        return read ? std::nullopt : std::optional(cursor_.failure());
    }

    std::optional<decode_failure> read_tail(std::string_view text) {
        std::size_t const taken = take_canonical_members(text, out_);
        if (taken != 0) {
            cursor_.skip(taken);
            seen_ = required | (out_.request_id ? bit_of(member::request_id) : 0);
            expected_ = static_cast<std::size_t>(member::payload);
            if (cursor_.take('}')) return finish(true);
        } else {
            seen_ = bit_of(member::event_id);
            expected_ = static_cast<std::size_t>(member::timestamp);
        }
        return finish(cursor_.expect(',') && cursor_.read_members(error::unknown_member, on_member()));
    }

 private:
    static constexpr bool is_draft = std::is_same_v<Record, event_draft>;
    static constexpr unsigned required = is_draft ? required_of_draft : required_of_event;

    std::optional<decode_failure> finish(bool read) {
        if (read && has_all_members() && cursor_.expect_end()) return std::nullopt;
        return cursor_.failure();
    }

    bool has_all_members() {
        unsigned const missing = required & ~seen_;
        if (!missing) return true;
        std::size_t first = 0;
        while (!(missing >> first & 1)) ++first;
        cursor_.fail_at(error::missing_member, cursor_.offset() - 1);
        return cursor_.fail_in(member_names[first]);
    }

    auto on_member() {
        return [this](std::string_view key, std::size_t where) {
            member const which = find(key);
            if (which == member::unknown) return refuse(error::unknown_member, key, where);
            if (seen_ & bit_of(which)) return refuse(error::duplicate_member, key, where);
            seen_ |= bit_of(which);
            return read_member(which) || cursor_.fail_in(member_names[static_cast<std::size_t>(which)]);
        };
    }

    bool refuse(error reason, std::string_view key, std::size_t where) {
        cursor_.fail_at(reason, where);
        return cursor_.fail_in(key);
    }

    member find(std::string_view key) noexcept {
        std::size_t found = expected_;
        if (found >= member_names.size() || member_names[found] != key) {
            auto const* const name = std::find(member_names.begin(), member_names.end(), key);
            found = static_cast<std::size_t>(name - member_names.begin());
        }
        expected_ = found + 1;
        if (is_draft && found == static_cast<std::size_t>(member::event_id)) return member::unknown;
        return static_cast<member>(found);
    }

    bool read_member(member which) {
        switch (which) {
            case member::event_id:
                return read_event_id();
            case member::timestamp:
                return read_timestamp();
            case member::domain:
                return read_name(out_.domain, error::invalid_domain);
            case member::category:
                return read_name(out_.category, error::invalid_category);
            case member::model_name:
                return read_text(out_.model_name, error::invalid_model_name);
            case member::operation:
                return read_operation();
            case member::logical_user_id:
                return read_text(out_.logical_user_id, error::invalid_logical_user_id);
            case member::request_id:
                return read_text(out_.request_id.emplace(), error::invalid_request_id);
            case member::context:
                return read_context(out_.context.emplace());
            case member::payload:
                return read_payload(out_.payload.emplace());
            case member::unknown:
                break;
        }
        return false;
    }

    bool read_event_id() {
        if constexpr (!is_draft) {
            std::uint64_t id = 0;
            if (!read_id(cursor_, id)) return false;
            out_.event_id = id;
        }
        return true;
    }

    bool read_timestamp() {
        cursor_.peek();
        std::size_t const where = cursor_.offset();
        json::value number;
        if (!cursor_.read_number(number)) return false;
        if (!number.is_int64()) return cursor_.fail_at(error::wrong_type, where);
        out_.timestamp = number.get_int64();
        return true;
    }

    bool read_text(std::string& out, error bad_text) {
        std::string_view text;
        if (!cursor_.read_string(text, bad_text)) return false;
        out.assign(text);
        return true;
    }

    bool read_name(std::string& out, error bad_name) {
        cursor_.peek();
        std::size_t const where = cursor_.offset();
        return read_text(out, bad_name) && (is_valid_name(out) || cursor_.fail_at(bad_name, where));
    }

    bool read_operation() {
        cursor_.peek();
        std::size_t const where = cursor_.offset();
        std::string_view text;
        if (!cursor_.read_string(text, error::invalid_operation)) return false;
        auto const found = parse_operation(text);
        if (!found) return cursor_.fail_at(error::invalid_operation, where);
        out_.operation = *found;
        return true;
    }

    bool expect_object(error otherwise) { return cursor_.peek() == '{' || cursor_.fail_type(otherwise); }

    bool read_context(json::object& out) {
        return expect_object(error::not_an_object) && cursor_.read_object_into(out, part_depth - 1);
    }

    bool read_payload(payload& out) {
        if (!expect_object(error::not_an_object)) return false;
        return cursor_.read_object(error::unknown_member, [&](std::string_view key, std::size_t where) {
            if (key == "before") return read_part(out.before, "before", where);
            if (key == "after") return read_part(out.after, "after", where);
            if (key == "delta") return read_part(out.delta, "delta", where);
            return refuse(error::unknown_member, key, where);
        });
    }

    bool read_part(std::optional<json::object>& out, std::string_view name, std::size_t where) {
        if (out) return refuse(error::duplicate_member, name, where);
        if (!expect_object(error::not_an_object)) return cursor_.fail_in(name);
        json::object& part = out.emplace();
        return (name == "delta" ? read_delta(part) : cursor_.read_object_into(part, part_depth)) ||
               cursor_.fail_in(name);
    }

    bool read_delta(json::object& out) {
        return cursor_.read_object(error::invalid_payload_text, [&](std::string_view key, std::size_t where) {
            auto const [field, is_new] = out.emplace(key, json::object_kind);
            if (!is_new) return refuse(error::duplicate_member, key, where);
            return read_change(field->value().get_object()) || cursor_.fail_in(field->key());
        });
    }

    bool read_change(json::object& out) {
        if (!expect_object(error::invalid_delta)) return false;
        std::size_t const where = cursor_.offset();
        out.reserve(2);
        json::value& before = out.emplace("old", nullptr).first->value();
        json::value& after = out.emplace("new", nullptr).first->value();
        bool has_before = false;
        bool has_after = false;
        bool const read = cursor_.read_object(error::invalid_delta, [&](std::string_view key, std::size_t key_offset) {
            if (key == "old") return read_side(before, has_before, "old", key_offset);
            if (key == "new") return read_side(after, has_after, "new", key_offset);
            return refuse(error::invalid_delta, key, key_offset);
        });
        if (!read) return false;
        // Other writers omit null; a draft must have both members.
        if (is_draft && !(has_before && has_after)) return cursor_.fail_at(error::invalid_delta, where);
        return true;
    }

    bool read_side(json::value& out, bool& seen, std::string_view name, std::size_t where) {
        if (seen) return refuse(error::duplicate_member, name, where);
        seen = true;
        return cursor_.read_value(out, part_depth + 2) || cursor_.fail_in(name);
    }

    static constexpr std::size_t part_depth = 3;  // of before, after and delta

    json_cursor cursor_;
    Record& out_;
    unsigned seen_ = 0;
    std::size_t expected_ = is_draft ? 1 : 0;
};

}  // namespace

std::optional<decode_failure> decode_event(std::string_view line, event& out) {
    return record_decoder<event>(line, out).read_line();
}

std::optional<decode_failure> decode_draft(std::string_view text, event_draft& out) {
    return record_decoder<event_draft>(text, out).read_line();
}

std::optional<decode_failure> decode_tail(std::uint64_t event_id, std::string_view tail, event& out) {
    if (event_id == 0) return decode_failure{error::invalid_event_id, 0, "event_id"};
    out.event_id = event_id;
    return record_decoder<event>(tail, out).read_tail(tail);
}

std::optional<decode_failure> decode_context(std::string_view text, json::object& out) {
    event holder;
    return record_decoder<event>(text, holder).read_context_alone(out);
}

std::optional<decode_failure> decode_payload(std::string_view text, payload& out) {
    event holder;
    return record_decoder<event>(text, holder).read_payload_alone(out);
}

std::optional<std::uint64_t> read_event_id(std::string_view line) {
    if (!line.starts_with(id_prefix)) return find_event_id(line);
    std::string_view const text = line.substr(id_prefix.size());
    char const* const end = text.data() + text.size();
    std::uint64_t id = 0;
    auto const [after, ec] = std::from_chars(text.data(), end, id);
    bool const is_whole = ec == std::errc() && after != end && (*after == ',' || *after == '}');
    if (is_whole && text.front() != '0') return id;
    return find_event_id(line);
}

std::string decode_failure::to_string() const {
    std::string text = code.message();
    if (code == error::wrong_type) text += member == "timestamp" ? ": expected an integer" : ": expected a string";
    text += " (";
    if (!member.empty()) {
        detail::text_buffer quoted;
        append_quoted(member, quoted);
        text.append(quoted.view());
        text += ", ";
    }
    return text + "byte " + std::to_string(offset) + ")";
}

}  // namespace audit_trail::format
