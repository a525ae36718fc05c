// A shared object that contains the library may be closed while a background thread runs its last instructions.
#include <dlfcn.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

namespace test::unload_test {

BOOST_AUTO_TEST_CASE(a_thread_keeps_its_code_loaded) {
    void* const plugin = dlopen(TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    BOOST_REQUIRE_MESSAGE(plugin, dlerror());
    using start_function = bool (*)(std::atomic<bool>*, std::atomic<int>*);
    auto const start = reinterpret_cast<start_function>(dlsym(plugin, "start_thread_of_plugin"));
    BOOST_REQUIRE(start);

    std::atomic<bool> release{false};
    std::atomic<int> ended{0};
    BOOST_TEST(start(&release, &ended));
    BOOST_TEST(dlclose(plugin) == 0);
    release = true;
    while (ended == 0) std::this_thread::yield();
    BOOST_TEST(ended == 1);
}

}  // namespace test::unload_test
