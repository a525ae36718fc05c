#include "format/encode.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <cmath>
#include <limits>
#include <utility>

#include "format/names.hpp"
#include "format/numbers.hpp"
#include "format/strings.hpp"

namespace audit_trail::format {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

std::string_view view_of(json::string_view text) noexcept {
    return {text.data(), text.size()};
}

/// Restores the size of the buffer unless `finish` is called.
class rollback {
 public:
    explicit rollback(detail::text_buffer& out) noexcept : out_(out), size_(out.size()) {}
    rollback(rollback const&) = delete;
    rollback& operator=(rollback const&) = delete;
    ~rollback() {
        if (!finished_) out_.resize_down(size_);
    }
    void finish() noexcept { finished_ = true; }

 private:
    detail::text_buffer& out_;
    std::size_t size_;
    bool finished_ = false;
};

/// Every function appends, or returns false: then `failure()` is the reason.
class encoder {
 public:
    /// Stops soon after the buffer has grown beyond `limit` bytes.
    encoder(detail::text_buffer& out, std::size_t limit) noexcept : out_(out), begin_(out.size()), limit_(limit) {}

    error_code failure() const noexcept { return failure_; }
    name_positions const& names() const noexcept { return names_; }

    template <typename Record>
    bool members(Record const& record, std::int64_t timestamp) {
        out_.append(R"(,"timestamp":)"sv);
        append_number(timestamp, out_);
        return name(R"(,"domain":")"sv, record.domain, error::invalid_domain, names_.domain) &&
               name(R"(,"category":")"sv, record.category, error::invalid_category, names_.category) &&
               text_member(R"(,"model_name":)"sv, record.model_name, error::invalid_model_name) &&
               operation(record.operation) &&
               text_member(R"(,"logical_user_id":)"sv, record.logical_user_id, error::invalid_logical_user_id) &&
               (!record.request_id ||
                text_member(R"(,"request_id":)"sv, *record.request_id, error::invalid_request_id)) &&
               (!record.context || context_member(*record.context)) &&
               (!record.payload || payload_member(*record.payload)) && end();
    }

    bool value(json::value const& value, std::size_t depth) {
        switch (value.kind()) {
            case json::kind::null:
                out_.append("null"sv);
                break;
            case json::kind::bool_:
                out_.append(value.get_bool() ? "true"sv : "false"sv);
                break;
            case json::kind::int64:
                append_number(value.get_int64(), out_);
                break;
            case json::kind::uint64:
                append_number(value.get_uint64(), out_);
                break;
            case json::kind::double_:
                return finite(value.get_double());
            case json::kind::string:
                return text(view_of(value.get_string()), invalid_text_);
            case json::kind::array:
                return array(value.get_array(), depth);
            case json::kind::object:
                return object(value.get_object(), depth);
        }
        return true;
    }

 private:
    bool fail(error reason) noexcept {
        failure_ = reason;
        return false;
    }

    bool fits(std::size_t more = 0) noexcept {
        return (out_.size() <= limit_ && more <= limit_ - out_.size()) || fail(error::event_too_large);
    }

    bool text(std::string_view text, error if_invalid) {
        // Escaping never makes text shorter.
        return fits(text.size()) && (append_quoted(text, out_) || fail(if_invalid));
    }

    bool name(std::string_view opening, std::string_view name, error if_invalid, std::uint32_t& position) {
        if (!is_valid_name(name)) return fail(if_invalid);
        out_.append(opening);
        position = static_cast<std::uint32_t>(out_.size() - begin_);
        out_.append(name);
        out_.push_back('"');
        return true;
    }

    bool text_member(std::string_view opening, std::string_view value, error if_invalid) {
        out_.append(opening);
        return text(value, if_invalid);
    }

    bool operation(audit_trail::operation value) {
        std::string_view const name = operation_name(value);
        if (name.empty()) return fail(error::invalid_operation);
        out_.append(R"(,"operation":")"sv);
        out_.append(name);
        out_.push_back('"');
        return true;
    }

    bool context_member(json::object const& value) {
        out_.append(R"(,"context":)"sv);
        invalid_text_ = error::invalid_context_text;
        if (!object(value, part_depth - 1)) return false;
        invalid_text_ = error::invalid_payload_text;
        return true;
    }

