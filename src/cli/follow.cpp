#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <audit_trail/follower.hpp>
#include <audit_trail/reader.hpp>
#include <audit_trail/trail_stats.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "commands.hpp"
#include "descriptor_watch.hpp"
#include "options.hpp"
#include "output.hpp"
#include "printers.hpp"
#include "terminal.hpp"
#include "trail.hpp"

namespace audit_trail::cli {
namespace {

constexpr char follow_description[] =
    "Print the events of the trail in ROOT that pass all filters as they are committed";

constexpr char follow_notes[] =
    "It begins with the id --from-id, with the last N events (-n), with --min-id, or else with the next event that is\n"
    "committed. It ends after --max-id, when the reader of the output exits, or by a signal. Started again with\n"
    "--from-id one above the last id that it printed, it misses nothing. Damage in the files is reported on standard\n"
    "error with file, offset and reason.\n"
    "Exit: 0 done, 1 damage or a failure, 2 wrong usage, 128 + N ended by signal N.";

struct follow_options {
    std::string root;
    event_filter filter;
    display_settings shown;
    std::optional<std::uint64_t> from_id;
    std::optional<std::uint64_t> last;
    std::optional<event_format> format;
};

/// Returns the lowest id of the last `count` events that pass the filter. If no event passes, the id after the newest
/// event, so that no later event is missed. Failures and damage are left to the follower, which reads the same files.
std::uint64_t first_of_last(std::string const& root, event_filter const& filter, std::uint64_t count) {
    reader_options options;
    options.order = read_order::newest_first;
    options.max_findings = 0;
    error_code ignored;
    entry found;
    std::uint64_t first = 1;
    if (reader(root, {}, options, ignored).next(found)) first = found.event.event_id + 1;
    reader matches(root, filter, options, ignored);
    for (; count != 0 && matches.next(found); --count) first = std::min(first, found.event.event_id);
    return first;
}

std::string reason_of(error_code const& why) {
    if (why != error::not_a_trail) return why.message();
    return "no audit trail: no directory, or one with other files but no index.json, no .lock and no segment; check "
           "the path";
}

/// One run of the command. All of it happens on one thread, except what the follower reads.
class follow_session {
 public:
    explicit follow_session(follow_options options)
        : options_(std::move(options)),
          display_(display_of(STDOUT_FILENO, options_.shown)),
          trail_(context_.get_executor(), options_.root, options_.filter, first_id(options_)),
          signals_(context_),
          output_end_(context_),
          printer_(make_event_printer(options_.format.value_or(default_format(display_)), display_,
                                      options_.filter.fields)) {}

    /// Returns the exit code.
    int run() {
        await_signals();
        output_end_.async_wait([this] { context_.stop(); });
        auto const obstacle = check_trail(options_.root);
        bool const is_empty = obstacle && obstacle->reason == error::no_trail;
        if (is_empty)
            report("audit-trail: " + options_.root + ": no audit trail yet; waiting for a writer to begin it");
        report_unknown_names(options_.root, options_.filter);
        flush();
        ask();
        context_.run();
        printer_->end(text_);
        write_text();
        report_new_findings();
        report_unlisted_findings();
        if (signal_ != 0) return exit_code::by_signal + signal_;
        return failed_ ? exit_code::failed : exit_code::done;
    }

 private:
    static std::optional<std::uint64_t> first_id(follow_options const& given) {
        return given.last ? first_of_last(given.root, given.filter, *given.last) : given.from_id;
    }

    /// The first signal ends the command, the second signal ends the process.
    void await_signals() {
        for (int const signal : {SIGINT, SIGTERM, SIGHUP}) {
            if (!is_ignored(signal)) signals_.add(signal);
        }
        signals_.async_wait([this](error_code ec, int number) {
            if (ec) return;
            signal_ = number;
            signals_.clear();
            flush();
            context_.stop();
        });
    }

    void ask() {
        trail_.async_next([this](error_code ec, entry found) {
            if (ec) return end(ec);
            print(found);
            ask();
        });
    }

    void print(entry& found) {
        printer_->print(found, text_);
        output_.add(text_);
        text_.clear();
        ++printed_;
        output_.is_due() ? flush() : flush_when_idle();
    }

    void end(error_code why) {
        if (why != boost::asio::error::eof) {
            failed_ = true;
            report("audit-trail: " + options_.root + ": " + reason_of(why));
        }
        flush();
        context_.stop();
    }

    /// While each round finds more events, their text is collected.
    void flush_when_idle() {
        if (std::exchange(flush_pending_, true)) return;
        boost::asio::post(context_, [this] {
            flush_pending_ = false;
            bool const is_idle = std::exchange(printed_before_, printed_) == printed_;
            is_idle ? flush() : flush_when_idle();
        });
    }

    void flush() {
        printer_->flush(text_);
        write_text();
    }

    void write_text() {
        output_.add(text_);
        text_.clear();
        error_code const ec = output_.flush();
        if (ec == boost::system::errc::interrupted) return flush_when_idle();
        if (ec) {
            failed_ |= is_failure(ec);
            context_.stop();
        }
        report_new_findings();
    }

    void report_new_findings() {
        auto const findings = trail_.take_findings();
        for (auto const& finding : findings) report("audit-trail: " + to_message(options_.root, finding));
        reported_ += findings.size();
    }

    /// Reports the number of findings that the follower did not keep because there were too many.
    void report_unlisted_findings() {
        auto const total = trail_.report().total;
        failed_ |= total != 0;
        if (total <= reported_) return;
        report("audit-trail: " + options_.root + ": " + std::to_string(total - reported_) +
               " more findings; run `audit-trail verify " + options_.root + "`");
    }

    follow_options const options_;
    display const display_;
    boost::asio::io_context context_;
    follower trail_;
    boost::asio::signal_set signals_;
    output_end output_end_;
    std::unique_ptr<event_printer> const printer_;
    output output_;
    std::string text_;

    std::uint64_t printed_ = 0;
    std::uint64_t printed_before_ = 0;  // in the previous round, see `flush_when_idle`
    bool flush_pending_ = false;
    std::uint64_t reported_ = 0;  // findings
    bool failed_ = false;
    int signal_ = 0;
};

void add_arguments(CLI::App& command, follow_options& options) {
    command.add_option("ROOT", options.root, "The trail's directory")->required();
    add_display_options(command, options.shown);
    add_filter_options(command, options.filter, options.shown.zone);
    CLI::Option* const from =
        add_number_option(command, "--from-id", options.from_id, "Begin with this id; 1 begins with the first event");
    add_number_option(command, "-n,--last", options.last, "Begin with the last N events")->excludes(from);
    add_format_option(command, options.format);
}

}  // namespace

void add_follow_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<follow_options>();
    CLI::App* const command = program.add_subcommand("follow", follow_description);
    command->footer(std::string(pattern_notes) + '\n' + time_notes + '\n' + format_notes + '\n' + follow_notes);
    add_arguments(*command, *given);
    command->callback([given, &chosen] { chosen = [given] { return follow_session(*given).run(); }; });
}

}  // namespace audit_trail::cli
