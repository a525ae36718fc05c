#include "cli/append_session.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

#include "cli/exit_code.hpp"
#include "cli/message.hpp"
#include "format/decode.hpp"
#include "format/encode.hpp"

namespace audit_trail::cli {
namespace {

bool is_blank(std::string_view line) noexcept {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// The session bounds what is in flight, so the writer's own limits must never do.
writer_options with_room_for(std::size_t window, writer_options options) {
    constexpr std::size_t no_limit = std::size_t{1} << 40;
    options.max_pending_events = std::max(options.max_pending_events, window);
    options.max_pending_bytes = no_limit;
    return options;
}

/// Whether the writer takes no more after this.
bool is_final(error_code ec) noexcept {
    return ec.category() == stopped_category() || ec == condition::outcome_unknown;
}

std::string describe(recovery_finding const& finding) {
    std::string text = finding.path;
    if (!text.empty()) text += ": ";
    text += finding.reason;
    if (!finding.saved_as.empty()) text += " (saved as " + finding.saved_as + ")";
    return text;
}

}  // namespace

append_session::append_session(append_options options)
    : options_(std::move(options)), source_(options_.files, max_line_bytes), input_(context_), signals_(context_) {}

int append_session::run() {
    if (!open()) return exit_code::failed;
    await_signals();
    read_soon();
    context_.run();
    return result();
}

bool append_session::open() {
    error_code ec;
    writer_ = writer::open(context_.get_executor(), options_.root, with_room_for(options_.window, options_.writer), ec);
    if (ec) {
        report("audit-trail: " + options_.root + ": " + ec.message());
        return false;
    }
    for (auto const& finding : writer_.recovery().findings) {
        report("audit-trail: " + options_.root + ": " + describe(finding));
    }
    return true;
}

/// The first signal ends the reading, a second one the process.
void append_session::await_signals() {
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.async_wait([this](error_code ec, int number) {
        if (ec) return;
        signal_ = number;
        signals_.clear();
        stop_reading();
    });
}

bool append_session::has_room() const noexcept {
    return in_flight_ < options_.window && bytes_in_flight_ < max_bytes_in_flight;
}

void append_session::read_soon() {
    if (!reading_ || read_pending_ || !has_room()) return;
    read_pending_ = true;
    boost::asio::post(context_, [this] { read_step(); });
}

/// One step at a time: what a line brought about, a refusal or a signal, is seen before the next line is read.
void append_session::read_step() {
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

/// A program that waits for the keyboard must not look as if it hung.
void append_session::explain_terminal() {
    bool const is_terminal = source_.descriptor() == STDIN_FILENO && ::isatty(STDIN_FILENO);
    if (!is_terminal || std::exchange(has_explained_, true)) return;
    report(
        "audit-trail: reading drafts from this terminal, one JSON object a line; end with Ctrl-D, see 'audit-trail "
        "append --help'");
}

void append_session::await_input() {
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

void append_session::stop_reading() {
    reading_ = false;
    input_.close();
    close_when_idle();
}

void append_session::append_line() {
    std::string_view const line = source_.line();
    if (is_blank(line)) return;
    event_draft draft;
    if (auto const failure = format::decode_draft(line, draft)) {
        return fail_line(source_.place(), failure->to_string());
    }
    append(std::move(draft), source_.place(), line.size());
}

void append_session::append(event_draft draft, line_place place, std::size_t bytes) {
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

void append_session::finish(error_code ec, line_place place, std::size_t bytes) {
    --in_flight_;
    bytes_in_flight_ -= bytes;
    if (ec) {
        fail_line(place, ec.message());
        if (is_final(ec)) stop_reading();
    }
    read_soon();
    close_when_idle();
}

void append_session::close_when_idle() {
    if (reading_ || in_flight_ != 0 || closing_) return;
    closing_ = true;
    writer_.async_close([this](error_code ec) {
        if (ec) fail(options_.root + ": closing: " + ec.message());
        flush();
        signals_.cancel();
    });
}

void append_session::print(std::uint64_t event_id) {
    if (options_.print == printed::none) return;
    output_.add(std::to_string(event_id));
    output_.add("\n");
    flush_soon();
}

void append_session::print(event const& persisted) {
    detail::text_buffer line;
    if (error_code const ec = format::encode_line(persisted, line)) {
        return fail("event " + std::to_string(persisted.event_id) +
                    " was appended but can't be printed: " + ec.message());
    }
    output_.add(line.view());
    flush_soon();
}

/// Whatever else is acknowledged already goes into the same write.
void append_session::flush_soon() {
    if (std::exchange(flush_pending_, true)) return;
    boost::asio::post(context_, [this] {
        flush_pending_ = false;
        flush();
    });
}

void append_session::flush() {
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

void append_session::fail(std::string_view message) {
    failed_ = true;
    report(message);
    if (options_.stop_on_error) stop_reading();
}

void append_session::fail_line(line_place place, std::string_view message) {
    fail(source_.name_of(place.input) + ":" + std::to_string(place.number) + ": " + std::string(message));
}

int append_session::result() const {
    if (signal_ != 0) return exit_code::by_signal + signal_;
    return failed_ ? exit_code::failed : exit_code::done;
}

}  // namespace audit_trail::cli