    bool payload_member(payload const& value) {
        out_.append(R"(,"payload":)"sv);
        char separator = '{';
        auto const part = [&](std::string_view opening, std::optional<json::object> const& object, auto append) {
            if (!object) return true;
            out_.push_back(separator);
            separator = ',';
            out_.append(opening);
            return append(*object);
        };
        auto const record = [&](json::object const& object) { return this->object(object, part_depth); };
        auto const changes = [&](json::object const& object) { return delta(object); };
        if (!part(R"("before":)"sv, value.before, record)) return false;
        if (!part(R"("after":)"sv, value.after, record)) return false;
        if (!part(R"("delta":)"sv, value.delta, changes)) return false;
        if (separator == '{') out_.push_back('{');
        out_.push_back('}');
        return true;
    }

    bool end() {
        out_.append("}\n"sv);
        return fits();
    }

    bool finite(double number) {
        if (!std::isfinite(number)) return fail(error::not_finite);
        append_number(number, out_);
        return true;
    }

    bool array(json::array const& array, std::size_t depth) {
        if (depth > max_depth) return fail(error::nested_too_deep);
        out_.push_back('[');
        bool first = true;
        for (json::value const& element : array) {
            if (!first) out_.push_back(',');
            first = false;
            if (!fits() || !value(element, depth + 1)) return false;
        }
        out_.push_back(']');
        return true;
    }

    bool object(json::object const& object, std::size_t depth) {
        return members_of(object, depth, [&](json::value const& member) { return value(member, depth + 1); });
    }

    bool delta(json::object const& object) {
        return members_of(object, part_depth, [&](json::value const& member) { return change(member); });
    }

    bool change(json::value const& value) {
        json::object const* const object = value.if_object();
        if (!object || object->size() != 2) return fail(error::invalid_delta);
        json::key_value_pair const* before = object->begin();
        json::key_value_pair const* after = before + 1;
        if (before->key() == "new") std::swap(before, after);
        if (before->key() != "old" || after->key() != "new") return fail(error::invalid_delta);
        out_.append(R"({"old":)"sv);
        if (!this->value(before->value(), part_depth + 2)) return false;
        out_.append(R"(,"new":)"sv);
        if (!this->value(after->value(), part_depth + 2)) return false;
        out_.push_back('}');
        return true;
    }

    template <typename AppendValue>
    bool members_of(json::object const& object, std::size_t depth, AppendValue append_value) {
        if (depth > max_depth) return fail(error::nested_too_deep);
        out_.push_back('{');
        bool first = true;
        for (json::key_value_pair const& member : object) {
            if (!first) out_.push_back(',');
            first = false;
            if (!text(view_of(member.key()), invalid_text_)) return false;
            out_.push_back(':');
            if (!append_value(member.value())) return false;
        }
        out_.push_back('}');
        return true;
    }

    static constexpr std::size_t part_depth = 3;  // of before, after and delta

    detail::text_buffer& out_;
    std::size_t begin_;
    std::size_t limit_;
    name_positions names_;
    error invalid_text_ = error::invalid_payload_text;
    error_code failure_;
};

}  // namespace

error_code encode_tail(event_draft const& draft, std::int64_t timestamp, std::size_t max_event_bytes,
                       detail::text_buffer& out, name_positions* names) {
    constexpr std::size_t head = id_prefix.size() + max_id_digits;
    if (max_event_bytes < head) return error::event_too_large;
    std::size_t const room = max_event_bytes - head;
    rollback guard(out);
    encoder encode(out, room < no_limit - out.size() ? out.size() + room : no_limit);
    if (!encode.members(draft, timestamp)) return encode.failure();
    if (names) *names = encode.names();
    guard.finish();
    return {};
}

error_code encode_line(event const& value, detail::text_buffer& out) {
    if (value.event_id == 0) return error::invalid_event_id;
    rollback guard(out);
    out.append(id_prefix);
    append_number(value.event_id, out);
    encoder encode(out, no_limit);
    if (!encode.members(value, value.timestamp)) return encode.failure();
    guard.finish();
    return {};
}

error_code encode_value(json::value const& value, detail::text_buffer& out, std::size_t depth) {
    rollback guard(out);
    encoder encode(out, no_limit);
    if (!encode.value(value, depth)) return encode.failure();
    guard.finish();
    return {};
}

}  // namespace audit_trail::format
