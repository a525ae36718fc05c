#include "cli/follow_session.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "cli/exit_code.hpp"
#include "cli/finding_messages.hpp"
#include "cli/format_option.hpp"
#include "cli/message.hpp"
#include "cli/unknown_names.hpp"

namespace audit_trail::cli {
namespace {

/// Whoever started the program may have said so, as nohup does.
bool is_ignored(int signal) {
    struct sigaction current {};
    return ::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

std::string reason_of(error_code const& why) {
    if (why != error::not_a_trail) return why.message();
    return "no audit trail: no directory, or one with other files but no index.json, no .lock and no segment; check "
           "the path";
}

}  // namespace

follow_session::follow_session(follow_options options)
    : options_(std::move(options)),
      display_(display_of(STDOUT_FILENO)),
      trail_(context_.get_executor(), options_.root, options_.filter, options_.from_id),
      signals_(context_),
      output_end_(context_),
      printer_(make_event_printer(options_.format.value_or(default_format(display_)), display_)) {}

int follow_session::run() {
    await_signals();
    output_end_.async_wait([this] { context_.stop(); });
    report_unknown_names(options_.root, options_.filter);
    flush();
    ask();
    context_.run();
    report_new_findings();
    report_unlisted_findings();
    return result();
}

/// The first signal ends the following, a second one the process.
void follow_session::await_signals() {
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

void follow_session::ask() {
    trail_.async_next([this](error_code ec, entry found) {
        if (ec) return end(ec);
        print(found);
        ask();
    });
}

void follow_session::print(entry& found) {
    printer_->print(found, text_);
    output_.add(text_);
    text_.clear();
    ++printed_;
    output_.is_due() ? flush() : flush_when_idle();
}

void follow_session::end(error_code why) {
    if (why != boost::asio::error::eof) {
        failed_ = true;
        report("audit-trail: " + options_.root + ": " + reason_of(why));
    }
    flush();
    context_.stop();
}

/// As long as each look finds more, there is no hurry.
void follow_session::flush_when_idle() {
    if (std::exchange(flush_pending_, true)) return;
    boost::asio::post(context_, [this] {
        flush_pending_ = false;
        bool const is_idle = std::exchange(printed_before_, printed_) == printed_;
        is_idle ? flush() : flush_when_idle();
    });
}

void follow_session::flush() {
    printer_->flush(text_);
    output_.add(text_);
    text_.clear();
    error_code const ec = output_.flush();
    if (ec == boost::system::errc::interrupted) return flush_when_idle();
    if (ec) {
        // A reader of the output that goes away has seen enough.
        failed_ |= ec != boost::system::errc::broken_pipe;
        if (failed_) report("standard output: " + ec.message());
        context_.stop();
    }
    report_new_findings();
}

void follow_session::report_new_findings() {
    auto const findings = trail_.take_findings();
    for (auto const& finding : findings) report("audit-trail: " + to_message(options_.root, finding));
    reported_ += findings.size();
}

/// Findings that came faster than they were reported.
void follow_session::report_unlisted_findings() {
    auto const total = trail_.report().total;
    failed_ |= total != 0;
    if (total <= reported_) return;
    report("audit-trail: " + options_.root + ": " + std::to_string(total - reported_) +
           " more findings; run `audit-trail verify " + options_.root + "`");
}

int follow_session::result() const {
    if (signal_ != 0) return exit_code::by_signal + signal_;
    return failed_ ? exit_code::failed : exit_code::done;
}

}  // namespace audit_trail::cli
