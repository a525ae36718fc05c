/// \file
/// The options of a bench. Hides CLI11, because its headers take half of the time to compile a bench.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace bench {

class options {
 public:
    explicit options(std::string const& description);
    options(options const&) = delete;
    options& operator=(options const&) = delete;
    ~options();

    /// Adds an option, which changes the variable. Its default is the value that the variable has now.
    void add(std::string const& name, int& value, std::string const& description);
    void add(std::string const& name, std::uint64_t& value, std::string const& description);
    void add(std::string const& name, std::string& value, std::string const& description);
    void add(std::string const& name, std::vector<std::string>& value, std::string const& description);
    void add(std::string const& name, std::filesystem::path& value, std::string const& description);
    /// Adds an option without a value.
    void add(std::string const& name, bool& value, std::string const& description);

    /// Ends the process after `--help` and after wrong arguments.
    void parse(int argc, char** argv);

 private:
    std::unique_ptr<CLI::App> app_;
};

}  // namespace bench
