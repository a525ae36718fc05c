#include "cli/query_session.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "cli/exit_code.hpp"
#include "cli/finding_messages.hpp"
#include "cli/format_option.hpp"
#include "cli/interruption.hpp"
#include "cli/trail_opening.hpp"
#include "cli/unknown_names.hpp"

namespace audit_trail::cli {

query_session::query_session(query_options options)
    : options_(std::move(options)), display_(display_of(STDOUT_FILENO)) {}

int query_session::run() {
    end_on_signals(display_.has_colour);
    auto source = open_reader(options_.root, options_.filter, options_for_reader());
    if (!source) return exit_code::failed;
    error_code const failure = options_.count ? count(*source) : print(*source);
    progress_.clear();
    if (failure == boost::system::errc::broken_pipe) return exit_code::done;
    bool const failed = is_failure(failure);
    bool const met_damage = report_findings(options_.root, source->report());
    report_unknown_names(options_.root, options_.filter);
    return failed || met_damage ? exit_code::failed : exit_code::done;
}

reader_options query_session::options_for_reader() {
    reader_options options;
    options.order = options_.order;
    options.max_findings = shown_findings;
    options.on_progress = [this](read_report const& so_far) { progress_.show(so_far); };
    return options;
}

std::uint64_t query_session::limit() const noexcept {
    return options_.limit.value_or(std::numeric_limits<std::uint64_t>::max());
}

error_code query_session::count(reader& source) {
    output_.add(std::to_string(std::min(source.count(), limit())) + '\n');
    return flush();
}

error_code query_session::print(reader& source) {
    auto const printer = make_event_printer(options_.format.value_or(default_format(display_)), display_);
    entry found;
    std::string text;
    for (std::uint64_t printed = 0; printed != limit() && source.next(found); ++printed) {
        printer->print(found, text);
        output_.add(text);
        text.clear();
        // People see an event as soon as it is found; for programs larger writes are cheaper.
        bool const is_due = display_.is_terminal || output_.is_due();
        if (!is_due) continue;
        if (error_code const failure = flush()) return failure;
    }
    printer->flush(text);
    output_.add(text);
    return flush();
}

error_code query_session::flush() {
    if (display_.is_terminal) progress_.clear();
    return output_.flush_fully();
}

}  // namespace audit_trail::cli
