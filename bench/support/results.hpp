/// \file
/// The figures that a bench measured, for `bench/report` and other programs to read.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <filesystem>
#include <string>

namespace bench {

/// What is asked of a figure.
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

/// A list of figures, which becomes a file when the bench was called with `--json FILE`:
/// `[{"bench":"append_memory","name":"wait, default limits: grown","value":41.5,"unit":"MiB"},…]`
/// A figure that was compared has a member `at_most` or `at_least` besides.
class results {
 public:
    /// Gives `app` the option `--json`.
    results(CLI::App& app, std::string bench);

    void add(std::string const& name, double value, std::string const& unit);

    /// Adds a figure, and prints it beside what is asked of it.
    void compare(std::string const& name, double value, std::string const& unit, target wanted);

    /// Does nothing when no file was asked for.
    /// \throws std::runtime_error
    void write() const;

 private:
    std::string const bench_;
    std::filesystem::path path_;
    boost::json::array figures_;
};

}  // namespace bench
