// Tests P4 if memory runs out on the library's own threads: whichever allocation fails, its appends fail with
// not_enough_memory, and the writer continues. Completions are not tested here: see writer.hpp.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "support/drafts.hpp"
#include "support/failing_allocations.hpp"
#include "support/forwarding_file_system.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"
#include "writer/disk_writer.hpp"

namespace audit_trail::test::commit_memory_test {

namespace {

/// Allocations fail until the first write of index.json or .lock: after it, the step only completes operations.
class counted_disk final : public forwarding_file_system {
    void before_call(call_kind kind) override {
        if (kind == call_kind::write_at) allocations_of_other_threads_left = -1;
    }
};

bool is_out_of_memory(error_code const& ec) {
    return ec == boost::system::errc::not_enough_memory && ec == condition::not_written;
}

struct memory_fixture {
    temporary_root root;
    counted_disk disk;
    asio::io_context context;
    writer trail;
    std::size_t stored = 0;

    memory_fixture() { is_test_thread = true; }

    void open() { trail = open_writer(disk, context.get_executor(), root.path()); }

    std::vector<event_draft> drafts_of(std::string category) const {
        auto drafts = make_drafts(40);
        for (event_draft& draft : drafts) draft.category = category;
        return drafts;
    }

    error_code append(std::vector<event_draft> drafts) {
        error_code answer;
        trail.async_append_batch(std::move(drafts), [&](error_code ec, std::vector<event> const& given) {
            answer = ec;
            stored += given.size();
        });
        run_all(context);
        return answer;
    }

    error_code record(durability wanted) {
        error_code answer;
        trail.async_record(make_draft(), wanted, [&](error_code ec, receipt) {
            answer = ec;
            stored += !ec;
        });
        run_all(context);
        return answer;
    }

    error_code flush() {
        error_code answer;
        trail.async_flush(durability::synced, [&](error_code ec) { answer = ec; });
        run_all(context);
        return answer;
    }

    error_code close() {
        error_code answer;
        trail.async_close([&](error_code ec) { answer = ec; });
        run_all(context);
        return answer;
    }

    /// Calls `work` repeatedly and lets the n-th allocation of other threads fail, until there is no n-th allocation.
    /// Returns how many failed.
    template <class Work>
    int fail_every_allocation(Work work) {
        for (int n = 0;; ++n) {
            BOOST_TEST_CONTEXT("allocation " << n) {
                work(n);
                if (allocations_of_other_threads_left.exchange(-1) >= 0 || !allocation_failed.exchange(false)) return n;
            }
        }
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(p04_out_of_memory, memory_fixture)

BOOST_AUTO_TEST_CASE(p04_an_append_may_run_out_of_memory_at_any_allocation_of_a_step) {
    open();
    int const failed = fail_every_allocation([&](int n) {
        auto drafts = drafts_of("c" + std::to_string(n));  // a directory and a segment to create each time
        allocations_of_other_threads_left = n;
        error_code const answer = append(std::move(drafts));
        allocations_of_other_threads_left = -1;
        if (answer) BOOST_TEST(is_out_of_memory(answer), answer.message());
        BOOST_TEST_REQUIRE(!record(durability::synced));
    });
    BOOST_TEST(failed > 10);
    BOOST_TEST(!close());
    BOOST_TEST(ids_in(root.path()) == ids_up_to(stored));
}

BOOST_AUTO_TEST_CASE(p04_a_flush_may_run_out_of_memory_at_any_allocation_of_a_step) {
    open();
    int const failed = fail_every_allocation([&](int n) {
        BOOST_TEST_REQUIRE(!append(drafts_of("c" + std::to_string(n))));
        BOOST_TEST_REQUIRE(!record(durability::written));
        allocations_of_other_threads_left = n;
        error_code const answer = flush();
        allocations_of_other_threads_left = -1;
        if (answer) BOOST_TEST(answer == boost::system::errc::not_enough_memory, answer.message());
        BOOST_TEST_REQUIRE(!flush());
    });
    BOOST_TEST(failed > 0);
    BOOST_TEST(!close());
    BOOST_TEST(ids_in(root.path()) == ids_up_to(stored));
}

BOOST_AUTO_TEST_CASE(p10_a_close_may_run_out_of_memory_at_any_allocation_of_a_step) {
    fail_every_allocation([&](int n) {
        open();
        BOOST_TEST_REQUIRE(!record(durability::written));
        allocations_of_other_threads_left = n;
        error_code const answer = close();
        allocations_of_other_threads_left = -1;
        if (answer) BOOST_TEST(answer == boost::system::errc::not_enough_memory, answer.message());
    });
    open();
    BOOST_TEST(trail.stats().last_event_id == stored);
}

BOOST_AUTO_TEST_CASE(an_opening_may_run_out_of_memory_at_any_allocation_of_the_librarys_thread) {
    open();
    BOOST_TEST_REQUIRE(!append(drafts_of("c")));
    BOOST_TEST_REQUIRE(!close());
    int const failed = fail_every_allocation([&](int n) {
        error_code answer;
        allocations_of_other_threads_left = n;
        async_open_writer(disk, context.get_executor(), root.path(), [&](error_code ec, writer opened) {
            answer = ec;
            trail = std::move(opened);
        });
        run_all(context);
        allocations_of_other_threads_left = -1;
        if (answer) BOOST_TEST(answer == boost::system::errc::not_enough_memory, answer.message());
        if (!answer) BOOST_TEST_REQUIRE(!close());
    });
    BOOST_TEST(failed > 10);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::commit_memory_test
