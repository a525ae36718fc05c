/// \file
/// Builds trees of any depth, and runs code on stacks that are too small for a recursion over such a tree.
#pragma once

#include <pthread.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <functional>

namespace audit_trail::test {

/// Runs `work` on a thread with a stack of `bytes` bytes.
inline void on_small_stack(std::size_t bytes, std::function<void()> work) {
    pthread_attr_t attributes;
    BOOST_REQUIRE(pthread_attr_init(&attributes) == 0);
    BOOST_REQUIRE(pthread_attr_setstacksize(&attributes, bytes) == 0);
    auto const run = [](void* given) -> void* {
        (*static_cast<std::function<void()>*>(given))();
        return nullptr;
    };
    pthread_t thread;
    int const failure = pthread_create(&thread, &attributes, run, &work);
    if (failure == 0) pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    BOOST_REQUIRE(failure == 0);  // checked after the join, because the test log is not thread safe
}

/// Returns `levels` nested arrays. Builds them without recursion; they must be freed without recursion, too.
inline boost::json::value nested_arrays(std::size_t levels) {
    boost::json::value tree(boost::json::array_kind);
    for (std::size_t i = 1; i < levels; ++i) {
        boost::json::value outer(boost::json::array_kind);
        outer.get_array().push_back(std::move(tree));
        tree = std::move(outer);
    }
    return tree;
}

}  // namespace audit_trail::test
