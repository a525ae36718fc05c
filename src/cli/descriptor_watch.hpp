/// \file
/// Waiting for standard input or output, which other processes may share.
#pragma once

#include <audit_trail/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>

namespace audit_trail::cli {

/// Asio would make the descriptor itself non-blocking, for every process that has it. So an epoll of one's own stands
/// between them.
class descriptor_watch {
 public:
    explicit descriptor_watch(boost::asio::io_context& context) : watch_(context) {}

    /// Begins to look at a descriptor, for these events of epoll(7); errors and hang-ups are among them unasked.
    void assign(int descriptor, std::uint32_t events, error_code& ec);
    bool is_open() const { return watch_.is_open(); }
    void close();

    /// Calls `happened` at the first of the events, or with `operation_aborted` when the watch is closed before.
    void async_wait(std::function<void(error_code)> happened);

 private:
    boost::asio::posix::stream_descriptor watch_;
};

}  // namespace audit_trail::cli
