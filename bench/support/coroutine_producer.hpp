/// \file
/// A producer whose coroutines await appends.
#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <utility>

#include "support/sample_events.hpp"
#include "support/writer_scenario.hpp"

namespace bench {

/// Runs one coroutine for each append in flight.
template <class Append>
class coroutine_producer {
 public:
    coroutine_producer(audit_trail::writer& writer, writer_scenario const& given, std::uint64_t events)
        : writer_(writer), given_(given), events_(events) {}

    void run() {
        for (std::uint64_t n = 0; n != std::min(given_.window, events_); ++n) {
            boost::asio::co_spawn(context_, append_repeatedly(), boost::asio::detached);
        }
        context_.run();
    }

 private:
    boost::asio::awaitable<void> append_repeatedly() {
        while (started_ != events_) {
            auto draft = sample_event(started_++, given_.categories);
            co_await Append::start(writer_, std::move(draft), given_.wanted, boost::asio::use_awaitable);
        }
    }

    audit_trail::writer& writer_;
    writer_scenario const& given_;
    std::uint64_t const events_;
    std::uint64_t started_ = 0;
    boost::asio::io_context context_{1};
};

}  // namespace bench
