/// \file
/// Standard output, collected into few writes, and messages on standard error.
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

    /// Whether enough text waits to be worth a write.
    bool is_due() const noexcept { return text_.size() >= chunk_bytes; }

    /// Writes all that was added. `interrupted` when a signal came meanwhile: call it again. Any other error is returned
    /// once; what is added after it is dropped.
    error_code flush();

    /// Like `flush`, but continues after signals.
    error_code flush_fully();

 private:
    static constexpr std::size_t chunk_bytes = 64 * 1024;

    std::string text_;
    bool broken_ = false;
};

/// Whether an error of the output makes the command fail; if so, it is reported. A reader of the output that went away
/// is no failure.
bool is_failure(error_code const& of_output);

/// Writes one line to standard error, made printable.
void report(std::string_view message);

}  // namespace audit_trail::cli
