// Tests how often the library allocates memory after a warm-up: at most once per append, counted on all threads.
#include <atomic>
#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <new>

#include "support/drafts.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

void* allocate(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* const place = std::malloc(size)) return place;
    throw std::bad_alloc();
}

void* allocate_aligned(std::size_t size, std::size_t alignment) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* const place = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)) return place;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate_aligned(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return allocate_aligned(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* place) noexcept {
    std::free(place);
}
void operator delete(void* place, std::size_t) noexcept {
    std::free(place);
}
void operator delete[](void* place) noexcept {
    std::free(place);
}
void operator delete[](void* place, std::size_t) noexcept {
    std::free(place);
}

namespace audit_trail::test::allocations_test {

namespace {

constexpr std::size_t window = 256;

/// Appends in rounds, with `window` appends in flight, from drafts that were built before.
template <class Append>
class rounds {
 public:
    explicit rounds(Append append) : append_(append) {}

    /// Returns the number of allocations per append in the last rounds.
    double measure() {
        constexpr int warming_up = 40;
        constexpr int measured = 40;
        for (int n = 0; n != warming_up; ++n) run_one();
        std::size_t taken = 0;
        for (int n = 0; n != measured; ++n) taken += run_one();
        return static_cast<double>(taken) / (measured * window);
    }

 private:
    std::size_t run_one() {
        auto drafts = make_drafts(window);
        std::size_t const before = allocations.load();
        for (event_draft& draft : drafts) append_(trail_, std::move(draft), answered_);
        context_.restart();
        context_.run();
        std::size_t const after = allocations.load();
        BOOST_REQUIRE(answered_ == window);
        answered_ = 0;
        return after - before;
    }

    temporary_root root_;
    asio::io_context context_;
    writer trail_ = writer::open(context_.get_executor(), root_.path());
    Append append_;
    std::size_t answered_ = 0;
};

/// The event for the handler is built from its line: the payload has a table of members, and the table has a key.
constexpr double allocations_of_an_event = 2;

}  // namespace

BOOST_AUTO_TEST_SUITE(allocations_of_appends)

BOOST_AUTO_TEST_CASE(a_record_needs_at_most_one_allocation) {
    auto const record = [](writer& trail, event_draft draft, std::size_t& answered) {
        trail.async_record(std::move(draft), durability::written, [&answered](error_code ec, receipt) {
            if (!ec) ++answered;
        });
    };
    double const each = rounds(record).measure();
    BOOST_TEST_MESSAGE("async_record: " << each << " allocations");
    BOOST_TEST(each <= 1);
}

BOOST_AUTO_TEST_CASE(an_append_needs_one_allocation_more_than_its_event) {
    auto const append = [](writer& trail, event_draft draft, std::size_t& answered) {
        trail.async_append(std::move(draft), durability::written, [&answered](error_code ec, event const&) {
            if (!ec) ++answered;
        });
    };
    double const each = rounds(append).measure();
    BOOST_TEST_MESSAGE("async_append: " << each << " allocations");
    BOOST_TEST(each <= 1 + allocations_of_an_event);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::allocations_test
