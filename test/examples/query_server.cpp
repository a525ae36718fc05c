// Queries in a server. A reader blocks on the disk, so it runs on a thread_pool. The loop sends what the reader has found
// in parts of about 64 KiB and reads on when the client has taken them: bounded memory, and the loop stays free.
//
//     query_server ROOT PORT      (port 0: any free port; the server prints it)
//     echo user-17 | nc -N 127.0.0.1 PORT      (prints the events of this model name)
#include <audit_trail.hpp>
#include <boost/asio.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace asio = boost::asio;
using asio::ip::tcp;

/// A reader, used by one thread at a time: each call is awaited before the next.
struct query {
    query(std::string root, std::string model_name) : root_(std::move(root)), model_name_(std::move(model_name)) {}

    /// Returns the next lines; an empty text at the end. Blocks on the disk.
    std::string next_part() {
        if (!reader_) reader_.emplace(root_, filter());
        std::string part;
        while (part.size() < 64 * 1024) {
            std::optional<audit_trail::entry> const found = reader_->next();
            if (!found) break;
            part += found->line;
            part += '\n';
        }
        return part;
    }

    std::uint64_t damage() const { return reader_ ? reader_->report().findings.size() : 0; }

 private:
    audit_trail::event_filter filter() const {
        audit_trail::event_filter result;
        result.model_names = {model_name_};
        return result;
    }

    std::string root_;
    std::string model_name_;
    std::optional<audit_trail::reader> reader_;
};

asio::awaitable<std::string> next_part(query& running) {
    co_return running.next_part();
}

struct server {
    std::string root;
    tcp::acceptor acceptor;
    asio::thread_pool& readers;
};

asio::awaitable<void> answer(tcp::socket socket, server& all) {
    std::string name;
    std::size_t const size =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(name, 4096), '\n', asio::use_awaitable);
    query running(all.root, name.substr(0, size - 1));
    for (;;) {
        // Runs on the pool; this coroutine continues on the loop. Exceptions of the reader arrive here, too.
        std::string const part = co_await asio::co_spawn(all.readers, next_part(running), asio::use_awaitable);
        if (part.empty()) break;
        co_await asio::async_write(socket, asio::buffer(part), asio::use_awaitable);
    }
    if (running.damage() != 0) std::cerr << "run audit-trail verify " << all.root << '\n';
}

void report(std::exception_ptr failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& error) {
        std::cerr << "a query was not answered: " << error.what() << '\n';
    }
}

asio::awaitable<void> accept(server& all) {
    for (;;) {
        tcp::socket socket = co_await all.acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(all.acceptor.get_executor(), answer(std::move(socket), all), report);
    }
}

int main(int, char** arguments) {
    asio::io_context loop;
    asio::thread_pool readers(2);  // at most two queries read at once
    auto const port = static_cast<asio::ip::port_type>(std::atoi(arguments[2]));
    server all{arguments[1], tcp::acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), port)), readers};
    asio::co_spawn(loop, accept(all), asio::detached);

    asio::signal_set signals(loop, SIGINT, SIGTERM);
    signals.async_wait([&](auto, int) { loop.stop(); });
    std::cout << "port " << all.acceptor.local_endpoint().port() << std::endl;
    loop.run();
    readers.join();
}
