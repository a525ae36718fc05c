#include <audit_trail.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <iostream>

int main(int, char** arguments) {
    boost::asio::thread_pool pool(1);
    auto trail = audit_trail::writer::open(pool.get_executor(), arguments[1]);

    audit_trail::event_draft draft("accounts", "users", "user-17", audit_trail::operation::remove, "admin");
    draft.with_payload(audit_trail::payload::from_delete({{"name", "Ada"}, {"logins", 3}}));

    // Returns only the id and the timestamp. `written`: survives the end of the process, but perhaps not a power cut.
    auto recorded = trail.async_record(std::move(draft), audit_trail::durability::written, boost::asio::use_future);
    std::cout << "event " << recorded.get().event_id << " was written\n";
    trail.async_close(boost::asio::use_future).get();
}
