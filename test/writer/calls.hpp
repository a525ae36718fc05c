/// \file
/// Defines a type for each initiating function of the writer, so that one test case runs for all of them.
#pragma once

#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <tuple>
#include <vector>

#include "support/drafts.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test {

/// A writer, and its context, which the test runs.
struct call_fixture {
    temporary_root root;
    temporary_root other_root;
    asio::io_context context;
    writer trail = writer::open(context.get_executor(), root.path());
};

inline void check_answer(event const& answer) {
    BOOST_TEST(answer.event_id == 1u);
    BOOST_TEST(answer.timestamp == 1'700'000'000);
    BOOST_TEST(answer.domain == "shop");
    BOOST_TEST(answer.category == "orders");
    BOOST_TEST(answer.model_name == "order");
    BOOST_TEST(answer.logical_user_id == "somebody");
    BOOST_TEST((answer.payload && answer.payload->after && answer.payload->after->at("price") == 12));
}

inline void check_answer(receipt const& answer) {
    BOOST_TEST(answer.event_id == 1u);
    BOOST_TEST(answer.timestamp == 1'700'000'000);
}

inline void check_answer(std::vector<event> const& answer) {
    BOOST_REQUIRE(answer.size() == 2u);
    BOOST_TEST(answer[0].event_id == 1u);
    BOOST_TEST(answer[1].event_id == 2u);
    BOOST_TEST(answer[1].model_name == "order-1");
}

inline void check_answer(writer& answer) {
    BOOST_TEST(answer.recovery().created);
}

inline void check_answer() {}

struct append_call {
    static constexpr bool can_be_refused = true;
    template <class Token>
    static auto start(call_fixture& on, Token&& token) {
        return on.trail.async_append(make_draft(), std::forward<Token>(token));
    }
};

struct append_written_call {
    static constexpr bool can_be_refused = true;
    template <class Token>
    static auto start(call_fixture& on, Token&& token) {
        return on.trail.async_append(make_draft(), durability::written, std::forward<Token>(token));
    }
};

struct record_call {
    static constexpr bool can_be_refused = true;
    template <class Token>
    static auto start(call_fixture& on, Token&& token) {
        return on.trail.async_record(make_draft(), std::forward<Token>(token));
    }
};

struct record_written_call {
    static constexpr bool can_be_refused = true;
    template <class Token>
    static auto start(call_fixture& on, Token&& token) {
        return on.trail.async_record(make_draft(), durability::written, std::forward<Token>(token));
    }
};

struct batch_call {
    static constexpr bool can_be_refused = true;
    template <class Token>
    static auto start(call_fixture& on, Token&& token) {
        return on.trail.async_append_batch(make_drafts(2), std::forward<Token>(token));
    }
};

struct flush_call {
    static constexpr bool can_be_refused = true;
    template <class Token>
    static auto start(call_fixture& on, Token&& token) {
        return on.trail.async_flush(durability::synced, std::forward<Token>(token));
    }
};

struct close_call {
    static constexpr bool can_be_refused = false;
    template <class Token>
    static auto start(call_fixture& on, Token&& token) {
        return on.trail.async_close(std::forward<Token>(token));
    }
};

struct open_call {
    static constexpr bool can_be_refused = false;
    template <class Token>
    static auto start(call_fixture& on, Token&& token) {
        return writer::async_open(on.context.get_executor(), on.other_root.path(), {}, std::forward<Token>(token));
    }
};

using every_call = std::tuple<append_call, append_written_call, record_call, record_written_call, batch_call,
                              flush_call, close_call, open_call>;

/// A handler of every call's signature that checks the answer, then calls `then`.
template <class Then>
auto checking(Then then) {
    return [then = std::move(then)](error_code ec, auto&&... answer) mutable {
        BOOST_TEST(!ec, ec.message());
        if (!ec) check_answer(answer...);
        then();
    };
}

}  // namespace audit_trail::test
