// An HTTP server with callbacks (Boost.Beast): an order is answered when its event is on stable storage.
//
//     server_callbacks ROOT PORT      (port 0: any free port; the server prints it)
//     curl -H 'X-User: ada' -d '{"item":"book"}' http://127.0.0.1:PORT/orders
#include <audit_trail.hpp>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <boost/json/parse.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = audit_trail::json;
using asio::ip::tcp;

/// One connection. The handlers own it, so it ends when none is left.
class session : public std::enable_shared_from_this<session> {
 public:
    session(tcp::socket socket, audit_trail::writer& trail) : stream_(std::move(socket)), trail_(trail) {}

    void read() {
        request_ = {};
        stream_.expires_after(std::chrono::seconds(30));
        http::async_read(stream_, buffer_, request_, [self = shared_from_this()](beast::error_code ec, std::size_t) {
            if (!ec) self->handle();
        });
    }

 private:
    void handle() {
        if (request_.method() != http::verb::post || request_.target() != "/orders") {
            return answer(http::status::not_found, "POST /orders");
        }
        boost::system::error_code invalid;
        json::value order = json::parse(request_.body(), invalid);
        if (invalid || !order.is_object()) return answer(http::status::bad_request, "no JSON object");
        record(std::move(order.get_object()));
    }

    void record(json::object order) {
        json::value const* const item = order.if_contains("item");
        std::string name(item && item->is_string() ? item->get_string() : "order");
        audit_trail::event_draft draft("shop", "orders", std::move(name), audit_trail::operation::create,
                                       std::string(request_["X-User"]));
        draft.with_payload(audit_trail::payload::from_create(std::move(order)));
        // The handler runs on the executor of the writer: here the loop, like all other handlers.
        trail_.async_append(std::move(draft),
                            [self = shared_from_this()](audit_trail::error_code ec, audit_trail::event const& event) {
                                self->recorded(ec, event);
                            });
    }

    void recorded(audit_trail::error_code ec, audit_trail::event const& event) {
        if (!ec) return answer(http::status::created, "order " + std::to_string(event.event_id));
        // Not written: the client may send the order again. Otherwise it may be in the trail, or may not.
        bool const may_retry = ec == audit_trail::condition::not_written;
        answer(may_retry ? http::status::service_unavailable : http::status::internal_server_error, ec.message());
    }

    void answer(http::status status, std::string text) {
        response_ = {status, request_.version()};
        response_.keep_alive(request_.keep_alive());
        response_.body() = std::move(text) + '\n';
        response_.prepare_payload();
        http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code ec, std::size_t) {
            if (!ec && self->response_.keep_alive()) self->read();
        });
    }

    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    http::response<http::string_body> response_;
    audit_trail::writer& trail_;
};

void accept(tcp::acceptor& acceptor, audit_trail::writer& trail) {
    acceptor.async_accept([&](boost::system::error_code ec, tcp::socket socket) {
        if (ec) return;
        std::make_shared<session>(std::move(socket), trail)->read();
        accept(acceptor, trail);
    });
}

int main(int, char** arguments) {
    asio::io_context loop;
    audit_trail::writer trail = audit_trail::writer::open(loop, arguments[1]);
    auto const port = static_cast<asio::ip::port_type>(std::atoi(arguments[2]));
    tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), port));
    accept(acceptor, trail);

    asio::signal_set signals(loop, SIGINT, SIGTERM);  // see graceful_shutdown.cpp
    signals.async_wait([&](auto, int) { loop.stop(); });
    std::cout << "port " << acceptor.local_endpoint().port() << std::endl;
    loop.run();
}
