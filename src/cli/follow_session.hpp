/// \file
/// Events of a trail are printed as they come.
#pragma once

#include <audit_trail/follower.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/event_printer.hpp"
#include "cli/output.hpp"
#include "cli/output_end.hpp"
#include "cli/terminal.hpp"

namespace audit_trail::cli {

struct follow_options {
    std::string root;
    event_filter filter;
    std::optional<std::uint64_t> from_id;
    std::optional<event_format> format;
};

/// One run of `audit-trail follow`. All of it happens on one thread, but for what the follower reads.
class follow_session {
 public:
    explicit follow_session(follow_options options);

    /// Returns the exit code.
    int run();

 private:
    void await_signals();
    void ask();
    void print(entry& found);
    void end(error_code why);

    void flush_when_idle();
    void flush();
    void report_new_findings();
    void report_unlisted_findings();
    int result() const;

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
    std::uint64_t printed_before_ = 0;  // when it was last asked whether nothing comes
    bool flush_pending_ = false;
    std::uint64_t reported_ = 0;  // findings
    bool failed_ = false;
    int signal_ = 0;
};

}  // namespace audit_trail::cli
