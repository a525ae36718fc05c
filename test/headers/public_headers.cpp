// Compiled with many warnings as errors. The library's headers are not system headers here, as in the builds of some
// users.
#include <audit_trail.hpp>
#include <boost/asio.hpp>
#include <iostream>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace audit_trail;

event_draft make_draft() {
    event_draft draft("accounts", "users", "user-17", operation::update, "admin");
    draft.with_request_id("request").with_timestamp(1).with_payload(payload::from_create({{"name", "Ada"}}));
    event_draft copy = draft;
    return std::move(copy).with_request_id("other").with_timestamp(2).with_payload(payload());
}

asio::awaitable<void> use_writer(asio::any_io_executor executor) {
    writer trail = co_await writer::async_open(executor, "root", writer_options(), asio::use_awaitable);
    co_await trail.async_append(make_draft(), asio::use_awaitable);
    co_await trail.async_append(make_draft(), durability::written, asio::use_awaitable);
    co_await trail.async_record(make_draft(), asio::use_awaitable);
    co_await trail.async_record(make_draft(), durability::written, asio::use_awaitable);
    co_await trail.async_append_batch(std::vector<event_draft>(2), asio::use_awaitable);
    co_await trail.async_flush(durability::synced, asio::use_awaitable);
    co_await trail.async_close(asio::use_awaitable);
}

void use_writer_with_callbacks(writer& trail) {
    trail.async_append(make_draft(), [](error_code, event const&) {});
    trail.async_record(make_draft(), [](error_code, receipt) {});
    trail.async_append_batch({make_draft()}, [](error_code, std::vector<event> const&) {});
    trail.async_flush(durability::synced, asio::detached);
    trail.async_close(asio::detached);
}

void use_writer_with_futures(asio::any_io_executor const& executor) {
    writer trail = writer::async_open(executor, "root", {}, asio::use_future).get();
    trail.async_append(make_draft(), asio::use_future).get();
    trail.async_record(make_draft(), asio::deferred)(asio::detached);
}

asio::awaitable<void> use_follower(asio::any_io_executor executor) {
    follower trail(executor, "root", event_filter(), 1);
    entry const found = co_await trail.async_next(asio::use_awaitable);
    static_cast<void>(found);
    trail.async_next([](error_code, entry const&) {});
}

void use_text() {
    error_code ec;
    std::string explanation;
    event_draft const draft = parse_draft("{}", ec, explanation);
    event shown;
    shown.operation = is_valid_name(draft.domain) ? draft.operation : parse_draft("{}", ec).operation;
    std::cout << shown.operation << to_string(shown.operation) << to_line(shown, ec) << to_json(json::value(), ec);
}

void use_tools() {
    error_code ec;
    for (auto const& finding : plan_recovery("root", ec).findings) std::cout << to_string(finding.kind);
    for (auto const& finding : accept_loss("root", "user", ec)) std::cout << finding.first_id;
    for (auto const& finding : find_open_losses("root", ec)) std::cout << finding.first_id;
    if (auto const plan = plan_recovery("root", ec); plan.obstacle) std::cout << plan.obstacle->path;
    if (auto const found = check_trail("root")) std::cout << found->has_offset();
    std::cout << list_categories("root", ec).size() << read_trail_stats("root", {}, ec).total.events;
}

}  // namespace

int main() {
    asio::io_context context;
    asio::co_spawn(context, use_writer(context.get_executor()), asio::detached);
    asio::co_spawn(context, use_follower(context.get_executor()), asio::detached);
    writer trail = writer::open(context.get_executor(), "root");
    use_writer_with_callbacks(trail);
    use_writer_with_futures(context.get_executor());
    std::vector<entry> entries;
    for (entry& found : reader("root")) entries.push_back(std::move(found));
    use_text();
    use_tools();
    context.run();
}
