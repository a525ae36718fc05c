#include <audit_trail.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>

int main(int, char** arguments) {
    boost::asio::io_context loop;
    auto trail = audit_trail::writer::open(loop.get_executor(), arguments[1]);

    audit_trail::event_draft draft("accounts", "users", "user-17", audit_trail::operation::create, "admin");
    draft.with_request_id("req-1").with_payload(audit_trail::payload::from_create({{"name", "Ada"}, {"logins", 0}}));

    trail.async_append(std::move(draft), [](audit_trail::error_code ec, audit_trail::event const& event) {
        if (!ec) {
            std::cout << "event " << event.event_id << " is on stable storage\n";
        } else if (ec == audit_trail::condition::not_written) {
            std::cerr << "not written: " << ec.message() << '\n';
        } else {
            std::cerr << "perhaps written: " << ec.message() << '\n';
        }
    });
    loop.run();
}
