/// \file
/// Events for spreadsheets and databases.
#pragma once

#include <string_view>

#include "cli/event_printer.hpp"

namespace audit_trail::cli {

class csv_printer final : public event_printer {
 public:
    explicit csv_printer(display const& to) noexcept : is_terminal_(to.is_terminal) {}

    void print(entry& found, std::string& out) override;
    void flush(std::string& out) override { begin(out); }

 private:
    void begin(std::string& out);
    void append_field(std::string_view value, std::string& out) const;

    bool const is_terminal_;
    bool begun_ = false;
};

}  // namespace audit_trail::cli
