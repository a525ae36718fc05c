// A trail for each tenant. All writers share a disk executor with two threads, so the number of threads does not depend
// on the number of tenants.
//
//     many_tenants DIRECTORY TENANTS EVENTS      (each tenant gets EVENTS events in DIRECTORY/tenant-N)
//
// A writer keeps up to seven files open: raise RLIMIT_NOFILE for many tenants.
#include <audit_trail.hpp>
#include <boost/asio.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace fs = std::filesystem;

audit_trail::writer_options make_options(asio::any_io_executor disk) {
    audit_trail::writer_options options;
    options.disk_executor = std::move(disk);
    // The memory of each queue: small limits for many writers.
    options.max_pending_events = 256;
    options.max_pending_bytes = 2 * options.max_event_bytes;
    options.max_waiting_events = 256;
    options.max_open_segments = 8;
    return options;
}

asio::awaitable<void> serve_tenant(fs::path root, audit_trail::writer_options options, int events, int& recorded) {
    asio::any_io_executor const loop = co_await asio::this_coro::executor;
    audit_trail::writer trail = co_await audit_trail::writer::async_open(loop, root, options, asio::use_awaitable);
    for (int n = 0; n != events; ++n) {
        audit_trail::event_draft draft("accounts", "users", "user-" + std::to_string(n), audit_trail::operation::create,
                                       root.filename().string());
        co_await trail.async_record(std::move(draft), asio::use_awaitable);
        ++recorded;
    }
    co_await trail.async_close(asio::use_awaitable);
}

int main(int, char** arguments) {
    int const tenants = std::atoi(arguments[2]);
    int const events = std::atoi(arguments[3]);
    asio::thread_pool disk(2);  // must exist until the writers are closed, so it is declared first
    asio::io_context loop;
    int recorded = 0;
    int failed = 0;
    for (int n = 0; n != tenants; ++n) {
        fs::path root = fs::path(arguments[1]) / ("tenant-" + std::to_string(n));
        asio::co_spawn(loop, serve_tenant(std::move(root), make_options(disk.get_executor()), events, recorded),
                       [&failed, n](std::exception_ptr failure) {
                           if (!failure) return;
                           ++failed;
                           std::cerr << "tenant " << n << " has failed\n";
                       });
    }
    loop.run();
    auto const threads = std::distance(fs::directory_iterator("/proc/self/task"), {});
    std::cout << recorded << " events, " << threads << " threads\n";
    return failed == 0 ? 0 : 1;
}
