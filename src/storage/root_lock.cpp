#include "storage/root_lock.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <string_view>

#include "storage/layout.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 5> state_names = {"clean", "open", "lazy", "cutting", "failed"};
constexpr std::size_t longest_state = 7;
constexpr std::size_t record_limit = 4096;
constexpr std::size_t short_record = 90;  // up to `began`, without the bracket

/// States have the same width inside the quotes, so that a torn overwrite still leaves valid JSON.
void put_record(lock_record const& record, detail::text_buffer& text) {
    constexpr std::string_view spaces = "       ";
    std::string_view const state = state_names[static_cast<std::size_t>(record.state)];
    text.append("{\"state\": \"");
    text.append(state);
    text.append(spaces.substr(0, longest_state - state.size()));
    text.append("\", \"synced_through\": ");
    put_padded_number(record.synced_through, text);
    text.append(", \"began\": ");
    put_padded_number(record.began, text);
    text.append(", \"log\": ");
    put_padded_number(record.log_generation, text);
    text.append("}\n");
}

std::optional<end_state> state_of(json::object const& record) {
    auto const* const value = record.if_contains("state");
    if (value == nullptr || !value->is_string()) return std::nullopt;
    std::string_view word = value->get_string();
    word = word.substr(0, word.find(' '));
    for (std::size_t i = 0; i < state_names.size(); ++i) {
        if (word == state_names[i]) return static_cast<end_state>(i);
    }
    // A power cut may have mixed two words. Assume that the end was not clean, and that events were written only.
    return end_state::written;
}

}  // namespace

std::string format_lock_record(lock_record const& record) {
    detail::text_buffer text;
    put_record(record, text);
    return std::string(text.view());
}

/// An earlier version of this library writes a shorter record over a longer one; and a power cut during the first write
/// of a longer record may leave its beginning only.
std::optional<lock_record> parse_lock_record(std::string_view text) {
    error_code ec;
    auto const end = text.find('}');
    std::string const record_text =
        end == text.npos ? std::string(text.substr(0, short_record)) + '}' : std::string(text.substr(0, end + 1));
    json::value const parsed = json::parse(record_text, ec);
    if (ec || !parsed.is_object()) return std::nullopt;
    auto const& record = parsed.get_object();
    auto const state = state_of(record);
    auto const synced_through = number_of(record, "synced_through");
    auto const began = number_of(record, "began");
    if (!state || !synced_through || !began) return std::nullopt;
    return lock_record{*state, *synced_through, *began, number_of(record, "log").value_or(0)};
}

std::optional<lock_record> read_lock_record(file_system& system, file_handle file, error_code& ec) {
    auto const text = read_text(system, file, record_limit, ec);
    return ec ? std::nullopt : parse_lock_record(text);
}

root_lock::root_lock(file_system& system) : system_(system) {
    join_forks(*this);
}

root_lock::~root_lock() {
    leave_forks(*this);
    release();
}

void root_lock::acquire(file_handle root, error_code& ec) {
    std::lock_guard const no_fork(mutex_);
    owned_file file(system_, system_.open_file(root, lock_name, open_mode::read_write, ec));
    if (ec) return;
    bool const taken = system_.try_lock(file.get(), ec);
    if (!taken && !ec) ec = error::locked;
    if (!ec) file_ = file.release();
}

std::optional<lock_record> root_lock::read(error_code& ec) {
    return read_lock_record(system_, file_, ec);
}

void root_lock::write(lock_record const& record, error_code& ec) {
    detail::text_buffer text;
    put_record(record, text);
    write_fully_at(system_, file_, 0, text.view(), ec);
}

void root_lock::sync(error_code& ec) {
    system_.sync_data(file_, ec);
}

void root_lock::release() noexcept {
    std::lock_guard const no_fork(mutex_);
    if (file_ != file_handle::none) system_.close(std::exchange(file_, file_handle::none));
}

void root_lock::before_fork() noexcept {
    mutex_.lock();
}

void root_lock::after_fork_in_parent() noexcept {
    mutex_.unlock();
}

void root_lock::after_fork_in_child() noexcept {
    if (file_ != file_handle::none) system_.close(std::exchange(file_, file_handle::none));
    forked_.store(true, std::memory_order_relaxed);
    mutex_.unlock();
}

}  // namespace audit_trail::storage
