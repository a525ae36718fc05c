#include <audit_trail/reader.hpp>
#include <utility>

#include "format/decode.hpp"
#include "format/line_header.hpp"
#include "reader/reader_impl.hpp"

namespace audit_trail {
namespace {

reader_options with_order(read_order order) {
    reader_options options;
    options.order = order;
    return options;
}

}  // namespace

reader::reader(std::filesystem::path const& root, event_filter filter, read_order order)
    : reader(root, std::move(filter), with_order(order)) {}

reader::reader(std::filesystem::path const& root, event_filter filter, reader_options const& options) {
    error_code ec;
    *this = reader(root, std::move(filter), options, ec);
    if (ec) throw boost::system::system_error(ec, root.string());
}

reader::reader(std::filesystem::path const& root, event_filter filter, reader_options const& options, error_code& ec)
    : impl_(
          std::make_unique<reading::reader_impl>(storage::posix_file_system(), root, std::move(filter), options, ec)) {}

reader::reader(reader&&) noexcept = default;
reader& reader::operator=(reader&&) noexcept = default;
reader::~reader() = default;

std::optional<entry> reader::next() {
    entry found;
    if (!impl_->next(found)) return std::nullopt;
    return found;
}

bool reader::next(entry& into) {
    return impl_->next(into);
}

std::uint64_t reader::count() {
    return impl_->count();
}

read_report const& reader::report() const noexcept {
    return impl_->report();
}

std::optional<std::uint64_t> reader::limit() const noexcept {
    return impl_->limit();
}

error_code entry::decode_payload() {
    bool const knows_offset = payload_offset != 0 && payload_offset < line.size();
    if (!knows_offset) return decode_line();
    auto const text = std::string_view(line).substr(payload_offset);
    auto const failure = format::decode_payload(text, event.payload.emplace());
    if (!failure) return {};
    event.payload.reset();
    return failure->code;
}

std::string_view entry::payload_text() const {
    bool const knows_offset = payload_offset != 0 && payload_offset < line.size();
    if (!knows_offset) return format::payload_text(line);
    // In the usual order the payload is the last member: only the line's closing brace follows.
    return std::string_view(line).substr(payload_offset, line.size() - 1 - payload_offset);
}

std::string_view entry::context_text() const {
    return format::context_text(line);
}

error_code entry::decode_line() {
    auto request_id = event.request_id;
    auto context = event.context;
    auto const failure = format::decode_event(line, event);
    if (!failure) return {};
    event.request_id = std::move(request_id);
    event.context = std::move(context);
    event.payload.reset();
    return failure->code;
}

}  // namespace audit_trail
