#include <audit_trail.hpp>
#include <boost/asio.hpp>
#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> rename_user(audit_trail::writer& trail) {
    audit_trail::json::object const before{{"name", "Ada"}, {"role", "author"}};
    audit_trail::json::object const after{{"name", "Ada Lovelace"}, {"role", "author"}};

    audit_trail::event_draft draft("accounts", "users", "user-17", audit_trail::operation::update, "admin");
    draft.with_payload(audit_trail::payload::from_update(before, after));

    audit_trail::event const event = co_await trail.async_append(std::move(draft), asio::use_awaitable);
    std::cout << "event " << event.event_id << " is on stable storage\n";
    co_await trail.async_close(asio::use_awaitable);
}

int main(int, char** arguments) {
    asio::io_context loop;
    auto trail = audit_trail::writer::open(loop.get_executor(), arguments[1]);
    asio::co_spawn(loop, rename_user(trail), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    });
    loop.run();
}
