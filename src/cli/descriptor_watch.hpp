/// \file
/// Waits for standard input or output, which other processes may share.
#pragma once

#include <audit_trail/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>

namespace audit_trail::cli {

/// Asio would make the descriptor non-blocking, for every process that shares it. So Asio gets the descriptor of an
/// epoll instance instead, which watches the shared descriptor.
class descriptor_watch {
 public:
    explicit descriptor_watch(boost::asio::io_context& context) : watch_(context) {}

    /// Watches a descriptor for these events of epoll(7), and for errors and hang-ups.
    void assign(int descriptor, std::uint32_t events, error_code& ec);
    bool is_open() const { return watch_.is_open(); }
    void close();

    /// Calls `happened` when the first of the events occurs, or with `operation_aborted` if the watch is closed before.
    void async_wait(std::function<void(error_code)> happened);

 private:
    boost::asio::posix::stream_descriptor watch_;
};

/// Detects that the other end of a pipe or terminal on standard output was closed.
class output_end {
 public:
    explicit output_end(boost::asio::io_context& context);

    /// Calls `gone` when all further output would be lost; never for files. Until then, the context has work.
    void async_wait(std::function<void()> gone);

 private:
    descriptor_watch watch_;
};

}  // namespace audit_trail::cli
