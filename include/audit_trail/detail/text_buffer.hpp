/// \file
/// A growing byte buffer that allocates no memory for the first 512 bytes.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace audit_trail::detail {

class text_buffer {
 public:
    static constexpr std::size_t inline_capacity = 512;

    text_buffer() noexcept = default;
    text_buffer(text_buffer const&) = delete;
    text_buffer& operator=(text_buffer const&) = delete;

    char* data() noexcept { return data_; }
    char const* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    std::size_t capacity() const noexcept { return capacity_; }
    std::string_view view() const noexcept { return {data_, size_}; }

    /// Returns the number of allocated bytes.
    std::size_t heap_bytes() const noexcept { return heap_ ? capacity_ : 0; }

    /// Returns a pointer to room for `count` more bytes. `commit` then adds the bytes that were written there.
    char* prepare(std::size_t count) {
        if (capacity_ - size_ < count) grow(count);
        return data_ + size_;
    }
    void commit(std::size_t count) noexcept { size_ += count; }

    void append(std::string_view text) {
        std::memcpy(prepare(text.size()), text.data(), text.size());
        commit(text.size());
    }
    void push_back(char c) { *prepare(1) = c, commit(1); }

    void resize_down(std::size_t size) noexcept { size_ = size; }
    void clear() noexcept { size_ = 0; }

    /// Empties the buffer and frees its memory.
    void reset() noexcept {
        heap_.reset();
        data_ = inline_;
        capacity_ = inline_capacity;
        size_ = 0;
    }

 private:
    void grow(std::size_t count) {
        std::size_t const wanted = size_ + count;
        std::size_t const doubled = capacity_ * 2;
        std::size_t const capacity = wanted > doubled ? wanted : doubled;
        std::unique_ptr<char[]> larger(new char[capacity]);
        std::memcpy(larger.get(), data_, size_);
        heap_ = std::move(larger);
        data_ = heap_.get();
        capacity_ = capacity;
    }

    char* data_ = inline_;
    std::size_t size_ = 0;
    std::size_t capacity_ = inline_capacity;
    std::unique_ptr<char[]> heap_;
    char inline_[inline_capacity];
};

}  // namespace audit_trail::detail
