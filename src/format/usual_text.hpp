/// \file
/// Lines as the writer writes them, which nearly all are: read without the generality of JSON.
#pragma once

#include <audit_trail/event.hpp>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "format/plain_text.hpp"

namespace audit_trail::format {

/// Text that comes as the writer writes it. Every function moves on, or returns false when something else stands there.
class usual_text {
 public:
    explicit usual_text(std::string_view text) noexcept : at_(text.data()), end_(at_ + text.size()) {}

    std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }

    bool take(std::string_view expected) noexcept {
        bool const is_there = rest().starts_with(expected);
        if (is_there) at_ += expected.size();
        return is_there;
    }

    /// A literal's size is known to the compiler, which then compares it in registers.
    template <std::size_t Size>
    bool take(char const (&literal)[Size]) noexcept {
        constexpr std::size_t length = Size - 1;
        bool const is_there = rest().size() >= length && std::memcmp(at_, literal, length) == 0;
        if (is_there) at_ += length;
        return is_there;
    }

    template <typename Integer>
    bool take_integer(Integer& out) noexcept {
        char const* const digits = at_ + (at_ != end_ && *at_ == '-');
        bool const padded = end_ - digits > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
        auto const [behind, failure] = std::from_chars(at_, end_, out);
        at_ = behind;
        return failure == std::errc() && !padded;
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
    char const* at_;
    char const* end_;
};

}  // namespace audit_trail::format
