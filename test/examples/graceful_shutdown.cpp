// A server that ends without losing an answer. After SIGTERM it accepts no more connections, answers the requests under
// way, and closes the trail. Exit code: 0 if every event is on stable storage and the end of the trail is marked clean.
//
//     graceful_shutdown ROOT PORT      (port 0: any free port; the server prints it)
//     echo "user-17 admin" | nc -N 127.0.0.1 PORT      (prints the id of the event)
#include <audit_trail.hpp>
#include <boost/asio.hpp>
#include <cstdlib>
#include <iostream>
#include <set>
#include <sstream>
#include <string>

namespace asio = boost::asio;
using asio::ip::tcp;

struct server {
    server(asio::io_context& loop, char const* root, asio::ip::port_type port)
        : trail(audit_trail::writer::open(loop, root)),
          acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
          changed(loop) {}

    audit_trail::writer trail;
    tcp::acceptor acceptor;
    std::set<tcp::socket*> connections;
    asio::steady_timer changed;  // canceled when a connection ends
};

/// One line is one request: "MODEL USER".
audit_trail::event_draft parse(std::string const& line) {
    audit_trail::event_draft draft("accounts", "users", "", audit_trail::operation::update, "");
    std::istringstream(line) >> draft.model_name >> draft.logical_user_id;
    return draft;
}

asio::awaitable<void> answer_requests(tcp::socket& socket, audit_trail::writer& trail) {
    std::string input;
    for (;;) {
        // At the end of the connection, or after the shutdown below, this throws, and the coroutine ends.
        std::size_t const size =
            co_await asio::async_read_until(socket, asio::dynamic_buffer(input, 4096), '\n', asio::use_awaitable);
        audit_trail::event_draft draft = parse(input.substr(0, size));
        input.erase(0, size);
        audit_trail::error_code ec;
        audit_trail::receipt const noted =
            co_await trail.async_record(std::move(draft), asio::redirect_error(asio::use_awaitable, ec));
        std::string const answer = (ec ? "error: " + ec.message() : std::to_string(noted.event_id)) + '\n';
        co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
    }
}

void end_reads(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_receive, ignored);
}

asio::awaitable<void> serve(tcp::socket socket, server& all) {
    all.connections.insert(&socket);
    if (!all.acceptor.is_open()) end_reads(socket);
    try {
        co_await answer_requests(socket, all.trail);
    } catch (boost::system::system_error const&) {
    }
    all.connections.erase(&socket);
    all.changed.cancel();
}

asio::awaitable<void> accept(server& all) {
    for (;;) {
        tcp::socket socket = co_await all.acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(all.acceptor.get_executor(), serve(std::move(socket), all), asio::detached);
    }
}

/// Waits until no connection is left, but not longer than the limit: a client may never read its answer.
asio::awaitable<void> wait_for_connections(server& all, std::chrono::seconds limit) {
    auto const deadline = std::chrono::steady_clock::now() + limit;
    while (!all.connections.empty() && std::chrono::steady_clock::now() < deadline) {
        all.changed.expires_at(deadline);
        boost::system::error_code ignored;
        co_await all.changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

asio::awaitable<void> stop_after_signal(server& all, int& exit_code) {
    asio::signal_set signals(all.acceptor.get_executor(), SIGINT, SIGTERM);
    co_await signals.async_wait(asio::use_awaitable);
    all.acceptor.close();
    // Requests that have arrived are still read and answered; then the reads end.
    for (tcp::socket* const socket : all.connections) end_reads(*socket);
    co_await wait_for_connections(all, std::chrono::seconds(10));
    audit_trail::error_code ec;
    co_await all.trail.async_close(asio::redirect_error(asio::use_awaitable, ec));
    if (ec) std::cerr << "the trail was not closed: " << ec.message() << '\n';
    exit_code = ec ? 1 : 0;
    static_cast<asio::io_context&>(all.acceptor.get_executor().context()).stop();
}

int main(int, char** arguments) {
    asio::io_context loop;
    int exit_code = 1;
    {
        server all(loop, arguments[1], static_cast<asio::ip::port_type>(std::atoi(arguments[2])));
        asio::co_spawn(loop, accept(all), asio::detached);
        asio::co_spawn(loop, stop_after_signal(all, exit_code), asio::detached);
        std::cout << "port " << all.acceptor.local_endpoint().port() << std::endl;
        loop.run();
    }
    return exit_code;
}
