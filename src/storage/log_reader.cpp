#include "storage/log_reader.hpp"

#include <array>
#include <map>
#include <utility>

#include "system/file_operations.hpp"

namespace audit_trail::storage {
namespace {

constexpr std::size_t window_bytes = 64 * 1024;

bool is_zero(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == bytes.npos;
}

/// Returns the record at this position, or an empty text if there is no valid record that `accepts(head)`.
template <class Accepts>
std::string record_at(file_system& system, file_handle log, std::uint64_t position, Accepts accepts, error_code& ec) {
    std::string bytes(log_record_builder::header_bytes, '\0');
    bytes.resize(read_fully_at(system, log, position, bytes, ec));
    auto const head = parse_log_record_head(bytes);
    if (ec || !head || !accepts(*head)) return {};
    auto const size = system.status(log, ec).size;
    if (ec || size < position || size - position < head->bytes) return {};
    bytes.resize(head->bytes);
    bool const is_read = read_fully_at(system, log, position, bytes, ec) == bytes.size() && !ec;
    return is_read && parse_log_record(bytes) ? bytes : std::string();
}

void read_records(file_system& system, file_handle log, log_content& found, error_code& ec) {
    log_header next = *found.header;
    for (auto record = read_log_record(system, log, next, ec); !record.empty();) {
        found.records.push_back(std::move(record));
        record = read_log_record(system, log, next, ec);
    }
    found.end = next.tail;
}

using records_by_sequence = std::map<std::uint64_t, std::string>;

records_by_sequence find_records(file_system& system, file_handle log, std::uint64_t generation,
                                 std::uint64_t first_sequence, error_code& ec) {
    constexpr std::size_t head_bytes = log_record_builder::header_bytes;
    auto const is_wanted = [&](log_record_head const& head) {
        return head.generation == generation && head.sequence >= first_sequence;
    };
    records_by_sequence found;
    std::string window;
    std::uint64_t next = first_log_position;  // no record begins before it
    for (auto begin = next; !ec; begin += window_bytes) {
        window.resize(window_bytes + head_bytes - 1);  // each head is whole in one window
        window.resize(read_fully_at(system, log, begin, window, ec));
        if (window.size() < head_bytes) break;
        for (std::size_t at = find_log_record_head(window, generation, 0); !ec && at != window.npos;
             at = find_log_record_head(window, generation, at + 1)) {
            auto const head = parse_log_record_head(std::string_view(window).substr(at));
            if (begin + at < next || !head || !is_wanted(*head)) continue;
            auto record = record_at(system, log, begin + at, is_wanted, ec);
            if (record.empty()) continue;
            next = begin + at + record.size();
            found.emplace(head->sequence, std::move(record));
        }
    }
    return found;
}

}  // namespace

std::string read_log_record(file_system& system, file_handle log, log_header& next, error_code& ec) {
    auto const is_next = [&](log_record_head const& head) {
        return head.generation == next.generation && head.sequence == next.sequence;
    };
    std::uint64_t begin = next.tail;
    auto record = record_at(system, log, begin, is_next, ec);
    if (!ec && record.empty()) record = record_at(system, log, begin = first_log_position, is_next, ec);
    if (ec || record.empty()) return {};
    next.tail = begin + record.size();
    ++next.sequence;
    return record;
}

log_content read_commit_log(file_system& system, file_handle log, error_code& ec) {
    log_content found;
    std::array<char, log_header::bytes> bytes{};
    std::string_view const begin(bytes.data(), read_fully_at(system, log, 0, bytes, ec));
    if (ec) return found;
    found.header = parse_log_header(begin);
    found.is_zeroed = is_zero(begin);
    if (found.header) read_records(system, log, found, ec);
    return found;
}

void find_later_records(file_system& system, file_handle log, std::uint64_t generation, log_content& found,
                        error_code& ec) {
    std::uint64_t const next = found.header ? found.header->sequence + found.records.size() : 0;
    auto later = find_records(system, log, generation, next, ec);
    if (ec || later.empty()) return;
    found.damage = found.header ? found.end : 0;
    for (auto& [sequence, bytes] : later) found.records.push_back(std::move(bytes));
}

}  // namespace audit_trail::storage
