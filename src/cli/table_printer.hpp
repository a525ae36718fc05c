/// \file
/// Events as rows.
#pragma once

#include "cli/event_printer.hpp"
#include "cli/text_table.hpp"

namespace audit_trail::cli {

class table_printer final : public event_printer {
 public:
    explicit table_printer(display const& to);

    void print(entry& found, std::string& out) override;
    void flush(std::string& out) override { table_.flush(out); }

 private:
    std::size_t const width_;
    text_table table_;
};

}  // namespace audit_trail::cli
