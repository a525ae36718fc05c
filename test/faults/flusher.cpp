/// \file
/// Appends one `written` event to each of many categories, then flushes them to stable storage.
///
///     fault_flusher ROOT CATEGORIES
///
/// Prints `flushed` after the flush, and keeps the trail open until its input ends.
#include <audit_trail.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <future>
#include <iostream>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;

audit_trail::event_draft draft(int number) {
    return {"shop", "c" + std::to_string(number), "n" + std::to_string(number), audit_trail::operation::create,
            "somebody"};
}

void append_and_flush(audit_trail::writer& trail, int categories) {
    std::vector<std::future<audit_trail::receipt>> stored;
    for (int number = 0; number != categories; ++number) {
        stored.push_back(trail.async_record(draft(number), asio::use_future));
    }
    trail.async_flush(audit_trail::durability::synced, asio::use_future).get();
    for (auto& event : stored) event.get();
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) return std::cerr << "usage: fault_flusher ROOT CATEGORIES\n", 2;
    try {
        asio::thread_pool pool(1);
        audit_trail::writer_options options;
        options.durability = audit_trail::durability::written;
        auto trail = audit_trail::writer::open(pool.get_executor(), arguments[1], options);
        append_and_flush(trail, std::atoi(arguments[2]));
        std::cout << "flushed" << std::endl;
        std::cin.get();
    } catch (std::exception const& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
