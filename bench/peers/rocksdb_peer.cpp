#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <stdexcept>

#include "peers/members_format.hpp"
#include "peers/peers.hpp"
#include "support/sample_events.hpp"

namespace bench {
namespace {

void check(rocksdb::Status const& status) {
    if (!status.ok()) throw std::runtime_error("RocksDB: " + status.ToString());
}

std::unique_ptr<rocksdb::DB> open(std::filesystem::path const& path) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = std::size_t{1} << 30;  // so that only the write-ahead log is written
    rocksdb::DB* opened = nullptr;
    check(rocksdb::DB::Open(options, path, &opened));
    return std::unique_ptr<rocksdb::DB>(opened);
}

/// Returns a key; keys have the order of the ids.
std::array<char, 8> big_endian(std::uint64_t id) {
    std::array<char, 8> bytes;
    for (std::size_t i = 0; i != bytes.size(); ++i) bytes[i] = static_cast<char>(id >> (56 - 8 * i));
    return bytes;
}

void put(rocksdb::WriteBatch& batch, std::uint64_t id, fmt::memory_buffer& line) {
    auto const draft = sample_event(id - 1, 1);
    line.clear();
    fmt::format_to(std::back_inserter(line), "{}", members_of(id, draft));
    auto const key = big_endian(id);
    check(batch.Put({key.data(), key.size()}, {line.data(), line.size()}));
}

}  // namespace

std::uint64_t rocksdb_entries(std::filesystem::path const& directory, std::uint64_t events,
                              std::uint64_t events_a_batch, stopwatch& watch) {
    auto const database = open(directory / "audit.rocksdb");
    rocksdb::WriteOptions synced;
    synced.sync = true;
    rocksdb::WriteBatch batch;
    fmt::memory_buffer line;
    for (std::uint64_t begin = 0; begin < events; begin += events_a_batch) {
        batch.Clear();
        for (std::uint64_t n = begin; n != std::min(begin + events_a_batch, events); ++n) put(batch, n + 1, line);
        check(database->Write(synced, &batch));
    }
    watch.stop();
    return events;
}

}  // namespace bench
