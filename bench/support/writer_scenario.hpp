/// \file
/// Runs producers on a writer, as described by a scenario.
#pragma once

#include <audit_trail/event.hpp>
#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "support/contest.hpp"

namespace bench {

struct writer_scenario {
    std::uint64_t events;
    std::uint64_t window;  ///< appends in flight for each producer
    unsigned producers;
    unsigned categories;
    audit_trail::durability wanted;
};

inline void check(audit_trail::error_code ec) {
    if (ec) throw boost::system::system_error(ec);
}

/// Appends with async_record, which returns only a receipt.
struct record {
    using answer = audit_trail::receipt;

    template <class Token>
    static auto start(audit_trail::writer& writer, audit_trail::event_draft draft, audit_trail::durability wanted,
                      Token&& token) {
        return writer.async_record(std::move(draft), wanted, std::forward<Token>(token));
    }
};

/// Appends with async_append, which returns the whole event.
struct append {
    using answer = audit_trail::event;

    template <class Token>
    static auto start(audit_trail::writer& writer, audit_trail::event_draft draft, audit_trail::durability wanted,
                      Token&& token) {
        return writer.async_append(std::move(draft), wanted, std::forward<Token>(token));
    }
};

/// Opens a trail and runs producers on it, each on its own thread. The watch stops at the last acknowledgement:
/// closing, which syncs everything, is not measured.
template <class Producer>
std::uint64_t run_producers(writer_scenario const& given, std::filesystem::path const& directory, stopwatch& watch) {
    boost::asio::io_context context;
    auto writer = audit_trail::writer::open(context.get_executor(), directory / "trail");
    std::vector<std::thread> others;
    std::uint64_t const share = given.events / given.producers;
    for (unsigned n = 1; n != given.producers; ++n) {
        others.emplace_back([&] { Producer(writer, given, share).run(); });
    }
    Producer(writer, given, share).run();
    for (std::thread& other : others) other.join();
    watch.stop();
    std::uint64_t const acknowledged = writer.stats().acknowledged;
    if (acknowledged != share * given.producers) throw std::logic_error("events are missing");
    writer.async_close(check);
    context.run();
    return acknowledged;
}

}  // namespace bench
