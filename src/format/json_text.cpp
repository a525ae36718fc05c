#include "format/json_text.hpp"

#include <bitset>

#include "format/encode.hpp"
#include "format/json_cursor.hpp"
#include "format/number_text.hpp"
#include "format/plain_text.hpp"

namespace audit_trail::format {
namespace {

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
    /// In an array or object, behind a value or an opening bracket: the next value, or the end.
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
        char const* const behind = skip_plain(at_ + 1, end_);
        if (behind != end_ && *behind == '"') {
            at_ = behind + 1;
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
        char const* const behind = skip_number(at_, end_);
        if (behind == nullptr) return fail(error::malformed_json);
        at_ = behind;
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
    std::size_t level_ = 0;  // arrays and objects that are open
    bool is_first_ = false;  // nothing stands yet in the innermost one
    std::bitset<max_depth> is_object_;
    decode_failure failure_;
};

}  // namespace

std::optional<decode_failure> skip_value(std::string_view text, std::size_t& at, std::size_t depth) {
    value_skipper skipper(text, at, depth);
    bool const skipped = skipper.skip();
    at = skipper.offset();
    return skipped ? std::nullopt : std::optional(skipper.take_failure());
}

}  // namespace audit_trail::format
