/// \file
/// Reads JSON text from left to right. Strict: only RFC 8259, no duplicate key in an object, no number out of range,
/// only Unicode text.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/error.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

#include "format/decode.hpp"

namespace audit_trail::format {

/// A position in a text. Its functions read an element and move past it. If they return false, `failure()` is the
/// reason, and the cursor must not be used any more. The text must outlive the cursor.
class json_cursor {
 public:
    explicit json_cursor(std::string_view text) noexcept
        : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}
    json_cursor(json_cursor const&) = delete;
    json_cursor& operator=(json_cursor const&) = delete;

    decode_failure const& failure() const noexcept { return failure_; }

    /// Moves to the next character that is not white space, and returns it; 0 at the end.
    char peek() noexcept {
        while (at_ != end_ && is_space(*at_)) ++at_;
        return at_ == end_ ? '\0' : *at_;
    }
    std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

    /// Moves past bytes that the caller has read by other means.
    void skip(std::size_t count) noexcept { at_ += count; }

    /// Takes a punctuation mark if it comes next.
    bool take(char mark) noexcept {
        if (peek() != mark) return false;
        ++at_;
        return true;
    }
    bool expect(char mark) noexcept { return take(mark) || fail(error::malformed_json); }
    bool expect_end() noexcept { return (peek() == '\0' && at_ == end_) || fail(error::malformed_json); }

    /// Reads an object. `on_member(key, offset)` reads the value, or returns false; the key is valid until it reads. A
    /// key that is not Unicode fails with `bad_key`.
    template <typename OnMember>
    bool read_object(error bad_key, OnMember&& on_member) {
        return expect('{') && (take('}') || read_members(bad_key, on_member));
    }

    /// Reads at least one member, and the closing brace. Requires: the cursor is after the opening brace or a comma.
    template <typename OnMember>
    bool read_members(error bad_key, OnMember&& on_member) {
        do {
            if (peek() != '"') return fail(error::malformed_json);
            std::size_t const where = offset();
            std::string_view key;
            if (!read_string(key, bad_key) || !expect(':') || !on_member(key, where)) return false;
        } while (take(','));
        return expect('}');
    }

    /// Reads a string, valid until the next string is read. Another type fails with `error::wrong_type`, text that is
    /// not Unicode with `bad_text`.
    bool read_string(std::string_view& out, error bad_text);

    bool read_number(json::value& out);

    /// Reads any value into `out`. `depth` is the level of an array or object at this position. On failure, the
    /// failure's member is the path below the value. Requires: `out` is null.
    bool read_value(json::value& out, std::size_t depth);

    /// Reads an object into `out`. Requires: `out` is empty.
    bool read_object_into(json::object& out, std::size_t depth);

    bool fail(error reason) { return fail_at(reason, offset()); }
    bool fail_at(error_code reason, std::size_t offset);

    /// Fails with `reason` if a value of another type begins here, else with `error::malformed_json`.
    bool fail_type(error reason);

    /// Adds the member that contains the failure to the front of its path.
    bool fail_in(std::string_view member);

 private:
    static bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

    std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }

    bool read_escaped_string(char const* begin, error bad_text);
    bool read_escape(error bad_text);
    bool read_unicode_escape(char const* begin, error bad_text);
    bool read_unit(char32_t& out);
    bool read_word(std::string_view word);
    bool read_array(json::array& out, std::size_t depth);

    char const* begin_;
    char const* at_;
    char const* end_;
    detail::text_buffer unescaped_;
    decode_failure failure_;
};

/// Moves `at` past the value that begins there, without building it. Checks that the text is RFC 8259, Unicode, and at
/// most `max_depth` deep; accepts numbers of any size, duplicate keys, and members of any name. `depth` is the level of
/// an array or object at `at`. Does not recurse.
std::optional<decode_failure> skip_value(std::string_view text, std::size_t& at, std::size_t depth);

}  // namespace audit_trail::format
