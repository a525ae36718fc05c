#include "support/contest.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace bench {
namespace {

double measure(contestant const& one, std::filesystem::path const& directory) {
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    stopwatch watch;
    std::uint64_t const events = one.run(directory, watch);
    double const seconds = watch.seconds();
    std::filesystem::remove_all(directory);
    return static_cast<double>(events) / seconds;
}

double rate_of(std::vector<standing> const& standings, std::string const& name) {
    for (standing const& each : standings) {
        if (each.name == name) return each.events_a_second;
    }
    throw std::invalid_argument("no contestant is called " + name);
}

}  // namespace

std::vector<standing> hold_contest(std::vector<contestant> const& contestants, int rounds,
                                   std::filesystem::path const& parent) {
    std::filesystem::path const directory = parent / "audit_trail_bench";
    std::vector<std::vector<double>> rates(contestants.size());
    for (int round = -1; round != rounds; ++round) {  // round -1 warms up
        for (std::size_t i = 0; i != contestants.size(); ++i) {
            double const rate = measure(contestants[i], directory);
            if (round >= 0) rates[i].push_back(rate);
        }
    }
    std::vector<standing> standings;
    for (std::size_t i = 0; i != contestants.size(); ++i) {
        std::sort(rates[i].begin(), rates[i].end());
        standings.push_back({contestants[i].name, rates[i][rates[i].size() / 2], rates[i].front(), rates[i].back()});
    }
    return standings;
}

void print_standings(std::vector<standing> const& standings, std::vector<std::string> const& references) {
    std::printf("%-58s %12s %12s %12s", "", "events/s", "lowest", "highest");
    for (std::string const& reference : references) std::printf("   x %s", reference.c_str());
    std::printf("\n");
    for (standing const& each : standings) {
        std::printf("%-58s %12.0f %12.0f %12.0f", each.name.c_str(), each.events_a_second, each.lowest, each.highest);
        for (std::string const& reference : references) {
            std::printf("   %*.2f", static_cast<int>(reference.size()) + 2,
                        each.events_a_second / rate_of(standings, reference));
        }
        std::printf("\n");
    }
}

void add_standings(results& figures, std::vector<standing> const& standings) {
    for (standing const& each : standings) figures.add(each.name, each.events_a_second, "events/s");
}

}  // namespace bench
