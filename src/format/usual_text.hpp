/// \file
/// Lines as the writer writes them, which nearly all are: read without the generality of JSON.
#pragma once

#include <audit_trail/event.hpp>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "format/digits.hpp"
#include "format/plain_text.hpp"

namespace audit_trail::format {

/// Text that comes as the writer writes it. Every function moves on, or returns false when something else stands there.
class usual_text {
 public:
    explicit usual_text(std::string_view text) noexcept : at_(text.data()), end_(at_ + text.size()) {}

    std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }

    bool take(std::string_view expected) noexcept {
        bool const is_there = rest().size() >= expected.size() && is_equal(at_, expected.data(), expected.size());
        if (is_there) at_ += expected.size();
        return is_there;
    }

    /// A literal's size is known to the compiler.
    template <std::size_t Size>
    bool take(char const (&literal)[Size]) noexcept {
        constexpr std::size_t length = Size - 1;
        bool const is_there = rest().size() >= length && is_equal(at_, literal, length);
        if (is_there) at_ += length;
        return is_there;
    }

    template <typename Integer>
    bool take_integer(Integer& out) noexcept {
        std::uint64_t value = 0;
        char const* const behind = read_digits(at_, end_, value);
        std::ptrdiff_t const digits = behind - at_;
        bool const is_usual = digits != 0 && digits <= safe_digits && (digits == 1 || *at_ != '0');
        if (!is_usual) return take_unusual_integer(out);
        out = static_cast<Integer>(value);
        at_ = behind;
        return true;
    }

    /// Text up to its closing quote, without escapes.
    bool take_text(std::string_view& out) noexcept {
        char const* const behind = skip_plain(at_, end_);
        if (behind == end_ || *behind != '"') return false;
        out = {at_, static_cast<std::size_t>(behind - at_)};
        at_ = behind + 1;
        return true;
    }

    bool take_operation(audit_trail::operation& out) noexcept {
        if (take(R"(create")")) return out = audit_trail::operation::create, true;
        if (take(R"(update")")) return out = audit_trail::operation::update, true;
        if (take(R"(delete")")) return out = audit_trail::operation::remove, true;
        return false;
    }

 private:
    /// One with a sign, or so long that it may be out of range.
    template <typename Integer>
    bool take_unusual_integer(Integer& out) noexcept {
        char const* const digits = at_ + (at_ != end_ && *at_ == '-');
        bool const padded = end_ - digits > 1 && digits[0] == '0' && is_digit(digits[1]);
        auto const [behind, failure] = std::from_chars(at_, end_, out);
        at_ = behind;
        return failure == std::errc() && !padded;
    }

    char const* at_;
    char const* end_;
};

}  // namespace audit_trail::format
