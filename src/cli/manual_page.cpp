#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "outline.hpp"

namespace audit_trail::cli {
namespace {

/// Text without meaning for scdoc, also at the beginning of a line.
std::string escaped(std::string_view text) {
    std::string result;
    for (char const c : text) {
        bool const begins_line = result.empty() || result.back() == '\n';
        bool const is_mark = std::string_view("_*\\<>`").find(c) != std::string_view::npos;
        bool const begins_block = begins_line && std::string_view("[]|-#;:.").find(c) != std::string_view::npos;
        if (is_mark || begins_block) result += '\\';
        result += c;
    }
    return result;
}

std::string bold(std::string_view text) {
    return '*' + escaped(text) + '*';
}

std::string underline(std::string_view text) {
    return '_' + escaped(text) + '_';
}

/// Paragraphs; indented lines become a literal block.
std::string prose(std::string_view text) {
    std::string result;
    bool is_literal = false;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        auto const line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        bool const is_indented = line.starts_with("  ");
        if (is_indented != is_literal) result += is_indented ? "```\n" : "```\n\n";
        is_literal = is_indented;
        result += is_indented ? std::string(line.substr(2)) : escaped(line);
        result += '\n';
    }
    return is_literal ? result + "```\n" : result;
}

std::string values_of(option_outline const& option) {
    if (option.choices.empty()) return underline(option.value);
    std::string result;
    for (auto const& choice : option.choices) result += (result.empty() ? "" : "|") + bold(choice);
    return result;
}

std::string heading_of(option_outline const& option) {
    std::string result;
    for (auto const& name : {option.short_name, option.long_name}) {
        if (!name.empty()) result += (result.empty() ? "" : ", ") + bold(name);
    }
    if (option.value.empty()) return result;
    return result + (result.empty() ? "" : " ") + values_of(option);
}

std::string describe(option_outline const& option) {
    std::string text = heading_of(option) + "\n\t" + escaped(option.help) + '.';
    if (!option.range.empty()) text += " Range: " + escaped(option.range) + '.';
    if (!option.default_value.empty()) text += " Default: " + bold(option.default_value) + '.';
    if (option.is_required && !option.long_name.empty()) text += " Required.";
    std::string excluded;
    for (auto const& name : option.excluded) excluded += (excluded.empty() ? "" : ", ") + bold(name);
    if (!excluded.empty()) text += " Not together with " + excluded + '.';
    return text + "\n\n";
}

std::string synopsis_of(command_outline const& command) {
    std::string text;
    for (auto const& option : command.options) {
        if (option.is_required) text += ' ' + heading_of(option);
    }
    text += " \\[_OPTION_]...";
    for (auto const& positional : command.positionals) {
        std::string const word = underline(positional.value) + (positional.is_repeatable ? "..." : "");
        text += positional.is_required ? ' ' + word : " \\[" + word + ']';
    }
    return text;
}

std::string program_page(command_outline const& program) {
    std::string text = program.name + "(1)\n\n# NAME\n\n" + program.name +
                       " - read, verify and repair append-only audit trails\n\n# SYNOPSIS\n\n" + bold(program.name) +
                       " _COMMAND_ \\[_OPTION_]... _ROOT_ \\[_ARGUMENT_]...\n\n# COMMANDS\n\n";
    for (auto const& command : program.commands) {
        text += bold(program.name + '-' + command.name) + "(1)\n\t" + escaped(command.description) + ".\n\n";
    }
    text += "# OPTIONS\n\n";
    for (auto const& option : program.options) text += describe(option);
    return text;
}

/// The last part of the notes tells the exit codes.
std::string command_page(command_outline const& program, command_outline const& command) {
    std::string const page = program.name + '-' + command.name;
    std::string const exit_mark = "Exit: ";
    auto const exit_begin = command.notes.rfind(exit_mark);
    std::string text = page + "(1)\n\n# NAME\n\n" + page + " - " + escaped(command.description) + "\n\n# SYNOPSIS\n\n" +
                       bold(program.name + ' ' + command.name) + synopsis_of(command) + "\n\n# DESCRIPTION\n\n" +
                       prose(std::string_view(command.notes).substr(0, exit_begin)) + "\n# OPTIONS\n\n";
    for (auto const* options : {&command.positionals, &command.options}) {
        for (auto const& option : *options) text += describe(option);
    }
    if (exit_begin == std::string::npos) return text;
    return text + "# EXIT STATUS\n\n" + prose(std::string_view(command.notes).substr(exit_begin + exit_mark.size())) +
           '\n';
}

}  // namespace

std::string manual_page(command_outline const& program, std::string const& command) {
    if (command.empty()) return program_page(program);
    auto const found = std::ranges::find(program.commands, command, &command_outline::name);
    return found == program.commands.end() ? "" : command_page(program, *found);
}

}  // namespace audit_trail::cli
