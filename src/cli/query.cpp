#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <audit_trail/reader.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "options.hpp"
#include "output.hpp"
#include "pager.hpp"
#include "printers.hpp"
#include "terminal.hpp"
#include "trail.hpp"

namespace audit_trail::cli {
namespace {

constexpr char query_description[] = "Print the events of the trail in ROOT that pass all filters";

constexpr char query_notes[] =
    "-n and --reverse read the segments from their ends, so a few of the newest events cost little in a trail of any\n"
    "size. -n N keeps N events in memory, unless --reverse is given.\n"
    "On a terminal, a pager shows the events: AUDIT_TRAIL_PAGER, or else PAGER, or else less. An empty value or cat:\n"
    "none.\n"
    "Damage in the files is reported on standard error with file, offset and reason; the events around it are\n"
    "printed.\n"
    "Exit: 0 done (also when the reader of the output exits), 1 damage or a failure, 2 wrong usage, 128 + N ended by\n"
    "signal N.";

struct query_options {
    std::string root;
    event_filter filter;
    display_settings shown;
    read_order order = read_order::event_id;
    std::optional<std::uint64_t> limit;
    std::optional<std::uint64_t> last;
    bool reverse = false;
    std::optional<event_format> format;
    bool count = false;
    bool no_pager = false;
};

/// One run of the command.
class query_session {
 public:
    explicit query_session(query_options options)
        : options_(std::move(options)),
          limit_(options_.last.value_or(options_.limit.value_or(std::numeric_limits<std::uint64_t>::max()))),
          display_(display_of(STDOUT_FILENO, options_.shown)) {}

    /// Returns the exit code.
    int run() {
        end_on_signals(display_.has_colour);
        auto source = open_reader(options_.root, options_.filter, options_for_reader());
        if (!source) return exit_code::failed;
        pager reading_pager;
        if (display_.is_terminal && !options_.count && !options_.no_pager) reading_pager.start();
        if (reading_pager.is_running()) progress_.disable();
        error_code const failure = options_.count ? count(*source) : print(*source);
        progress_.clear();
        if (!reading_pager.close()) return exit_code::failed;
        if (failure == boost::system::errc::broken_pipe) return exit_code::done;
        bool const failed = is_failure(failure);
        bool const met_damage = report_findings(options_.root, source->report());
        report_unknown_names(options_.root, options_.filter);
        return failed || met_damage ? exit_code::failed : exit_code::done;
    }

 private:
    reader_options options_for_reader() {
        reader_options options = options_with(progress_);
        bool const from_the_end = options_.reverse || (options_.last && !options_.count);
        options.order = from_the_end ? read_order::newest_first : options_.order;
        return options;
    }

    error_code count(reader& source) {
        output_.add(std::to_string(std::min(source.count(), limit_)) + '\n');
        return flush();
    }

    error_code print(reader& source) {
        printer_ =
            make_event_printer(options_.format.value_or(default_format(display_)), display_, options_.filter.fields);
        bool const keeps_events = options_.last && !options_.reverse;
        error_code const failure = keeps_events ? print_last(source) : print_first(source);
        if (failure) return failure;
        printer_->end(text_);
        output_.add(text_);
        return flush();
    }

    error_code print_first(reader& source) {
        entry found;
        for (std::uint64_t printed = 0; printed != limit_ && source.next(found); ++printed) {
            if (error_code const failure = print(found)) return failure;
        }
        return {};
    }

    /// The reader returns the newest event first, the command prints it last.
    error_code print_last(reader& source) {
        std::vector<entry> events;
        while (events.size() != limit_) {
            auto found = source.next();
            if (!found) break;
            events.push_back(std::move(*found));
        }
        for (; !events.empty(); events.pop_back()) {
            if (error_code const failure = print(events.back())) return failure;
        }
        return {};
    }

    error_code print(entry& found) {
        printer_->print(found, text_);
        output_.add(text_);
        text_.clear();
        // People see an event as soon as it is found. For programs, larger writes are cheaper.
        bool const is_due = display_.is_terminal || output_.is_due();
        return is_due ? flush() : error_code();
    }

    error_code flush() {
        if (display_.is_terminal) progress_.clear();
        return output_.flush_fully();
    }

    query_options const options_;
    std::uint64_t const limit_;
    display const display_;
    progress_line progress_;
    output output_;
    std::unique_ptr<event_printer> printer_;
    std::string text_;
};

void add_arguments(CLI::App& command, query_options& options) {
    command.add_option("ROOT", options.root, "The trail's directory")->required();
    add_display_options(command, options.shown);
    add_filter_options(command, options.filter, options.shown.zone);

    auto const take_order = [&options](std::string const& name) {
        options.order = name == "segment" ? read_order::segment : read_order::event_id;
    };
    CLI::Option* const order =
        command
            .add_option_function<std::string>("--order", take_order,
                                              "By id (the default), or segment: domains and categories by name")
            ->check(CLI::IsMember({"id", "segment"}));
    CLI::Option* const limit = add_number_option(command, "--limit", options.limit, "No more events than this");
    add_number_option(command, "-n,--last", options.last, "Only the last N events; the newest is printed last")
        ->excludes(limit)
        ->excludes(order);
    command.add_flag("--reverse", options.reverse, "The newest event first")->excludes(order);
    CLI::Option* const format = add_format_option(command, options.format);
    command.add_flag("--count", options.count, "Print only the number of events")->excludes(format);
    command.add_flag("--no-pager", options.no_pager, "Print directly to the terminal");
}

}  // namespace

void add_query_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<query_options>();
    CLI::App* const command = program.add_subcommand("query", query_description);
    command->footer(std::string(pattern_notes) + '\n' + time_notes + '\n' + format_notes + '\n' + query_notes);
    add_arguments(*command, *given);
    command->callback([given, &chosen] { chosen = [given] { return query_session(*given).run(); }; });
}

}  // namespace audit_trail::cli
