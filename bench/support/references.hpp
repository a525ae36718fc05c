/// \file
/// Reference loops that the writer is compared with.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

/// The limit of one thread: builds drafts, encodes them into one buffer, writes 256 KiB at a time, rolls at 5 MiB. No
/// queue, no handler, no acknowledgement.
std::uint64_t synchronous_loop(std::filesystem::path const& directory, std::uint64_t events);

/// The limit of memory and file: copies one prepared line repeatedly into a buffer of 256 KiB; writes and rolls as in
/// the loop.
std::uint64_t copied_lines(std::filesystem::path const& directory, std::uint64_t events);

/// The limit of the disk: writes and syncs `batch` prepared lines repeatedly; rolls as in the loop.
/// \return the number of events in whole batches
std::uint64_t synced_batches(std::filesystem::path const& directory, std::uint64_t events, std::uint64_t batch);

/// Imitates a server without a library: posts every event to a strand of another thread, which encodes it, writes it
/// and posts its completion back, one event at a time. `window` events are in flight.
std::uint64_t plain_post(std::filesystem::path const& directory, std::uint64_t events, std::uint64_t window);

}  // namespace bench
