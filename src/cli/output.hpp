/// \file
/// Writes standard output in few large writes, and messages to standard error.
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

    /// Returns true if enough text waits for a write.
    bool is_due() const noexcept { return text_.size() >= chunk_bytes; }

    /// Writes the text that was added. Returns `interrupted` if a signal arrived meanwhile: call it again. Any other
    /// error is returned once; text that is added later is dropped.
    error_code flush();

    /// Like `flush`, but continues after signals.
    error_code flush_fully();

 private:
    static constexpr std::size_t chunk_bytes = 64 * 1024;

    std::string text_;
    bool broken_ = false;
};

/// Reports the error and returns true if an error of the output makes the command fail. A closed pipe is not a failure.
bool is_failure(error_code const& of_output);

/// Writes one line to standard error. Escapes characters that are not printable.
void report(std::string_view message);

}  // namespace audit_trail::cli
