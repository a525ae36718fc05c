/// \file
/// A producer that appends with callbacks.
#pragma once

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdint>

#include "support/sample_events.hpp"
#include "support/writer_scenario.hpp"

namespace bench {

/// Chains of callbacks: each completion starts the next append.
template <class Append>
class callback_producer {
 public:
    callback_producer(audit_trail::writer& writer, writer_scenario const& given, std::uint64_t events)
        : writer_(writer), given_(given), events_(events) {}

    void run() {
        boost::asio::post(context_, [this] {
            for (std::uint64_t n = 0; n != std::min(given_.window, events_); ++n) send();
        });
        context_.run();
    }

 private:
    void send() {
        auto on_completion = [this](audit_trail::error_code ec, auto const&) {
            check(ec);
            if (started_ != events_) send();
        };
        Append::start(writer_, sample_event(started_++, given_.categories), given_.wanted,
                      boost::asio::bind_executor(context_.get_executor(), on_completion));
    }

    audit_trail::writer& writer_;
    writer_scenario const& given_;
    std::uint64_t const events_;
    std::uint64_t started_ = 0;
    boost::asio::io_context context_{1};
};

}  // namespace bench
