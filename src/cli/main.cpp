#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"
#include "output.hpp"
#include "terminal.hpp"
#include "text.hpp"
#include "version.hpp"

namespace {

using namespace audit_trail::cli;

/// A file of the trail must never get the number of a standard stream that the caller closed. The replacements are
/// opened in the opposite direction, so that using them still fails.
void occupy_standard_descriptors() {
    for (int const wanted : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(wanted, F_GETFD) >= 0) continue;
        if (::open("/dev/null", wanted == STDIN_FILENO ? O_WRONLY : O_RDONLY) != wanted) std::_Exit(exit_code::failed);
    }
}

bool is_option(std::string_view word) noexcept {
    return word.size() > 1 && word.front() == '-';
}

bool is_special_path(std::string_view word) noexcept {
    return word == "++" || (word.starts_with('[') && word.ends_with(']'));
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

/// The arguments in the reverse order that `CLI::App::parse` expects, changed where CLI11 would misread them:
///   - `--user=` becomes `--user` and an empty word: CLI11 would take the next argument as the value;
///   - a path like `[a,b]` or `++` gets the prefix `./`: CLI11 would treat the first as a list, the second as a mark.
std::vector<std::string> arguments_for(CLI::App& program, int argc, char const* const* argv) {
    CLI::App* command = nullptr;
    bool options_end = false;
    bool is_value = false;  // of the previous option
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

std::vector<std::string> option_names(CLI::App const& command) {
    std::vector<std::string> names;
    for (auto const* option : command.get_options()) {
        for (auto const& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

std::vector<std::string> command_names(CLI::App& program) {
    std::vector<std::string> names;
    for (auto const* command : program.get_subcommands({})) {
        bool const is_hidden = command->get_group().empty();
        if (!is_hidden) names.push_back(command->get_name());
    }
    return names;
}

/// Returns why the arguments were refused. For a command or option that does not exist, adds the name that was probably
/// meant.
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
    if (reason.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
        return chosen.front()->get_name() + " takes no further argument '" + unplaced.front() + "'";
    }
    std::string const message = reason.what();
    if (chosen.empty() && reason.get_name() == "RequiredError") return "a command is missing, for example query";
    auto const mismatch = message.find(": 1 required ");
    return mismatch == message.npos ? message : message.substr(0, mismatch) + " needs a value";
}

/// Help goes to standard output; everything else is wrong usage.
int end_parsing(CLI::App& program, CLI::ParseError const& reason) {
    if (reason.get_exit_code() == 0) return program.exit(reason);
    report("audit-trail: " + explain(program, reason));
    report("Try 'audit-trail --help' or 'audit-trail COMMAND --help'.");
    return exit_code::usage;
}

int run(int argc, char** argv) {
    std::function<int()> chosen;
    CLI::App program("Acknowledged, append-only audit trails", "audit-trail");
    program.set_version_flag("--version", version_text);
    program.require_subcommand(1);
    add_append_command(program, chosen);
    add_blame_command(program, chosen);
    add_diff_command(program, chosen);
    add_describe_command(program, chosen);
    add_follow_command(program, chosen);
    add_hash_command(program, chosen);
    add_query_command(program, chosen);
    add_recover_command(program, chosen);
    add_replay_command(program, chosen);
    add_stats_command(program, chosen);
    add_verify_command(program, chosen);
    try {
        program.parse(arguments_for(program, argc, argv));
    } catch (CLI::ParseError const& reason) {
        return end_parsing(program, reason);
    }
    return chosen();
}

}  // namespace

int main(int argc, char** argv) {
    occupy_standard_descriptors();
    std::signal(SIGPIPE, SIG_IGN);
    try {
        int const code = run(argc, argv);
        if (code > exit_code::by_signal) end_by_signal(code - exit_code::by_signal);
        return code;
    } catch (std::exception const& failure) {
        report(std::string("audit-trail: ") + failure.what());
        return exit_code::failed;
    }
}
