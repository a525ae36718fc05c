#include "cli/command_line.hpp"

#include <algorithm>
#include <string_view>

#include "cli/suggestion.hpp"

namespace audit_trail::cli {
namespace {

bool is_option(std::string_view word) noexcept {
    return word.size() > 1 && word.front() == '-';
}

CLI::App* find_command(CLI::App& program, std::string const& name) {
    for (auto* command : program.get_subcommands({})) {
        if (command->get_name() == name) return command;
    }
    return nullptr;
}

bool takes_value(CLI::App* command, std::string const& option) {
    CLI::Option const* const found = command ? command->get_option_no_throw(option) : nullptr;
    return found && found->get_items_expected_min() > 0;
}

bool is_special_path(std::string_view word) noexcept {
    return word == "++" || (word.starts_with('[') && word.ends_with(']'));
}

std::vector<std::string> option_names(CLI::App const& command) {
    std::vector<std::string> names;
    for (auto const* option : command.get_options()) {
        for (auto const& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

std::vector<std::string> command_names(CLI::App& program) {
    std::vector<std::string> names;
    for (auto const* command : program.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

}  // namespace

std::vector<std::string> arguments_for(CLI::App& program, int argc, char const* const* argv) {
    CLI::App* command = nullptr;
    bool options_end = false;
    bool is_value = false;  // of the option before
    std::vector<std::string> words;
    for (int i = 1; i < argc; ++i) {
        std::string word = argv[i];
        if (is_value) {
            is_value = false;
        } else if (!options_end && is_option(word)) {
            options_end = word == "--";
            is_value = takes_value(command, word);
            if (word.size() > 3 && word.find('=') == word.size() - 1) {
                words.push_back(word.substr(0, word.size() - 1));
                word.clear();
            }
        } else if (!command) {
            command = find_command(program, word);
        } else if (is_special_path(word)) {
            word.insert(0, "./");
        }
        words.push_back(std::move(word));
    }
    std::ranges::reverse(words);
    return words;
}

std::string explain(CLI::App& program, CLI::ParseError const& reason) {
    auto const chosen = program.get_subcommands();
    auto const unplaced = program.remaining(true);
    auto const option = std::ranges::find_if(unplaced, is_option);
    if (option != unplaced.end()) {
        CLI::App const& owner = chosen.empty() ? program : *chosen.front();
        std::string const name = option->substr(0, option->find('='));
        return owner.get_name() + " has no option '" + name + "'" + suggestion(name, option_names(owner));
    }
    if (chosen.empty() && !unplaced.empty()) {
        return "no command '" + unplaced.front() + "'" + suggestion(unplaced.front(), command_names(program));
    }
    return reason.what();
}

}  // namespace audit_trail::cli
