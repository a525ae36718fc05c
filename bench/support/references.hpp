/// \file
/// What the writer is measured against.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

/// The limit of one thread: drafts built and encoded into one buffer, written 256 KiB at a time, rolled at 5 MiB. No
/// queue, no handler, no acknowledgement.
std::uint64_t synchronous_loop(std::filesystem::path const& directory, std::uint64_t events);

/// The limit of memory and file: one line, made once, is copied into a buffer of 256 KiB again and again; written and
/// rolled as in the loop.
std::uint64_t copied_lines(std::filesystem::path const& directory, std::uint64_t events);

/// The limit of the disk: `batch` lines, made once, are written and synced again and again; rolled as in the loop.
/// \return the events of whole batches
std::uint64_t synced_batches(std::filesystem::path const& directory, std::uint64_t events, std::uint64_t batch);

/// What a server would write without a library: every event posted to a strand of another thread, which encodes it,
/// writes it and posts its completion back, one event at a time. `window` of them are under way.
std::uint64_t plain_post(std::filesystem::path const& directory, std::uint64_t events, std::uint64_t window);

}  // namespace bench
