#include "format/json_cursor.hpp"

#include <algorithm>
#include <bitset>

#include "format/canonical_text.hpp"
#include "format/encode.hpp"
#include "format/numbers.hpp"
#include "format/strings.hpp"

namespace audit_trail::format {
namespace {

// Most records have a few members: reserving memory once is faster than growing.
constexpr std::size_t usual_members = 8;
constexpr std::size_t usual_elements = 4;

bool is_high_surrogate(char32_t unit) noexcept {
    return unit >= 0xd800 && unit < 0xdc00;
}
bool is_low_surrogate(char32_t unit) noexcept {
    return unit >= 0xdc00 && unit < 0xe000;
}

char32_t hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return static_cast<char32_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<char32_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<char32_t>(c - 'A' + 10);
    return no_character;
}

char short_escape_value(char c) noexcept {
    switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return '\0';
    }
}

/// Shortens a key for a message: keys may be long.
std::string_view clip(std::string_view key) noexcept {
    constexpr std::size_t enough = 64;
    if (key.size() <= enough) return key;
    std::size_t size = enough;
    while (size > 0 && (static_cast<unsigned char>(key[size]) & 0xc0) == 0x80) --size;
    return key.substr(0, size);
}

/// Checks a value without recursion and without building it.
class value_skipper {
 public:
    value_skipper(std::string_view text, std::size_t at, std::size_t depth) noexcept
        : begin_(text.data()), at_(begin_ + at), end_(begin_ + text.size()), outer_depth_(depth) {}

    std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
    decode_failure take_failure() noexcept { return std::move(failure_); }

    bool skip() {
        if (!begin_value()) return false;
        while (level_ != 0) {
            if (!step()) return false;
        }
        return true;
    }

 private:
    /// Takes the next value of the innermost array or object, or its end.
    bool step() {
        char const next = peek();
        if (next == closing_bracket()) {
            ++at_;
            --level_;
            is_first_ = false;
            return true;
        }
        if (!is_first_) {
            if (next != ',') return fail(error::malformed_json);
            ++at_;
        }
        if (in_object() && !skip_key()) return false;
        return begin_value();
    }

    bool in_object() const noexcept { return is_object_[level_ - 1]; }
    char closing_bracket() const noexcept { return in_object() ? '}' : ']'; }

    bool skip_key() {
        if (peek() != '"') return fail(error::malformed_json);
        if (!skip_string()) return false;
        if (peek() != ':') return fail(error::malformed_json);
        ++at_;
        return true;
    }

    bool begin_value() {
        is_first_ = false;
        switch (peek()) {
            case '{':
                return enter(true);
            case '[':
                return enter(false);
            case '"':
                return skip_string();
            case 'n':
                return skip_word("null");
            case 't':
                return skip_word("true");
            case 'f':
                return skip_word("false");
            default:
                return skip_digits();
        }
    }

    bool enter(bool object) {
        if (outer_depth_ + level_ > max_depth) return fail(error::nested_too_deep);
        is_object_[level_++] = object;
        is_first_ = true;
        ++at_;
        return true;
    }

    bool skip_string() {
        char const* const after = skip_plain(at_ + 1, end_);
        if (after != end_ && *after == '"') {
            at_ = after + 1;
            return true;
        }
        return skip_escaped_string();
    }

    bool skip_escaped_string() {
        json_cursor cursor({at_, static_cast<std::size_t>(end_ - at_)});
        std::string_view ignored;
        bool const read = cursor.read_string(ignored, error::invalid_payload_text);
        if (!read) at_ += cursor.failure().offset;
        if (!read) return fail(cursor.failure().code);
        at_ += cursor.offset();
        return true;
    }

    bool skip_word(std::string_view word) {
        if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) {
            return fail(error::malformed_json);
        }
        at_ += word.size();
        return true;
    }

    bool skip_digits() {
        char const* const after = skip_number(at_, end_);
        if (after == nullptr) return fail(error::malformed_json);
        at_ = after;
        return true;
    }

    char peek() noexcept {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
        return at_ == end_ ? '\0' : *at_;
    }

    bool fail(error_code reason) {
        failure_.code = reason;
        failure_.offset = offset();
        return false;
    }

    char const* begin_;
    char const* at_;
    char const* end_;
    std::size_t outer_depth_;
    std::size_t level_ = 0;  // the number of open arrays and objects
    bool is_first_ = false;  // the innermost array or object is empty so far
    std::bitset<max_depth> is_object_;
    decode_failure failure_;
};

}  // namespace

bool json_cursor::read_string(std::string_view& out, error bad_text) {
    if (peek() != '"') return fail_type(error::wrong_type);
    char const* const begin = ++at_;
    at_ = skip_plain(at_, end_);
    if (at_ != end_ && *at_ == '"') {
        out = {begin, static_cast<std::size_t>(at_ - begin)};
        ++at_;
        return true;
    }
    if (!read_escaped_string(begin, bad_text)) return false;
    out = unescaped_.view();
    return true;
}

