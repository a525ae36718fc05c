#include "support/options.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace bench {

options::options(std::string const& description) : app_(std::make_unique<CLI::App>(description)) {}

options::~options() = default;

void options::add(std::string const& name, int& value, std::string const& description) {
    app_->add_option(name, value, description)->capture_default_str();
}

void options::add(std::string const& name, std::uint64_t& value, std::string const& description) {
    app_->add_option(name, value, description)->capture_default_str();
}

void options::add(std::string const& name, std::string& value, std::string const& description) {
    app_->add_option(name, value, description);
}

void options::add(std::string const& name, std::vector<std::string>& value, std::string const& description) {
    app_->add_option(name, value, description);
}

void options::add(std::string const& name, std::filesystem::path& value, std::string const& description) {
    auto* const option = app_->add_option(name, value, description);
    if (!value.empty()) option->capture_default_str();
}

void options::add(std::string const& name, bool& value, std::string const& description) {
    app_->add_flag(name, value, description);
}

void options::parse(int argc, char** argv) {
    try {
        app_->parse(argc, argv);
    } catch (CLI::ParseError const& reason) {
        std::exit(app_->exit(reason));
    }
}

}  // namespace bench
