// Metrics for Prometheus, from the server's own loop: `audit_trail::prometheus_collector` needs prometheus-cpp-core only.
// With prometheus-cpp-pull, `prometheus::Exposer` can serve the collector from a thread of its own instead.
//
//     prometheus_metrics ROOT PORT      (port 0: any free port; the server prints it)
//     curl -X POST http://127.0.0.1:PORT/events; curl http://127.0.0.1:PORT/metrics
#include <prometheus/text_serializer.h>

#include <audit_trail.hpp>
#include <audit_trail/prometheus.hpp>
#include <boost/asio.hpp>
#include <cstdlib>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using asio::ip::tcp;

struct server {
    audit_trail::writer trail;
    audit_trail::prometheus_collector metrics;
};

asio::awaitable<std::string> record(audit_trail::writer& trail) {
    audit_trail::event_draft draft("accounts", "users", "user-17", audit_trail::operation::update, "admin");
    audit_trail::receipt const noted = co_await trail.async_record(std::move(draft), asio::use_awaitable);
    co_return "event " + std::to_string(noted.event_id) + '\n';
}

asio::awaitable<void> answer(tcp::socket socket, server& all) {
    std::string request;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(request, 16 * 1024), "\r\n\r\n", asio::use_awaitable);
    std::string status = "200 OK";
    std::string body;
    if (request.starts_with("POST /events ")) {
        body = co_await record(all.trail);
    } else if (request.starts_with("GET /metrics ")) {
        body = prometheus::TextSerializer().Serialize(all.metrics.Collect());
    } else {
        status = "404 Not Found";
    }
    std::string const response =
        "HTTP/1.0 " + status +
        "\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
        body;
    co_await asio::async_write(socket, asio::buffer(response), asio::use_awaitable);
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, server& all) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), answer(std::move(socket), all), asio::detached);
    }
}

int main(int, char** arguments) {
    asio::io_context loop;
    server all;
    all.trail = audit_trail::writer::open(loop, arguments[1]);
    all.metrics.add("accounts", all.trail);  // removed with the collector, before the writer is destroyed
    auto const port = static_cast<asio::ip::port_type>(std::atoi(arguments[2]));
    tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), port));
    asio::co_spawn(loop, accept(acceptor, all), asio::detached);

    asio::signal_set signals(loop, SIGINT, SIGTERM);  // see graceful_shutdown.cpp
    signals.async_wait([&](auto, int) { loop.stop(); });
    std::cout << "port " << acceptor.local_endpoint().port() << std::endl;
    loop.run();
}
