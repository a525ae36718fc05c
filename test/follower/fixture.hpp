/// \file
/// Follows a trail while the test changes it.
#pragma once

#include <audit_trail/follower.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "reader/writer_marks.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test {

struct answer {
    error_code ec;
    entry found;
};

/// Makes one call, runs its handler in the context, and returns the answer.
inline answer next_answer(follower& trail, asio::io_context& context) {
    std::optional<answer> given;
    trail.async_next(must_be_called([&](error_code ec, entry found) { given = answer{ec, std::move(found)}; }));
    run_until(context, [&] { return given.has_value(); });
    return std::move(*given);
}

struct follower_fixture {
    temporary_directory directory;
    fs::path const root = directory.path();
    asio::io_context context;

    follower follow(event_filter filter = {}, std::optional<std::uint64_t> from_event_id = 1) {
        return follower(context.get_executor(), root, std::move(filter), from_event_id);
    }

    entry next(follower& trail) {
        answer given = next_answer(trail, context);
        BOOST_REQUIRE_MESSAGE(!given.ec, given.ec.message());
        return std::move(given.found);
    }

    error_code next_error(follower& trail) { return next_answer(trail, context).ec; }

    std::vector<std::uint64_t> next_ids(follower& trail, std::size_t count) {
        std::vector<std::uint64_t> ids;
        while (ids.size() < count) ids.push_back(next(trail).event.event_id);
        return ids;
    }

    void add(std::uint64_t first, std::uint64_t last) { test::add(root, first, last); }
    void add(std::uint64_t id, std::string const& domain, std::string const& category, std::uint64_t segment = 1) {
        append_bytes(root / storage::segment_path(domain, category, segment),
                     line_of(make_event(id, domain, category)));
    }
};

}  // namespace audit_trail::test
