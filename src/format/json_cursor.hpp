/// \file
/// Reads JSON text from left to right, once. Strict: RFC 8259 and no more, no key twice in an object, no number that
/// would change, no text that is not Unicode.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/error.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>

#include "format/decode.hpp"

namespace audit_trail::format {

/// A place in a text. Its functions move it behind what they read, or return false: then `failure()` says why, and the
/// cursor is of no further use. The text must outlive it.
class json_cursor {
 public:
    explicit json_cursor(std::string_view text) noexcept
        : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}
    json_cursor(json_cursor const&) = delete;
    json_cursor& operator=(json_cursor const&) = delete;

    decode_failure const& failure() const noexcept { return failure_; }

    /// The next character that is not white space, which is where the cursor then stands; 0 at the end.
    char peek() noexcept {
        while (at_ != end_ && is_space(*at_)) ++at_;
        return at_ == end_ ? '\0' : *at_;
    }
    std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

    /// Past what somebody else has read.
    void skip(std::size_t count) noexcept { at_ += count; }

    /// Takes a punctuation mark when it comes next.
    bool take(char mark) noexcept {
        if (peek() != mark) return false;
        ++at_;
        return true;
    }
    bool expect(char mark) noexcept { return take(mark) || fail(error::malformed_json); }
    bool expect_end() noexcept { return (peek() == '\0' && at_ == end_) || fail(error::malformed_json); }

    /// Reads an object. `on_member(key, offset)` reads the value, or returns false; the key is valid until then. A key
    /// that is not Unicode fails with `bad_key`.
    template <typename OnMember>
    bool read_object(error bad_key, OnMember&& on_member) {
        return expect('{') && (take('}') || read_members(bad_key, on_member));
    }

    /// The same from behind the brace, or behind a comma; one member at least.
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

    /// Reads a string, which is valid until the next is read. Another value fails with `error::wrong_type`, text that
    /// is not Unicode with `bad_text`.
    bool read_string(std::string_view& out, error bad_text);

    bool read_number(json::value& out);

    /// Reads any value into `out`, which is null. `depth` is the level that it has when it is an array or object. When
    /// it fails, the failure's member is the path below the value.
    bool read_value(json::value& out, std::size_t depth);

    /// Reads an object into `out`, which is empty.
    bool read_object_into(json::object& out, std::size_t depth);

    bool fail(error reason) { return fail_at(reason, offset()); }
    bool fail_at(error_code reason, std::size_t offset);

    /// For a value that is not of the type wanted: `reason`, unless no value begins here at all.
    bool fail_type(error reason);

    /// Names the member in which the failure is: its path, from the inside out.
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

}  // namespace audit_trail::format
