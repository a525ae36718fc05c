#include "support/results.hpp"

#include <boost/json/serialize.hpp>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace bench {

results::results(CLI::App& app, std::string bench) : bench_(std::move(bench)) {
    app.add_option("--json", path_, "write the figures to this file as well");
}

void results::add(std::string const& name, double value, std::string const& unit) {
    figures_.push_back({{"bench", bench_}, {"name", name}, {"value", value}, {"unit", unit}});
}

void results::write() const {
    if (path_.empty()) return;
    std::ofstream file(path_);
    file << boost::json::serialize(figures_) << '\n';
    if (!file.flush()) throw std::runtime_error(path_.string() + ": can't be written");
}

}  // namespace bench