bool json_cursor::read_escaped_string(char const* begin, error bad_text) {
    unescaped_.clear();
    unescaped_.append({begin, static_cast<std::size_t>(at_ - begin)});
    for (;;) {
        if (at_ == end_) return fail(error::malformed_json);
        char const* const from = at_;
        if (*at_ == '"') {
            ++at_;
            return true;
        }
        if (*at_ == '\\') {
            if (!read_escape(bad_text)) return false;
            continue;
        }
        if (static_cast<unsigned char>(*at_) < 0x20) return fail(error::malformed_json);
        if (is_plain(*at_)) {
            at_ = skip_plain(at_, end_);
        } else if (take_utf8(at_, end_) == no_character) {
            return fail(bad_text);
        }
        unescaped_.append({from, static_cast<std::size_t>(at_ - from)});
    }
}

bool json_cursor::read_escape(error bad_text) {
    char const* const begin = at_++;
    if (at_ == end_) return fail(error::malformed_json);
    char const letter = *at_;
    if (letter == 'u') return read_unicode_escape(begin, bad_text);
    char const value = short_escape_value(letter);
    if (value == '\0') return fail_at(error::malformed_json, offset() - 1);
    unescaped_.push_back(value);
    ++at_;
    return true;
}

bool json_cursor::read_unicode_escape(char const* begin, error bad_text) {
    auto const where = static_cast<std::size_t>(begin - begin_);
    char32_t character = 0;
    if (!read_unit(character)) return fail_at(error::malformed_json, where);
    if (is_low_surrogate(character)) return fail_at(bad_text, where);
    if (is_high_surrogate(character)) {
        std::string_view const next = rest().substr(0, 2);
        std::size_t const second = offset();
        if (next.empty() || next == "\\") return fail(error::malformed_json);
        if (next != "\\u") return fail_at(bad_text, where);
        ++at_;
        char32_t low = 0;
        if (!read_unit(low)) return fail_at(error::malformed_json, second);
        if (!is_low_surrogate(low)) return fail_at(bad_text, where);
        character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
    }
    char* const to = unescaped_.prepare(4);
    unescaped_.commit(static_cast<std::size_t>(put_utf8(character, to) - to));
    return true;
}

/// Reads `uxxxx`.
bool json_cursor::read_unit(char32_t& out) {
    ++at_;
    if (end_ - at_ < 4) return false;
    out = 0;
    for (char const* const after = at_ + 4; at_ != after; ++at_) {
        char32_t const digit = hex_value(*at_);
        if (digit == no_character) return false;
        out = out << 4 | digit;
    }
    return true;
}

bool json_cursor::read_number(json::value& out) {
    char const next = peek();
    if (next != '-' && !(next >= '0' && next <= '9')) return fail_type(error::wrong_type);
    char const* const after = skip_number(at_, end_);
    if (!after) return fail(error::malformed_json);
    if (error_code const ec = format::read_number(at_, after, out)) return fail_at(ec, offset());
    at_ = after;
    return true;
}

bool json_cursor::read_word(std::string_view word) {
    if (!rest().starts_with(word)) return fail(error::malformed_json);
    at_ += word.size();
    return true;
}

bool json_cursor::read_value(json::value& out, std::size_t depth) {
    switch (peek()) {
        case '"': {
            std::string_view text;
            if (!read_string(text, error::invalid_payload_text)) return false;
            out.emplace_string().assign(text);
            return true;
        }
        case '{':
            if (depth > max_depth) return fail(error::nested_too_deep);
            return read_object_into(out.emplace_object(), depth);
        case '[':
            if (depth > max_depth) return fail(error::nested_too_deep);
            return read_array(out.emplace_array(), depth);
        case 'n':
            return read_word("null");
        case 't':
            out = true;
            return read_word("true");
        case 'f':
            out = false;
            return read_word("false");
        default:
            return read_number(out);
    }
}

bool json_cursor::read_array(json::array& out, std::size_t depth) {
    ++at_;
    if (take(']')) return true;
    out.reserve(usual_elements);
    do {
        if (!read_value(out.emplace_back(nullptr), depth + 1)) {
            return fail_in("[" + std::to_string(out.size() - 1) + "]");
        }
    } while (take(','));
    return expect(']');
}

bool json_cursor::read_object_into(json::object& out, std::size_t depth) {
    return read_object(error::invalid_payload_text, [&](std::string_view key, std::size_t where) {
        if (out.empty()) out.reserve(usual_members);
        auto const [member, is_new] = out.emplace(key, nullptr);
        if (!is_new) {
            fail_at(error::duplicate_member, where);
            return fail_in(key);
        }
        return read_value(member->value(), depth + 1) || fail_in(member->key());
    });
}

bool json_cursor::fail_at(error_code reason, std::size_t offset) {
    failure_.code = reason;
    failure_.offset = offset;
    return false;
}

bool json_cursor::fail_type(error reason) {
    char const next = peek();
    bool const is_value = std::string_view("{[\"-0123456789tfn").find(next) != std::string_view::npos && next != '\0';
    return fail(is_value ? reason : error::malformed_json);
}

bool json_cursor::fail_in(std::string_view member) {
    std::string path(clip(member));
    if (!failure_.member.empty() && failure_.member.front() != '[') path += '.';
    failure_.member.insert(0, path);
    return false;
}

std::optional<decode_failure> skip_value(std::string_view text, std::size_t& at, std::size_t depth) {
    value_skipper skipper(text, at, depth);
    bool const skipped = skipper.skip();
    at = skipper.offset();
    return skipped ? std::nullopt : std::optional(skipper.take_failure());
}

}  // namespace audit_trail::format
