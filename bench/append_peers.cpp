/// \file
/// Measures events per second of the writer, of other libraries that servers use for audit events (loggers, databases,
/// a stream with a mutex), and of the machine. README.md lists what each contestant promises.
///
/// One producer, one category. Every contestant builds each event and formats or inserts its members itself.
/// Contestants that wait for the disk for each event get fewer events.
#include <algorithm>
#include <string>
#include <vector>

#include "peers/peers.hpp"
#include "support/callback_producer.hpp"
#include "support/contest.hpp"
#include "support/options.hpp"
#include "support/references.hpp"
#include "support/results.hpp"
#include "support/writer_scenario.hpp"

namespace {

using audit_trail::durability;
using bench::contestant;

constexpr std::uint64_t window = 4096;
constexpr std::uint64_t batch = 1024;

template <class Append>
contestant ours(std::string const& name, std::uint64_t events, std::uint64_t under_way, durability wanted) {
    bench::writer_scenario const given{events, under_way, 1, 1, wanted};
    return {name, [given](auto const& directory, bench::stopwatch& watch) {
                return bench::run_producers<bench::callback_producer<Append>>(given, directory, watch);
            }};
}

std::vector<contestant> writers(std::uint64_t events, std::uint64_t few) {
    return {ours<bench::record>("async_record, written", events, window, durability::written),
            ours<bench::append>("async_append, written", events, window, durability::written),
            ours<bench::record>("async_record, synced, 1,024 in flight", events, batch, durability::synced),
            ours<bench::append>("async_append, synced, 1,024 in flight", events, batch, durability::synced),
            ours<bench::append>("async_append, synced, one by one", few, 1, durability::synced)};
}

std::vector<contestant> limits(std::uint64_t events) {
    return {{"loop", [=](auto const& directory, auto&) { return bench::synchronous_loop(directory, events); }},
            {"memcpy + write", [=](auto const& directory, auto&) { return bench::copied_lines(directory, events); }},
            {"write + fdatasync, 1,024 lines",
             [=](auto const& directory, auto&) { return bench::synced_batches(directory, events, batch); }}};
}

std::vector<contestant> loggers(std::uint64_t events) {
    using function = std::uint64_t (*)(std::filesystem::path const&, std::uint64_t);
    auto const make = [=](std::string const& name, function log) {
        return contestant{name, [=](auto const& directory, auto&) { return log(directory, events); }};
    };
    return {make("spdlog, asynchronous, rotating", bench::spdlog_rotating),
            make("spdlog, asynchronous", bench::spdlog_basic), make("Boost.Log, asynchronous", bench::boost_log),
            make("glog", bench::google_log), make("mutex + ofstream", bench::locked_stream)};
}

std::vector<contestant> databases(std::uint64_t events, std::uint64_t few) {
    using function = std::uint64_t (*)(std::filesystem::path const&, std::uint64_t, std::uint64_t, bench::stopwatch&);
    auto const make = [](std::string const& name, function store, std::uint64_t count, std::uint64_t together) {
        return contestant{name, [=](auto const& directory, bench::stopwatch& watch) {
                              return store(directory, count, together, watch);
                          }};
    };
    return {make("SQLite, 1,024 events a commit", bench::sqlite_rows, events, batch),
            make("SQLite, one commit per event", bench::sqlite_rows, few, 1),
            make("RocksDB, 1,024 events a batch", bench::rocksdb_entries, events, batch),
            make("RocksDB, one batch per event", bench::rocksdb_entries, few, 1)};
}

std::vector<contestant> all_contestants(std::uint64_t events) {
    std::uint64_t const few = std::max<std::uint64_t>(events / 100, 1);
    std::vector<contestant> all;
    for (auto const& group : {limits(events), writers(events, few), loggers(events), databases(events, few)}) {
        all.insert(all.end(), group.begin(), group.end());
    }
    return all;
}

bool holds_one_of(std::string const& name, std::vector<std::string> const& texts) {
    return std::any_of(texts.begin(), texts.end(), [&](auto const& text) { return name.find(text) != name.npos; });
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("Events per second of the writer, of loggers and of databases");
    std::uint64_t events = 400000;
    int rounds = 5;
    std::vector<std::string> wanted;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    options.add("--events", events, "events that each contestant writes; a hundredth where each is synced");
    options.add("--rounds", rounds, "measured rounds, after one that warms up");
    options.add("--only", wanted, "run the loop and the contestants whose names hold one of these texts");
    options.add("--directory", directory, "where to write; its file system is measured");
    bench::results figures(options, "append_peers");
    options.parse(argc, argv);

    auto contestants = all_contestants(events);
    if (!wanted.empty()) {
        std::erase_if(contestants,
                      [&](contestant const& each) { return each.name != "loop" && !holds_one_of(each.name, wanted); });
    }
    auto const standings = bench::hold_contest(contestants, rounds, directory);
    bench::print_standings(standings, {"loop"});
    bench::add_standings(figures, standings);
    figures.write();
}
