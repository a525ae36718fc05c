#include "storage/index_file.hpp"

#include <boost/json/parse.hpp>
#include <cerrno>

#include "storage/layout.hpp"

namespace audit_trail::storage {
namespace {

namespace json = boost::json;

constexpr std::size_t read_limit = 64 * 1024;

bool is_absent(error_code const& ec) {
    return ec == error::not_a_trail || is_errno(ec, ENOENT);
}

void put_index(std::uint64_t last_event_id, detail::text_buffer& text) {
    text.append("{\"last_event_id\": ");
    put_padded_number(last_event_id, text);
    text.append("}\n");
}

}  // namespace

std::string format_index(std::uint64_t last_event_id) {
    detail::text_buffer text;
    put_index(last_event_id, text);
    return std::string(text.view());
}

std::optional<std::uint64_t> parse_index(std::string_view text) {
    error_code ec;
    json::value const parsed = json::parse(text, ec);
    if (ec || !parsed.is_object()) return std::nullopt;
    auto const id = number_of(parsed.get_object(), "last_event_id");
    return id && *id <= largest_mark ? id : std::nullopt;
}

std::optional<std::uint64_t> index_file::read(file_handle root, error_code& ec) {
    owned_file const file(system_, system_.open_file(root, index_name, open_mode::read, ec));
    if (is_absent(ec)) return ec = {}, std::nullopt;
    if (!ec) text_ = read_text(system_, file.get(), read_limit, ec);
    return ec ? std::nullopt : parse_index(text_);
}

bool index_file::is_kept() const {
    auto const known = parse_index(text_);
    return known && text_ == format_index(*known);
}

void index_file::prepare(file_handle root, std::uint64_t last_event_id, error_code& ec) {
    std::string const text = format_index(last_event_id);
    if (!is_kept()) return replace(root, text, ec);

    file_ = owned_file(system_, system_.open_file(root, index_name, open_mode::read_write, ec));
    if (ec == error::not_a_trail) return replace(root, text, ec);
    if (!ec && text != text_) write(last_event_id, ec);
}

void index_file::replace(file_handle root, std::string const& text, error_code& ec) {
    file_ = owned_file(system_, system_.open_file(root, index_draft_name, open_mode::replace, ec));
    if (!ec) write_fully_at(system_, file_.get(), 0, text, ec);
    if (!ec) system_.sync(file_.get(), ec);
    if (!ec) system_.rename(root, index_draft_name, index_name, ec);
    if (is_errno(ec, EISDIR)) ec = error::not_a_trail;
    if (!ec) system_.sync(root, ec);
    if (!ec) text_ = text;
}

void index_file::write(std::uint64_t last_event_id, error_code& ec) {
    detail::text_buffer text;
    put_index(last_event_id, text);
    std::size_t const written = write_fully_at(system_, file_.get(), 0, text.view(), ec);
    if (!ec) return static_cast<void>(text_.assign(text.view()));  // of the same size
    if (written == 0) return;
    error_code restoring;
    write_fully_at(system_, file_.get(), 0, text_, restoring);
    torn_ = restoring.failed();
}

void index_file::sync(error_code& ec) {
    system_.sync_data(file_.get(), ec);
}

}  // namespace audit_trail::storage
