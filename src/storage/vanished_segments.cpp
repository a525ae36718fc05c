// Detects segments that another program deletes, replaces or cuts short while the writer uses them. No line is
// acknowledged in such a file: all lines of the batch for it are written to the next segment.

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "storage/layout.hpp"
#include "storage/recovery_log.hpp"
#include "storage/trail_store.hpp"

namespace audit_trail::storage {
namespace {

/// Limits the moves, so that the batch ends even if another program deletes every new segment.
constexpr int max_moves = 16;

}  // namespace

/// Begins again after every move, because another segment may have vanished during it.
void trail_store::check_live_files(batch& gathered, error_code& ec) {
    ec = {};
    int moves = 0;
    std::string_view checked_domain;
    for (std::size_t n = 0; n != gathered.writes().size();) {
        segment_write& write = *gathered.writes()[n];
        auto const state = write.bytes.size() == 0 ? live_state::intact : inspect(write, checked_domain, ec);
        if (ec) return;
        if (state == live_state::longer) seal(write);
        if (state != live_state::vanished) {
            ++n;
            continue;
        }
        if (moves++ == max_moves) ec = {EIO, boost::system::system_category()};
        if (!ec) move_lines(gathered, write, ec);
        if (ec) return;
        checked_domain = {};
        n = 0;
    }
}

trail_store::live_state trail_store::inspect(segment_write const& write, std::string_view& checked_domain,
                                             error_code& ec) {
    segment_file& target = *write.target;
    if (target.inode == 0) remember_inode(target, ec);
    if (ec) return live_state::vanished;
    auto const found = look_up(target, checked_domain, ec);
    if (ec) {
        bool const gone = is_errno(ec, ENOENT) || is_errno(ec, ENOTDIR) || ec == error::not_a_trail;
        if (gone) ec = {};
        return live_state::vanished;
    }
    std::uint64_t const expected = write.offset + write.bytes.size();
    bool const same_file = found.links == 1 && found.inode == target.inode && found.device == target.device;
    if (!same_file || found.size < expected) return live_state::vanished;
    return found.size > expected ? live_state::longer : live_state::intact;
}

void trail_store::remember_inode(segment_file& segment, error_code& ec) {
    auto const status = system_.status(segment.file, ec);
    if (ec) return;
    segment.inode = status.inode;
    segment.device = status.device;
}

/// Returns the status of the file that the segment's path leads to now. error::not_a_trail: the path has a link.
/// \param checked_domain the domain whose directory was checked last
file_status trail_store::look_up(segment_file const& segment, std::string_view& checked_domain, error_code& ec) {
    auto const check_directory = [&](std::string const& path) {
        if (system_.lookup(root_.get(), path.c_str(), ec).kind != file_kind::directory && !ec) ec = error::not_a_trail;
    };
    if (checked_domain != segment.owner->domain) check_directory(segment.owner->domain);
    if (!ec) check_directory(segment.path.substr(0, segment.path.rfind('/')));
    if (ec) return {};
    checked_domain = segment.owner->domain;
    return system_.lookup(root_.get(), segment.path.c_str(), ec);
}

/// Another program appends to the file. The batch's lines are in it; the next line goes to another segment.
void trail_store::seal(segment_write& write) noexcept {
    write.shared = true;
    segment_tail& tail = write.owner->tail;
    if (tail.number == write.segment) tail.size = segment_tail::sealed;
}

/// Moves the lines of the category's later writes too, so that its files stay in the order of their ids.
void trail_store::move_lines(batch& gathered, segment_write& vanished, error_code& ec) {
    category& owner = *vanished.owner;
    note_vanished(owner, vanished.segment, &vanished, ec);
    if (!ec) finish_log_task(ec);  // it may use the files that are closed here
    if (ec) return;
    vanished.tail_before = {vanished.segment, segment_tail::sealed};
    std::vector<segment_write*> moving;
    for (auto const& write : gathered.writes()) {
        bool const moves = write->owner == &owner && write->segment >= vanished.segment && write->bytes.size() != 0;
        if (!moves) continue;
        withdraw(*write, ec);
        if (ec) return;
        moving.push_back(write.get());
    }

    owner.tail.size = segment_tail::sealed;
    open_other_segment(gathered, owner, ec);
    if (ec) return;
    for (segment_write* const write : moving) {
        segments_.close(*write->target);
        write->target = owner.segment;
        write->offset = 0;
        write->segment = owner.segment->number;
        if (write == &vanished) continue;
        vanished.bytes.append(write->bytes.view());
        vanished.last_id = write->last_id;
        vanished.synced |= write->synced;
        write->bytes.clear();
    }
    owner.tail = {vanished.segment, vanished.bytes.size()};

    vanished.written = append_fully(system_, vanished.target->file, vanished.bytes.view(), ec);
    if (ec || !vanished.synced) return;
    plan_sync(*vanished.target, ec);
    if (!ec) run_syncs(ec);
}

/// Cuts off the bytes of the write that the old segment still has: no line may be in two segments.
void trail_store::withdraw(segment_write& write, error_code& ec) {
    auto const status = system_.status(write.target->file, ec);
    if (ec) return;
    std::uint64_t const own = bytes_held(write, status.size, ec);
    if (ec) return;
    write.offset = status.size - own;
    if (own != 0) system_.truncate(write.target->file, write.offset, ec);
    if (ec) return;
    write.written = 0;
    if (own == 0 && write.target->first_unsynced == 0) return;
    system_.sync(write.target->file, ec);
    if (ec) fail(ec);
}

/// Returns how many bytes at the end of the file belong to the write.
std::uint64_t trail_store::bytes_held(segment_write const& write, std::uint64_t size, error_code& ec) {
    if (size == write.offset + write.written) return write.written;

    // If another program cut the file short, the write is at the end of the file, not at its planned offset.
    bool const at_end = write.written != 0 && size >= write.written && ends_with(write, size, ec);
    if (ec) return 0;
    if (at_end) return write.written;
    return size > write.offset ? size - write.offset : 0;
}

/// Returns true if a file of this size ends with the bytes that were written. Allocates nothing.
bool trail_store::ends_with(segment_write const& write, std::uint64_t size, error_code& ec) {
    std::array<char, 4096> block;
    std::string_view const written = write.bytes.view().substr(0, write.written);
    for (std::size_t done = 0; done != written.size();) {
        auto const expected = written.substr(done, block.size());
        auto const found = std::span(block).first(expected.size());
        read_fully_at(system_, write.target->file, size - written.size() + done, found, ec);
        if (ec || !std::ranges::equal(found, expected)) return false;
        done += expected.size();
    }
    return true;
}

/// `write` is null if the segment vanished before the batch wrote to it.
void trail_store::note_vanished(category const& owner, std::uint64_t number, segment_write const* write,
                                error_code& ec) {
    auto finding = new_finding(recovery_finding::kind_type::vanished_segment);
    finding.path = segment_path(owner.domain, owner.name, number);
    finding.first_id = write ? write->first_id : 0;
    finding.last_id = write ? write->last_id : 0;
    finding.reason = write ? "deleted, replaced or cut short while it was written; these ids went to the next segment"
                           : "deleted, replaced or changed by another; the next segment was begun";
    record_findings(system_, root_.get(), {&finding, 1}, ec);
    if (!ec) ++vanished_segments_;
}

}  // namespace audit_trail::storage
