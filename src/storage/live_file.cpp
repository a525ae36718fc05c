// Segments that somebody deletes, replaces or cuts short under the writer. Nothing is acknowledged into such a file:
// the batch's lines for it go whole to the next segment.

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "storage/layout.hpp"
#include "storage/trail_store.hpp"

namespace audit_trail::storage {
namespace {

/// Whoever takes every new segment away again is not waited for.
constexpr int max_moves = 16;

}  // namespace

void trail_store::check_live_files(batch& gathered, error_code& ec) {
    for (int moves = 0; piece* const vanished = find_vanished(gathered, ec); ++moves) {
        if (moves == max_moves) ec = {EIO, boost::system::system_category()};
        if (!ec) move_lines(gathered, *vanished, ec);
        if (ec) return;
    }
}

piece* trail_store::find_vanished(batch const& gathered, error_code& ec) {
    for (auto const& part : gathered.pieces()) {
        bool const live = part->bytes.size() == 0 || is_live(*part, ec);
        if (ec) return nullptr;
        if (!live) return part.get();
    }
    return nullptr;
}

bool trail_store::is_live(piece const& part, error_code& ec) {
    auto const file = system_.status(part.target->file, ec);
    if (ec) return false;
    auto const path = segment_path(part.owner->domain, part.owner->name, part.segment);
    auto name = system_.status_at(root_.get(), path.c_str(), ec);
    if (is_out_of_descriptors(ec) && release_reserve()) {
        name = system_.status_at(root_.get(), path.c_str(), ec);
        error_code ignored;
        take_reserve(ignored);
    }
    if (ec) {
        bool const gone = is_errno(ec, ENOENT) || is_errno(ec, ENOTDIR) || ec == error::not_a_trail;
        if (gone) ec = {};
        return false;
    }
    std::uint64_t const expected = part.offset + part.bytes.size();
    // Longer means that somebody else appends; what is ours is there, and the next line goes elsewhere.
    if (file.size > expected && part.owner->tail.number == part.segment) part.owner->tail.size = segment_tail::sealed;
    return file.links == 1 && file.inode == name.inode && file.device == name.device && file.size >= expected;
}

/// The lines of later pieces follow, so that a category's files stay in the order of their ids.
void trail_store::move_lines(batch& gathered, piece& vanished, error_code& ec) {
    category& owner = *vanished.owner;
    note_vanished(owner, vanished.segment, &vanished, ec);
    if (ec) return;
    vanished.tail_before = {vanished.segment, segment_tail::sealed};
    std::vector<piece*> moving;
    for (auto const& part : gathered.pieces()) {
        bool const moves = part->owner == &owner && part->segment >= vanished.segment && part->bytes.size() != 0;
        if (!moves) continue;
        withdraw(*part, ec);
        if (ec) return;
        moving.push_back(part.get());
    }

    owner.tail.size = segment_tail::sealed;
    open_other_segment(gathered, owner, ec);
    if (ec) return;
    for (piece* const part : moving) {
        segments_.close(*part->target);
        part->target = owner.segment;
        part->offset = 0;
        part->segment = owner.segment->number;
        if (part == &vanished) continue;
        vanished.bytes.append(part->bytes.view());
        vanished.last_id = part->last_id;
        vanished.synced |= part->synced;
        part->bytes.clear();
    }
    owner.tail = {vanished.segment, vanished.bytes.size()};

    vanished.written = append_fully(system_, vanished.target->file, vanished.bytes.view(), ec);
    if (ec || !vanished.synced) return;
    plan_sync(*vanished.target, ec);
    if (!ec) run_syncs(ec);
}

/// A line must not stand in two segments: what the old one still holds of the piece is cut off.
void trail_store::withdraw(piece& part, error_code& ec) {
    auto const status = system_.status(part.target->file, ec);
    if (ec) return;
    std::uint64_t const own = bytes_held(part, status.size, ec);
    if (ec) return;
    part.offset = status.size - own;
    if (own != 0) system_.truncate(part.target->file, part.offset, ec);
    if (ec) return;
    part.written = 0;
    if (own == 0) return;
    system_.sync(part.target->file, ec);
    if (ec) fail(ec);
}

/// How many bytes at the end of the file are the piece's.
std::uint64_t trail_store::bytes_held(piece const& part, std::uint64_t size, error_code& ec) {
    if (size == part.offset + part.written) return part.written;

    // Where somebody cut the file short, the piece stands at its end and not where it was meant to.
    bool const at_end = part.written != 0 && size >= part.written && ends_with(part, size, ec);
    if (ec) return 0;
    if (at_end) return part.written;
    return size > part.offset ? size - part.offset : 0;
}

/// Whether the file, of that size, ends with what was written of the piece. Allocates nothing.
bool trail_store::ends_with(piece const& part, std::uint64_t size, error_code& ec) {
    std::array<char, 4096> block;
    std::string_view const written = part.bytes.view().substr(0, part.written);
    for (std::size_t done = 0; done != written.size();) {
        auto const expected = written.substr(done, block.size());
        auto const found = std::span(block).first(expected.size());
        read_fully_at(system_, part.target->file, size - written.size() + done, found, ec);
        if (ec || !std::ranges::equal(found, expected)) return false;
        done += expected.size();
    }
    return true;
}

}  // namespace audit_trail::storage
