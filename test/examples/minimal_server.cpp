// The smallest server: ROOT PORT. Each line of a client is an event, and its answer is the event's id.
#include <audit_trail.hpp>
#include <boost/asio.hpp>
#include <iostream>

namespace asio = boost::asio;
using asio::ip::tcp;

asio::awaitable<void> serve(tcp::socket socket, audit_trail::writer& trail) {
    for (std::string input;;) {
        auto const size =
            co_await asio::async_read_until(socket, asio::dynamic_buffer(input), '\n', asio::use_awaitable);
        audit_trail::event_draft draft("accounts", "users", input.substr(0, size - 1), audit_trail::operation::update,
                                       "admin");
        input.erase(0, size);
        auto const noted = co_await trail.async_record(std::move(draft), asio::use_awaitable);
        std::string const answer = std::to_string(noted.event_id) + '\n';
        co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
    }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, audit_trail::writer& trail) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), trail), asio::detached);
    }
}

int main(int, char** arguments) {
    asio::io_context loop;
    auto trail = audit_trail::writer::open(loop, arguments[1]);
    tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), asio::ip::port_type(std::stoi(arguments[2]))});
    asio::co_spawn(loop, accept(acceptor, trail), asio::detached);
    std::cout << "port " << acceptor.local_endpoint().port() << std::endl;
    loop.run();
}
