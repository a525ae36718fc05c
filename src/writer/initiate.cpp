#include <audit_trail/writer.hpp>

#include <algorithm>

#include "format/decode.hpp"
#include "format/payload.hpp"
#include "writer/operation_phase.hpp"
#include "writer/writer_core.hpp"

namespace audit_trail::detail {
namespace {

event event_at(operation const& op, std::uint64_t id, line_extent const& line) {
    event result;
    // The writer encoded the line, so decoding cannot fail. A test checks this for every kind of value.
    static_cast<void>(format::decode_tail(id, op.text.view().substr(line.begin, line.size), result));
    return result;
}

operation* without_trail(error_code& ec) noexcept {
    ec = error::closed;
    return nullptr;
}

}  // namespace

operation* prepare_append(writer_core* core, event_draft& draft, std::optional<durability> wanted, error_code& ec) {
    operation* const op = core ? core->prepare_append(draft, wanted, ec) : without_trail(ec);
    if (!op) format::dismantle(draft);  // it may be nested so deep that its destructor would overflow the stack
    return op;
}

operation* prepare_batch(writer_core* core, std::vector<event_draft>& drafts, error_code& ec) {
    operation* const op = core ? core->prepare_batch(drafts, ec) : without_trail(ec);
    if (!op) std::ranges::for_each(drafts, [](event_draft& draft) { format::dismantle(draft); });
    return op;
}

operation* prepare_flush(writer_core* core, durability wanted, error_code& ec) {
    return core ? core->prepare_flush(wanted, ec) : without_trail(ec);
}

operation* prepare_close(writer_core* core, error_code& ec) {
    return core ? core->prepare_close(ec) : without_trail(ec);
}

void watch_contexts(operation const& op) {
    op.core->watch_contexts(op);
}

void submit(operation& op) {
    if (op.what == operation::kind::open) return op.core->open_in_background(op);
    op.core->submit(op);
}

void discard(operation& op) noexcept {
    op.core->discard(op);
}

void release(operation& op) noexcept {
    if (op.opened) op.opened->release_handle();
    if (operation_phase::is_cancelled(op)) return op.core->release_cancelled(op, operation_phase::handler_left);
    op.core->release(op);
}

asio::any_io_executor const& executor_of(writer_core const* core) noexcept {
    static asio::any_io_executor const none;
    return core ? core->home().get() : none;
}

cancellation_ticket::cancellation_ticket(operation& op)
    : core_(op.core->weak_from_this()), op_(&op), queued_phase_(operation_phase::make_cancellable(op)) {}

void cancellation_ticket::cancel() const {
    if (auto const core = core_.lock()) core->cancel(*op_, queued_phase_);
}

event take_event(operation const& op) {
    return event_at(op, op.first_id, op.line);
}

receipt take_receipt(operation const& op) noexcept {
    return {op.first_id, op.line.timestamp};
}

std::vector<event> take_events(operation const& op) {
    std::vector<event> result;
    result.reserve(op.line_count);
    op.for_each_line(
        [&](line_extent const& line) { result.push_back(event_at(op, op.first_id + result.size(), line)); });
    return result;
}

operation* prepare_open(asio::any_io_executor executor, std::filesystem::path root, writer_options const& options,
                        error_code& ec) {
    if (!executor) {
        ec = error::no_executor;
        return nullptr;
    }
    auto const core = std::make_shared<writer_core>(std::move(executor), std::move(root), options);
    auto* const op = new operation;
    op->what = operation::kind::open;
    op->core = core.get();
    op->opened = core;
    return op;
}

}  // namespace audit_trail::detail
