/// \file
/// A small server that retries: it appends events again that were not written, after a line on its input.
///
///     fault_server ROOT EVENTS CATEGORIES BYTES
///
/// Appends EVENTS events with payloads of BYTES bytes. Prints `ready`, `stored NUMBER ID` for each acknowledgement, and
/// `refused REASON` if an event was not written and no call is in flight any more. Then it waits for a line on its
/// input. Exits with 0 when all events are stored and the trail is closed.
#include <unistd.h>

#include <audit_trail.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <string>

namespace {

namespace asio = boost::asio;
using audit_trail::error_code;

struct task {
    std::string root;
    int events;
    int categories;
    std::size_t bytes;
};

class server {
 public:
    explicit server(task given)
        : given_(std::move(given)),
          input_(context_, STDIN_FILENO),
          trail_(audit_trail::writer::open(context_.get_executor(), given_.root)) {
        for (int number = 0; number != given_.events; ++number) to_send_.push_back(number);
        std::cout << "ready" << std::endl;
    }

    void run() {
        go_on();
        context_.run();
    }

 private:
    void go_on() {
        while (refusal_.empty() && in_flight_ != window && !to_send_.empty()) send();
        if (in_flight_ != 0) return;
        if (!refusal_.empty()) return await_order();
        if (to_send_.empty()) close();
    }

    void send() {
        int const number = to_send_.front();
        to_send_.pop_front();
        ++in_flight_;
        trail_.async_record(draft(number), [this, number](error_code ec, audit_trail::receipt const& stored) {
            --in_flight_;
            finish(number, ec, stored);
            go_on();
        });
    }

    audit_trail::event_draft draft(int number) const {
        return audit_trail::event_draft("shop", "c" + std::to_string(number % given_.categories),
                                        "n" + std::to_string(number), audit_trail::operation::create, "somebody")
            .with_payload(audit_trail::payload::from_create({{"text", std::string(given_.bytes, 'x')}}));
    }

    void finish(int number, error_code ec, audit_trail::receipt const& stored) {
        if (!ec) {
            std::cout << "stored " << number << ' ' << stored.event_id << std::endl;
        } else if (ec == audit_trail::condition::not_written) {
            to_send_.push_back(number);
            refusal_ = ec.message();
        } else {
            throw boost::system::system_error(ec);
        }
    }

    void await_order() {
        std::cout << "refused " << refusal_ << std::endl;
        asio::async_read_until(input_, asio::dynamic_buffer(order_), '\n', [this](error_code ec, std::size_t) {
            if (ec) throw boost::system::system_error(ec);
            order_.clear();
            refusal_.clear();
            go_on();
        });
    }

    void close() {
        trail_.async_close([](error_code ec) {
            if (ec) throw boost::system::system_error(ec);
        });
    }

    static constexpr int window = 32;

    task const given_;
    asio::io_context context_;
    asio::posix::stream_descriptor input_;
    audit_trail::writer trail_;
    std::deque<int> to_send_;
    int in_flight_ = 0;
    std::string refusal_;
    std::string order_;
};

}  // namespace

int main(int count, char** arguments) {
    if (count != 5) return std::cerr << "usage: fault_server ROOT EVENTS CATEGORIES BYTES\n", 2;
    try {
        server(
            {arguments[1], std::atoi(arguments[2]), std::atoi(arguments[3]), std::strtoul(arguments[4], nullptr, 10)})
            .run();
    } catch (std::exception const& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
