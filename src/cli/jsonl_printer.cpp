#include "cli/jsonl_printer.hpp"

#include "cli/printable.hpp"

namespace audit_trail::cli {

void jsonl_printer::print(entry& found, std::string& out) {
    // Lines that other programs wrote may hold more than ASCII.
    out += is_terminal_ ? printable(found.line) : found.line;
    out += '\n';
}

}  // namespace audit_trail::cli
