// Keeps the records of a trail in memory: reads the whole trail, then follows it. Another process writes it.
//
//     follower_cache ROOT      (prints each change; answers each line of standard input, a name, with its record)
//
// A cache that is stored, too, would store the last id with the records, and continue with the next one.
#include <unistd.h>

#include <audit_trail.hpp>
#include <boost/asio.hpp>
#include <iostream>
#include <string>

namespace asio = boost::asio;

class cache {
 public:
    cache(asio::any_io_executor executor, char const* root)
        : trail_(std::move(executor), root, users_only(), 1) {}  // 1: from the first event on

    asio::awaitable<void> follow() {
        for (;;) {
            audit_trail::error_code ec;
            audit_trail::entry found = co_await trail_.async_next(asio::redirect_error(asio::use_awaitable, ec));
            if (ec) {
                // No error loses an event: the next call would try again. Here the cache must not go stale unnoticed.
                std::cerr << "the cache is no longer up to date: " << ec.message() << '\n';
                co_return;
            }
            apply(found);
        }
    }

    std::string find(std::string const& name) const {
        auto const* const record = records_.result().state.if_contains(name);
        audit_trail::error_code ignored;
        return record ? audit_trail::to_json(*record, ignored) : "unknown";
    }

 private:
    static audit_trail::event_filter users_only() {
        audit_trail::event_filter filter;
        filter.domains = {"accounts"};
        filter.categories = {"users"};
        return filter;
    }

    void apply(audit_trail::entry& found) {
        std::string const name = found.event.model_name;
        if (audit_trail::error_code const ec = records_.apply(found)) {
            std::cerr << "event " << found.event.event_id << " was skipped: " << ec.message() << '\n';
            return;
        }
        std::cout << found.event.event_id << ' ' << name << ' ' << find(name) << std::endl;
    }

    audit_trail::follower trail_;
    audit_trail::replayer records_;  // applies creates, updates and deletes
};

/// Ends the program at the end of the input.
asio::awaitable<void> answer_input(asio::io_context& loop, cache const& users) {
    asio::posix::stream_descriptor input(loop, ::dup(STDIN_FILENO));
    std::string text;
    boost::system::error_code ec;
    for (;;) {
        std::size_t const size = co_await asio::async_read_until(input, asio::dynamic_buffer(text, 4096), '\n',
                                                                 asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        std::string const name = text.substr(0, size - 1);
        text.erase(0, size);
        std::cout << name << " = " << users.find(name) << std::endl;
    }
    loop.stop();
}

int main(int, char** arguments) {
    asio::io_context loop;
    cache users(loop.get_executor(), arguments[1]);
    asio::co_spawn(loop, users.follow(), asio::detached);
    asio::co_spawn(loop, answer_input(loop, users), asio::detached);
    loop.run();
}
