/// \file
/// Other libraries with which servers write audit events. Each function opens the library with the options that its
/// manual recommends for speed, passes it the same events member by member, and returns when the promise for the last
/// event is fulfilled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "support/contest.hpp"

namespace bench {

// Of spdlog and Boost.Log.
inline constexpr std::size_t queue_events = 32 * 1024;
inline constexpr std::size_t max_file_bytes = 5 * 1024 * 1024;

/// spdlog, one file. An asynchronous logger, overflow policy `block`; ends when the file is closed.
std::uint64_t spdlog_basic(std::filesystem::path const& directory, std::uint64_t events);

/// The same, rotating at 5 MiB. No file is deleted.
std::uint64_t spdlog_rotating(std::filesystem::path const& directory, std::uint64_t events);

/// Boost.Log: an asynchronous sink that blocks on overflow, rotating at 5 MiB; ends when the file is closed.
std::uint64_t boost_log(std::filesystem::path const& directory, std::uint64_t events);

/// glog, one file, buffered: no queue, the caller's thread writes; ends when the file is closed.
std::uint64_t google_log(std::filesystem::path const& directory, std::uint64_t events);

/// A std::ofstream under a mutex, one file; ends when the file is closed.
std::uint64_t locked_stream(std::filesystem::path const& directory, std::uint64_t events);

/// SQLite: one row per event, journal mode WAL, synchronous FULL. The watch stops at the last commit.
std::uint64_t sqlite_rows(std::filesystem::path const& directory, std::uint64_t events, std::uint64_t events_a_commit,
                          stopwatch& watch);

/// RocksDB: one entry per event, the write-ahead log synced with every batch. The watch stops at the last batch.
std::uint64_t rocksdb_entries(std::filesystem::path const& directory, std::uint64_t events,
                              std::uint64_t events_a_batch, stopwatch& watch);

}  // namespace bench
