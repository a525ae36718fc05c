/// \file
/// Numbers in files that are overwritten in place: all of one width.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace audit_trail::storage {

inline void put_padded_number(std::uint64_t number, detail::text_buffer& text) {
    constexpr std::size_t width = 20;  // 2^64 - 1
    char* const begin = text.prepare(width);
    std::memset(begin, ' ', width);
    std::to_chars(begin, begin + width, number);
    text.commit(width);
}

}  // namespace audit_trail::storage
