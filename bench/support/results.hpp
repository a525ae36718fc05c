/// \file
/// Writes the figures of a bench for `bench/report` and other programs.
#pragma once

#include <boost/json/array.hpp>
#include <filesystem>
#include <string>

#include "support/options.hpp"

namespace bench {

/// The target of a figure.
struct target {
    bool at_least;
    double value;
};

constexpr target at_most(double value) {
    return {false, value};
}
constexpr target at_least(double value) {
    return {true, value};
}

/// A list of figures. It is written to a file if the bench was called with `--json FILE`:
/// `[{"bench":"append_memory","name":"wait, default limits: grown","value":41.5,"unit":"MiB"},…]`
/// A figure with a target has the additional member `at_most` or `at_least`.
class results {
 public:
    /// Adds the option `--json`.
    results(options& given, std::string bench);

    void add(std::string const& name, double value, std::string const& unit);

    /// Adds a figure, and prints it with its target.
    void compare(std::string const& name, double value, std::string const& unit, target wanted);

    /// Writes the file, if one was requested.
    /// \throws std::runtime_error
    void write() const;

 private:
    std::string const bench_;
    std::filesystem::path path_;
    boost::json::array figures_;
};

}  // namespace bench
