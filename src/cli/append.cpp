#include <sys/epoll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <audit_trail/json.hpp>
#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "descriptor_watch.hpp"
#include "line_source.hpp"
#include "output.hpp"
#include "redaction.hpp"
#include "text.hpp"
#include "trail.hpp"

namespace audit_trail::cli {
namespace {

constexpr char append_description[] = "Append drafts to the trail in ROOT, which is created when it does not exist";

constexpr char append_notes[] =
    "A draft is an event without event_id, one JSON object a line; blank lines are skipped. timestamp (Unix\n"
    "seconds), request_id, context (an object) and payload may be left out; operation is create, update or delete.\n"
    "An example:\n"
    "\n"
    "  {\"domain\":\"users\",\"category\":\"profile\",\"model_name\":\"user-17\",\"operation\":\"update\",\n"
    "   \"logical_user_id\":\"admin-3\",\"payload\":{\"delta\":{\"name\":{\"old\":\"Ada\",\"new\":\"Ada L.\"}}}}\n"
    "\n"
    "(on one line). A create has payload {\"after\":{...}}, a delete {\"before\":{...}}.\n"
    "An id (or event) is printed when, and only when, its event is acknowledged, in the order of the drafts.\n"
    "What is wrong with a line is reported on standard error, as FILE:LINE: message.\n"
    "Exit: 0 all appended, 1 something was not, 2 wrong usage, 128 + N ended by signal N, after the drafts in flight.";

constexpr std::size_t max_window = 65536;

/// The longest line that is read. An event has at most 1 MiB on disk, and each character of it at most six in a draft
/// (`\u0041`); the rest is for white space.
constexpr std::size_t max_line_bytes = 8 * 1024 * 1024;

/// The maximum number of bytes of lines in flight, for any window.
constexpr std::size_t max_bytes_in_flight = 16 * 1024 * 1024;

enum class printed { ids, events, none };

struct append_options {
    std::string root;
    std::vector<std::string> files;
    writer_options writer;
    std::size_t window = 1024;
    printed print = printed::ids;
    bool stop_on_error = true;
};

bool is_blank(std::string_view line) noexcept {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// The session limits the events in flight, so that the writer's own limits are never reached.
writer_options with_room_for(std::size_t window, writer_options options) {
    constexpr std::size_t no_limit = std::size_t{1} << 40;
    options.max_pending_events = std::max(options.max_pending_events, window);
    options.max_pending_bytes = no_limit;
    return options;
}

/// Returns true if the writer refuses all later events after this error.
bool is_final(error_code ec) noexcept {
    return ec.category() == stopped_category() || ec == condition::outcome_unknown;
}

std::string describe(recovery_finding const& finding) {
    std::string text = finding.path.empty() ? id_range(finding.first_id, finding.last_id) : finding.path;
    text += ": " + finding.reason;
    if (!finding.saved_as.empty()) text += " (saved as " + finding.saved_as + ")";
    return text;
}

/// One run of the command: reads drafts as lines, prints ids or events as they are acknowledged. All of it happens on
/// one thread.
class append_session {
 public:
    explicit append_session(append_options options)
        : options_(std::move(options)), source_(options_.files, max_line_bytes), input_(context_), signals_(context_) {}

    /// Returns the exit code.
    int run() {
        if (!open()) return exit_code::failed;
        await_signals();
        read_soon();
        context_.run();
        if (signal_ != 0) return exit_code::by_signal + signal_;
        return failed_ ? exit_code::failed : exit_code::done;
    }

 private:
    bool open() {
        error_code ec;
        auto const executor = context_.get_executor();
        writer_ = writer::open(executor, options_.root, with_room_for(options_.window, options_.writer), ec);
        if (ec) {
            report_opening_failure(options_.root, ec);
            return false;
        }
        for (auto const& finding : writer_.recovery().findings) {
            report("audit-trail: " + options_.root + ": " + describe(finding));
        }
        return true;
    }

    /// The first signal ends the reading, the second signal ends the process.
    void await_signals() {
        signals_.add(SIGINT);
        signals_.add(SIGTERM);
        signals_.async_wait([this](error_code ec, int number) {
            if (ec) return;
            signal_ = number;
            signals_.clear();
            stop_reading();
        });
    }

    bool has_room() const noexcept { return in_flight_ < options_.window && bytes_in_flight_ < max_bytes_in_flight; }

    void read_soon() {
        if (!reading_ || read_pending_ || !has_room()) return;
        read_pending_ = true;
        boost::asio::post(context_, [this] { read_step(); });
    }

    /// Does one step per round of the event loop, so that an error of a line, or a signal, takes effect before the next
    /// line is read.
    void read_step() {
        read_pending_ = false;
        if (!reading_) return;
        switch (source_.next()) {
            case line_source::step::line:
                append_line();
                break;
            case line_source::step::too_long:
                fail_line(source_.place(), "the line is longer than " + std::to_string(max_line_bytes) + " bytes");
                break;
            case line_source::step::failed:
                fail(source_.failure());
                break;
            case line_source::step::wait:
                return await_input();
            case line_source::step::end:
                return stop_reading();
            case line_source::step::progress:
                break;
        }
        read_soon();
    }

    /// Without this message, a program that waits for the keyboard seems to hang.
    void explain_terminal() {
        bool const is_terminal = source_.descriptor() == STDIN_FILENO && ::isatty(STDIN_FILENO);
        if (!is_terminal || std::exchange(has_explained_, true)) return;
        report(
            "audit-trail: reading drafts from this terminal, one JSON object a line; end with Ctrl-D, see 'audit-trail "
            "append --help'");
    }

    void await_input() {
        explain_terminal();
        error_code ec;
        input_.assign(source_.descriptor(), EPOLLIN, ec);
        if (ec) {
            fail(source_.name_of(source_.place().input) + ": " + ec.message());
            return stop_reading();
        }
        read_pending_ = true;
        input_.async_wait([this](error_code) {
            read_pending_ = false;
            input_.close();
            read_soon();
        });
    }

    void stop_reading() {
        reading_ = false;
        input_.close();
        close_when_idle();
    }

    void append_line() {
        std::string_view const line = source_.line();
        if (is_blank(line)) return;
        error_code ec;
        std::string explanation;
        event_draft draft = parse_draft(line, ec, explanation);
        if (ec) return fail_line(source_.place(), explanation);
        append(std::move(draft), source_.place(), line.size());
    }

    void append(event_draft draft, line_place place, std::size_t bytes) {
        ++in_flight_;
        bytes_in_flight_ += bytes;
        if (options_.print == printed::events) {
            writer_.async_append(std::move(draft), [this, place, bytes](error_code ec, event const& persisted) {
                if (!ec) print(persisted);
                finish(ec, place, bytes);
            });
        } else {
            writer_.async_record(std::move(draft), [this, place, bytes](error_code ec, receipt const& persisted) {
                if (!ec) print(persisted.event_id);
                finish(ec, place, bytes);
            });
        }
    }

    void finish(error_code ec, line_place place, std::size_t bytes) {
        --in_flight_;
        bytes_in_flight_ -= bytes;
        if (ec) {
            fail_line(place, ec == error::not_a_trail ? wrong_type_message() : ec.message());
            if (is_final(ec)) stop_reading();
        }
        read_soon();
        close_when_idle();
    }

    std::string wrong_type_message() const {
        return "in " + options_.root +
               ", the directory of its domain or category, or the newest segment in it, has the wrong file type (a "
               "symbolic link, a FIFO, or a file instead of a directory); move it away";
    }

    void close_when_idle() {
        if (reading_ || in_flight_ != 0 || closing_) return;
        closing_ = true;
        writer_.async_close([this](error_code ec) {
            if (ec) fail(options_.root + ": closing: " + ec.message());
            flush();
            signals_.cancel();
        });
    }

    void print(std::uint64_t event_id) {
        if (options_.print == printed::none) return;
        output_.add(std::to_string(event_id));
        output_.add("\n");
        flush_soon();
    }

    void print(event const& persisted) {
        error_code ec;
        output_.add(to_line(persisted, ec));
        if (ec) {
            return fail("event " + std::to_string(persisted.event_id) +
                        " was appended but can't be printed: " + ec.message());
        }
        output_.add("\n");
        flush_soon();
    }

    /// All events that are acknowledged until then are printed by the same write.
    void flush_soon() {
        if (std::exchange(flush_pending_, true)) return;
        boost::asio::post(context_, [this] {
            flush_pending_ = false;
            flush();
        });
    }

    void flush() {
        error_code const ec = output_.flush();
        if (!ec) return;
        if (ec == boost::system::errc::interrupted) return flush_soon();
        if (ec == boost::system::errc::broken_pipe) {
            signal_ = SIGPIPE;
        } else {
            fail("standard output: " + ec.message());
        }
        stop_reading();
    }

    void fail(std::string_view message) {
        failed_ = true;
        report(message);
        if (options_.stop_on_error) stop_reading();
    }

    void fail_line(line_place place, std::string_view message) {
        fail(source_.name_of(place.input) + ":" + std::to_string(place.number) + ": " + std::string(message));
    }

    append_options const options_;
    boost::asio::io_context context_;
    writer writer_;
    line_source source_;
    descriptor_watch input_;
    boost::asio::signal_set signals_;
    output output_;

    std::size_t in_flight_ = 0;
    std::size_t bytes_in_flight_ = 0;
    bool reading_ = true;
    bool read_pending_ = false;
    bool flush_pending_ = false;
    bool closing_ = false;
    bool failed_ = false;
    bool has_explained_ = false;
    int signal_ = 0;
};

/// The arguments as text. CLI11 checks them against the lists below.
struct append_arguments {
    append_options options;
    std::string durability = "synced";
    std::string print = "ids";
    std::string on_error = "stop";
};

/// Accepts only decimal digits: CLI11 would read 010 as eight and 0x10 as sixteen.
std::string refuse_other_than_decimal(std::string const& text) {
    bool const is_decimal =
        text == "0" || (!text.starts_with('0') && text.find_first_not_of("0123456789") == text.npos);
    return is_decimal ? "" : text + " is not a decimal number without leading zeros";
}

append_options to_options(append_arguments const& given) {
    append_options options = given.options;
    options.writer.durability = given.durability == "written" ? durability::written : durability::synced;
    if (given.print == "events") options.print = printed::events;
    if (given.print == "none") options.print = printed::none;
    options.stop_on_error = given.on_error == "stop";
    return options;
}

void add_arguments(CLI::App& command, append_arguments& given) {
    constexpr std::uint64_t max_segment = std::numeric_limits<std::int64_t>::max();
    append_options& options = given.options;
    command.add_option("ROOT", options.root, "The trail's directory")->required();
    command.add_option("FILE", options.files, "Files with drafts; - or none: standard input");
    command.add_option("--max-segment-bytes", options.writer.max_segment_bytes, "Begin a new segment at this size")
        ->check(refuse_other_than_decimal)
        ->check(CLI::Range(std::uint64_t{1}, max_segment))
        ->capture_default_str();
    command.add_flag("--no-create", options.writer.must_exist, "Fail unless ROOT holds a trail already");
    command.add_flag("--allow-empty-names", options.writer.allow_empty_names,
                     "Accept drafts with an empty model_name or logical_user_id");
    command
        .add_option("--durability", given.durability,
                    "When an event is acknowledged: written to the system, or synced to disk")
        ->check(CLI::IsMember({"written", "synced"}))
        ->capture_default_str();
    command.add_option("--window", options.window, "How many drafts may be in flight")
        ->check(refuse_other_than_decimal)
        ->check(CLI::Range(std::size_t{1}, max_window))
        ->capture_default_str();
    command.add_option("--print", given.print, "What to print when an event is acknowledged")
        ->check(CLI::IsMember({"ids", "events", "none"}))
        ->capture_default_str();
    command.add_option("--on-error", given.on_error, "What to do after a line that can't be appended")
        ->check(CLI::IsMember({"stop", "skip"}))
        ->capture_default_str();
}

}  // namespace

void add_append_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<append_arguments>();
    CLI::App* const command = program.add_subcommand("append", append_description);
    command->footer(append_notes);
    add_arguments(*command, *given);
    add_redaction_options(*command, given->options.writer);
    command->callback([given, &chosen] {
        auto const problem = missing_key(given->options.writer);
        if (!problem.empty()) throw CLI::ValidationError(problem);
        chosen = [given] { return append_session(to_options(*given)).run(); };
    });
}

}  // namespace audit_trail::cli
