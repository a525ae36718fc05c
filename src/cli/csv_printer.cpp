#include "cli/csv_printer.hpp"

#include <utility>

#include "cli/operation_name.hpp"
#include "cli/printable.hpp"
#include "format/line_header.hpp"

namespace audit_trail::cli {
namespace {

constexpr std::string_view line_end = "\r\n";

void append_quoted(std::string_view value, std::string& out) {
    out += '"';
    for (char const c : value) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

}  // namespace

void csv_printer::print(entry& found, std::string& out) {
    begin(out);
    event const& e = found.event;
    out += std::to_string(e.event_id) + ',' + std::to_string(e.timestamp);
    for (std::string_view const value :
         {std::string_view(e.domain), std::string_view(e.category), std::string_view(e.model_name),
          name_of(e.operation), std::string_view(e.logical_user_id)}) {
        append_field(value, out);
    }
    append_field(e.request_id ? std::string_view(*e.request_id) : "", out);
    append_field(format::payload_text(found.line), out);
    out += line_end;
}

void csv_printer::begin(std::string& out) {
    if (std::exchange(begun_, true)) return;
    out += "event_id,timestamp,domain,category,model_name,operation,logical_user_id,request_id,payload";
    out += line_end;
}

void csv_printer::append_field(std::string_view value, std::string& out) const {
    std::string const text = is_terminal_ ? printable(value) : std::string(value);
    out += ',';
    if (text.find_first_of(",\"\r\n") == text.npos) {
        out += text;
    } else {
        append_quoted(text, out);
    }
}

}  // namespace audit_trail::cli
