/// \file
/// A writer that commits one event and lets all others wait until the test releases it.
#pragma once

#include <audit_trail/writer.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include "support/drafts.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test {

inline writer_options one_at_a_time() {
    writer_options options;
    options.durability = durability::written;
    options.max_pending_events = 1;
    options.max_waiting_events = 10;
    return options;
}

/// The first event is in the file, but its handler waits in a context that is not run. So the event is pending, and no
/// other event can become part of a batch.
struct held_writer {
    temporary_root root;
    asio::io_context context;
    asio::io_context holding;
    writer trail;
    bool first_completed = false;

    explicit held_writer(writer_options options = one_at_a_time())
        : trail(writer::open(context.get_executor(), root.path(), options)) {
        trail.async_record(make_draft(), asio::bind_executor(holding, [this](error_code ec, receipt const& noted) {
                               BOOST_TEST(!ec);
                               BOOST_TEST(noted.event_id == 1u);
                               first_completed = true;
                           }));
        wait_until([this] { return trail.stats().acknowledged == 1u; });
    }

    void release() {
        holding.run();
        BOOST_TEST(first_completed);
    }
};

/// Returns true if the root can be opened now.
inline bool can_be_opened(std::filesystem::path const& root) {
    asio::io_context context;
    error_code ec;
    writer::open(context.get_executor(), root, {}, ec);
    if (ec) BOOST_TEST(ec == error::locked);
    return !ec;
}

}  // namespace audit_trail::test
