/// \file
/// Standard output, gathered into few writes.
#pragma once

#include <audit_trail/error.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace audit_trail::cli {

class output {
 public:
    void add(std::string_view text) {
        if (!broken_) text_ += text;
    }

    /// Whether so much waits to be written that a write is worth it.
    bool is_due() const noexcept { return text_.size() >= chunk_bytes; }

    /// Writes all that was added. `interrupted` when a signal came in between: call it again. Another error is given
    /// once; what is added after it is dropped.
    error_code flush();

    /// The same, whatever signals come.
    error_code flush_fully();

 private:
    static constexpr std::size_t chunk_bytes = 64 * 1024;

    std::string text_;
    bool broken_ = false;
};

/// What an error of the output means for the exit code: nothing, when whoever reads it has seen enough; else it is
/// told.
bool is_failure(error_code const& of_output);

}  // namespace audit_trail::cli
