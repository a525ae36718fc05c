/// \file
/// The end of standard output: a pipe or terminal at whose other end nobody is any more.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>

#include "cli/descriptor_watch.hpp"

namespace audit_trail::cli {

class output_end {
 public:
    explicit output_end(boost::asio::io_context& context);

    /// Calls `gone` when nothing that is written would be read. Never for files. Until then the context has work.
    void async_wait(std::function<void()> gone);

 private:
    descriptor_watch watch_;
};

}  // namespace audit_trail::cli
