#include "cli/print_result.hpp"

#include "cli/message.hpp"
#include "cli/output.hpp"

namespace audit_trail::cli {

bool print_result(std::string_view text) {
    output out;
    out.add(text);
    error_code ec = out.flush();
    while (ec == boost::system::errc::interrupted) ec = out.flush();
    if (!ec || ec == boost::system::errc::broken_pipe) return true;
    report("audit-trail: standard output: " + ec.message());
    return false;
}

}  // namespace audit_trail::cli
