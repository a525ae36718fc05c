// Tests every initiating function with every kind of callback.
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <future>
#include <memory>
#include <thread>

#include "support/handlers.hpp"
#include "writer/calls.hpp"

namespace audit_trail::test::tokens_callback_test {

BOOST_FIXTURE_TEST_SUITE(tokens_callback, call_fixture)

BOOST_AUTO_TEST_CASE_TEMPLATE(runs_once_in_the_context_and_keeps_it_busy, Call, every_call) {
    bool initiating = true;
    bool called = false;
    Call::start(*this, must_be_called(checking([&] {
        BOOST_TEST(!initiating);
        BOOST_TEST(context.get_executor().running_in_this_thread());
        called = true;
    })));
    initiating = false;
    context.run();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(takes_a_move_only_handler, Call, every_call) {
    auto token = std::make_unique<int>(7);
    int seen = 0;
    Call::start(*this, must_be_called(checking([&, held = std::move(token)] { seen = *held; })));
    context.run();
    BOOST_TEST(seen == 7);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(takes_an_lvalue_as_a_copy, Call, every_call) {
    int called = 0;
    auto handler = checking([&] { ++called; });
    Call::start(*this, handler);
    context.run();
    BOOST_TEST(called == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(takes_a_big_handler, Call, every_call) {
    std::array<int, 1000> big{};
    big.back() = 7;
    int seen = 0;
    Call::start(*this, must_be_called(checking([&seen, big] { seen = big.back(); })));
    context.run();
    BOOST_TEST(seen == 7);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(takes_an_over_aligned_handler, Call, every_call) {
    struct alignas(128) aligned {
        std::uintptr_t misalignment() const { return reinterpret_cast<std::uintptr_t>(this) % 128; }
    };
    std::uintptr_t misalignment = 1;
    Call::start(*this, must_be_called(checking([&, held = aligned()] { misalignment = held.misalignment(); })));
    context.run();
    BOOST_TEST(misalignment == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(runs_on_its_strand, Call, every_call) {
    auto const strand = asio::make_strand(context);
    bool called = false;
    Call::start(*this, asio::bind_executor(strand, must_be_called(checking([&] {
                                               BOOST_TEST(strand.running_in_this_thread());
                                               called = true;
                                           }))));
    context.run();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(runs_in_another_context_and_keeps_that_one_busy, Call, every_call) {
    asio::io_context other;
    bool called = false;
    Call::start(*this, asio::bind_executor(other, must_be_called(checking([&] {
                                               BOOST_TEST(other.get_executor().running_in_this_thread());
                                               called = true;
                                           }))));
    other.run();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(runs_in_a_pool_of_threads, Call, every_call) {
    asio::thread_pool pool(2);
    std::promise<void> called;
    Call::start(*this, asio::bind_executor(pool, must_be_called(checking([&] {
                                               BOOST_TEST(pool.get_executor().running_in_this_thread());
                                               called.set_value();
                                           }))));
    called.get_future().get();
    pool.join();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(runs_on_a_strand_of_a_pool_of_threads, Call, every_call) {
    asio::thread_pool pool(2);
    auto const strand = asio::make_strand(pool);
    std::promise<void> called;
    Call::start(*this, asio::bind_executor(strand, must_be_called(checking([&] {
                                               BOOST_TEST(strand.running_in_this_thread());
                                               called.set_value();
                                           }))));
    called.get_future().get();
    pool.join();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(runs_on_the_system_executor, Call, every_call) {
    auto const here = std::this_thread::get_id();
    std::promise<void> called;
    Call::start(*this, asio::bind_executor(asio::system_executor(), must_be_called(checking([&] {
                                               BOOST_TEST((std::this_thread::get_id() != here));
                                               called.set_value();
                                           }))));
    called.get_future().get();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(uses_the_associated_allocator_and_frees_the_memory_before_the_call, Call, every_call) {
    allocation_count count;
    bool called = false;
    Call::start(*this, asio::bind_allocator(counting_allocator<void>(count), must_be_called(checking([&] {
                                                BOOST_TEST(count.now == 0u);
                                                called = true;
                                            }))));
    BOOST_TEST(count.ever == 1u);
    context.run();
    BOOST_TEST(called);
    BOOST_TEST(count.ever == 1u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(leaves_the_cancellation_slot_empty, Call, every_call) {
    asio::cancellation_signal signal;
    bool called = false;
    Call::start(*this, asio::bind_cancellation_slot(signal.slot(), must_be_called(checking([&] {
                                                        BOOST_TEST(!signal.slot().has_handler());
                                                        called = true;
                                                    }))));
    context.run();
    BOOST_TEST(called);
    signal.emit(asio::cancellation_type::terminal);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(takes_a_handler_with_bound_executor_allocator_and_slot, Call, every_call) {
    asio::io_context other;
    allocation_count count;
    asio::cancellation_signal signal;
    bool called = false;
    auto handler = asio::bind_executor(
        other,
        asio::bind_allocator(counting_allocator<void>(count),
                             asio::bind_cancellation_slot(signal.slot(), must_be_called(checking([&] {
                                                              BOOST_TEST(other.get_executor().running_in_this_thread());
                                                              BOOST_TEST(count.now == 0u);
                                                              called = true;
                                                          })))));
    Call::start(*this, std::move(handler));
    BOOST_TEST(count.ever != 0u);
    other.run();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::tokens_callback_test
