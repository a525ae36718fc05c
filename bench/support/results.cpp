#include "support/results.hpp"

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace bench {

results::results(options& given, std::string bench) : bench_(std::move(bench)) {
    given.add("--json", path_, "write the figures to this file as well");
}

void results::add(std::string const& name, double value, std::string const& unit) {
    figures_.push_back({{"bench", bench_}, {"name", name}, {"value", value}, {"unit", unit}});
}

void results::compare(std::string const& name, double value, std::string const& unit, target wanted) {
    add(name, value, unit);
    figures_.back().as_object().emplace(wanted.at_least ? "at_least" : "at_most", wanted.value);
    bool const met = wanted.at_least ? value >= wanted.value : value <= wanted.value;
    std::printf("%-72s %s %8.2f %10.2f %-9s %s\n", name.c_str(), wanted.at_least ? ">=" : "<=", wanted.value, value,
                unit.c_str(), met ? "met" : "MISSED");
    std::fflush(stdout);
}

void results::write() const {
    if (path_.empty()) return;
    std::ofstream file(path_);
    file << boost::json::serialize(figures_) << '\n';
    if (!file.flush()) throw std::runtime_error(path_.string() + ": can't be written");
}

}  // namespace bench
