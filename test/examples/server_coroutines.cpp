// An HTTP server with coroutines (Boost.Beast). A user's record changes only after the event is on stable storage.
//
//     server_coroutines ROOT PORT      (port 0: any free port; the server prints it)
//     curl -X PUT -H 'X-User: admin' -d '{"name":"Ada"}' http://127.0.0.1:PORT/users/17
#include <audit_trail.hpp>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <boost/json/parse.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = audit_trail::json;
using asio::ip::tcp;

using request_type = http::request<http::string_body>;
using response_type = http::response<http::string_body>;

struct application {
    audit_trail::writer trail;
    std::map<std::string, json::object> users;
    std::set<std::string> changing;  // the users whose event is under way
};

response_type make_response(request_type const& request, http::status status, std::string text) {
    response_type response(status, request.version());
    response.keep_alive(request.keep_alive());
    response.body() = text + '\n';
    response.prepare_payload();
    return response;
}

audit_trail::event_draft make_draft(application const& app, request_type const& request, std::string const& name,
                                    json::object const& record) {
    auto const known = app.users.find(name);
    bool const is_new = known == app.users.end();
    auto const what = is_new ? audit_trail::operation::create : audit_trail::operation::update;
    audit_trail::event_draft draft("accounts", "users", name, what, std::string(request["X-User"]));
    draft.with_payload(is_new ? audit_trail::payload::from_create(record)
                              : audit_trail::payload::from_update(known->second, record));
    return draft;
}

asio::awaitable<response_type> change_user(application& app, request_type const& request, std::string name) {
    boost::system::error_code invalid;
    json::value const parsed = json::parse(request.body(), invalid);
    if (invalid || !parsed.is_object()) co_return make_response(request, http::status::bad_request, "no JSON object");

    // Other requests run during the append. They must not change the same record: the event says what it was before.
    if (!app.changing.insert(name).second) co_return make_response(request, http::status::conflict, "is being changed");
    audit_trail::event_draft draft = make_draft(app, request, name, parsed.get_object());
    audit_trail::error_code ec;
    audit_trail::receipt const noted =
        co_await app.trail.async_record(std::move(draft), asio::redirect_error(asio::use_awaitable, ec));
    app.changing.erase(name);

    if (!ec) {
        app.users[name] = parsed.get_object();
        co_return make_response(request, http::status::ok, "event " + std::to_string(noted.event_id));
    }
    bool const may_retry = ec == audit_trail::condition::not_written;
    co_return make_response(
        request, may_retry ? http::status::service_unavailable : http::status::internal_server_error, ec.message());
}

asio::awaitable<void> serve(tcp::socket socket, application& app) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    for (bool keep_alive = true; keep_alive;) {
        stream.expires_after(std::chrono::seconds(30));
        request_type request;
        co_await http::async_read(stream, buffer, request, asio::use_awaitable);
        response_type response = make_response(request, http::status::not_found, "PUT /users/NAME");
        std::string const target(request.target());
        if (request.method() == http::verb::put && target.starts_with("/users/")) {
            response = co_await change_user(app, request, target.substr(7));
        }
        keep_alive = response.keep_alive();
        co_await http::async_write(stream, response, asio::use_awaitable);
    }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, application& app) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        // A connection that ends or fails ends its coroutine with an exception, which `detached` ignores.
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), app), asio::detached);
    }
}

int main(int, char** arguments) {
    asio::io_context loop;
    application app{audit_trail::writer::open(loop, arguments[1]), {}, {}};
    auto const port = static_cast<asio::ip::port_type>(std::atoi(arguments[2]));
    tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), port));
    asio::co_spawn(loop, accept(acceptor, app), asio::detached);

    asio::signal_set signals(loop, SIGINT, SIGTERM);  // see graceful_shutdown.cpp
    signals.async_wait([&](auto, int) { loop.stop(); });
    std::cout << "port " << acceptor.local_endpoint().port() << std::endl;
    loop.run();
}
