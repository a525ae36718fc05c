/// \file
/// Events as they are stored.
#pragma once

#include "cli/event_printer.hpp"

namespace audit_trail::cli {

class jsonl_printer final : public event_printer {
 public:
    explicit jsonl_printer(display const& to) noexcept : is_terminal_(to.is_terminal) {}

    void print(entry& found, std::string& out) override;

 private:
    bool const is_terminal_;
};

}  // namespace audit_trail::cli
