#include "cli/event_printer.hpp"

#include "cli/csv_printer.hpp"
#include "cli/jsonl_printer.hpp"
#include "cli/pretty_printer.hpp"
#include "cli/table_printer.hpp"

namespace audit_trail::cli {

std::unique_ptr<event_printer> make_event_printer(event_format format, display const& to) {
    switch (format) {
        case event_format::jsonl:
            break;
        case event_format::pretty:
            return std::make_unique<pretty_printer>(to);
        case event_format::table:
            return std::make_unique<table_printer>(to);
        case event_format::csv:
            return std::make_unique<csv_printer>(to);
    }
    return std::make_unique<jsonl_printer>(to);
}

}  // namespace audit_trail::cli
