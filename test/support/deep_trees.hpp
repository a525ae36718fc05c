/// \file
/// Trees of any depth, and threads whose stacks no recursion over them would fit.
#pragma once

#include <pthread.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <functional>

namespace audit_trail::test {

/// Runs `work` on a thread with a stack of that many bytes.
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
    BOOST_REQUIRE(failure == 0);  // not earlier: the test log is not for two threads at once
}

/// `levels` arrays in each other; built, and to be freed, without recursion.
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
