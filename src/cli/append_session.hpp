/// \file
/// Drafts go in as lines, ids or events come out as they are acknowledged.
#pragma once

#include <audit_trail/writer.hpp>
#include <audit_trail/writer_options.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/descriptor_watch.hpp"
#include "cli/line_source.hpp"
#include "cli/output.hpp"

namespace audit_trail::cli {

enum class printed { ids, events, none };

struct append_options {
    std::string root;
    std::vector<std::string> files;
    writer_options writer;
    std::size_t window = 1024;
    printed print = printed::ids;
    bool stop_on_error = true;
};

/// One run of `audit-trail append`. All of it happens on one thread.
class append_session {
 public:
    explicit append_session(append_options options);

    /// Returns the exit code.
    int run();

    /// The longest line that is read. An event is at most 1 MiB on disk, and one character of it at most six in a draft
    /// (`\u0041`); the rest is room for white space.
    static constexpr std::size_t max_line_bytes = 8 * 1024 * 1024;

 private:
    bool open();
    void await_signals();

    void read_soon();
    void read_step();
    void await_input();
    void explain_terminal();
    void stop_reading();
    bool has_room() const noexcept;

    void append_line();
    void append(event_draft draft, line_place place, std::size_t bytes);
    void finish(error_code ec, line_place place, std::size_t bytes);
    void close_when_idle();

    void print(std::uint64_t event_id);
    void print(event const& persisted);
    void flush_soon();
    void flush();

    void fail(std::string_view message);
    void fail_line(line_place place, std::string_view message);
    int result() const;

    /// Bytes of lines that may be in flight, whatever the window.
    static constexpr std::size_t max_bytes_in_flight = 16 * 1024 * 1024;

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

}  // namespace audit_trail::cli
