#include "storage/commit_log.hpp"

#include <array>

#include "storage/layout.hpp"

namespace audit_trail::storage {

void commit_log::open(file_handle root, error_code& ec) {
    file_ = owned_file(system_, system_.open_file(root, commit_log_name, open_mode::read_write, ec));
    if (!ec) task_file_ = owned_file(system_, system_.open_file(root, commit_log_name, open_mode::read_write, ec));
}

bool commit_log::vanished(error_code& ec) {
    auto const status = system_.status(file_.get(), ec);
    return !ec && (status.links != 1 || status.size < space_.capacity());
}

void commit_log::rewind(error_code& ec) {
    log_header const header{generation_, first_log_position, sequence_};
    write_fully_at_synced(system_, file_.get(), 0, format_log_header(header), ec);
    if (ec) return;
    std::uint64_t const capacity = space_.capacity();
    space_ = {};
    space_.grow(capacity);
    tail_sequence_ = sequence_;
}

void commit_log::begin_generation(std::uint64_t generation, std::uint64_t bytes) noexcept {
    generation_ = generation;
    sequence_ = tail_sequence_ = 1;
    space_ = {};
    space_.grow(bytes);
}

log_record_builder& commit_log::begin_record(std::uint64_t next_id) {
    record_.begin(generation_, sequence_, next_id);
    return record_;
}

std::size_t commit_log::write_record(error_code& ec) {
    std::string_view const bytes = record_.finish();
    before_last_ = space_;
    last_begin_ = *space_.place(bytes.size());
    space_.use(last_begin_, bytes.size());
    ++sequence_;
    write_fully_at_synced(system_, file_.get(), last_begin_, bytes, ec);
    return bytes.size();
}

/// Overwrites the record's header. The next record gets the same sequence number.
void commit_log::withdraw_record(error_code& ec) {
    std::array<char, log_record_builder::header_bytes> const zeros{};
    write_fully_at_synced(system_, file_.get(), last_begin_, zeros, ec);
    if (ec) return;
    --sequence_;
    space_ = before_last_;
}

}  // namespace audit_trail::storage
