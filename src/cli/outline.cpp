#include "outline.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "output.hpp"

namespace audit_trail::cli {
namespace {

constexpr char describe_description[] = "Print a completion script, or a part of a manual page";

/// `TEXT:{a,b}` has the choices a and b; `UINT:UINT in [1 - 9]` has a range.
std::string text_between(std::string const& text, char open, char close) {
    auto const begin = text.find(open);
    auto const end = text.find(close, begin);
    return end == std::string::npos ? "" : text.substr(begin + 1, end - begin - 1);
}

std::vector<std::string> split(std::string const& text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin < text.size();) {
        auto const end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::vector<std::string> excluded_by(CLI::Option const& option) {
    std::vector<std::string> names;
    for (auto const* other : option.get_excludes()) names.push_back(other->get_name());
    std::ranges::sort(names);
    return names;
}

option_outline outline_of(CLI::Option const& option) {
    option_outline found;
    if (!option.get_snames().empty()) found.short_name = "-" + option.get_snames().front();
    if (!option.get_lnames().empty()) found.long_name = "--" + option.get_lnames().front();
    std::string const type = option.get_type_name();
    if (option.get_positional()) {
        found.value = option.get_name();
    } else if (option.get_items_expected_max() > 0) {
        found.value = type.substr(0, type.find(':'));
    }
    found.choices = split(text_between(type, '{', '}'), ',');
    found.range = text_between(type, '[', ']');
    found.default_value = option.get_default_str();
    found.help = option.get_description();
    found.excluded = excluded_by(option);
    found.is_required = option.get_required();
    found.is_repeatable = option.get_items_expected_max() > 1;
    return found;
}

std::string description_by(std::string const& format, command_outline const& program, std::string const& command) {
    if (format == "bash") return bash_completion(program);
    if (format == "zsh") return zsh_completion(program);
    if (format == "fish") return fish_completion(program);
    return manual_page(program, command);
}

}  // namespace

command_outline outline_of(CLI::App const& command) {
    command_outline found;
    found.name = command.get_name();
    found.description = command.get_description();
    found.notes = command.get_footer();
    for (auto const* option : command.get_options()) {
        (option->get_positional() ? found.positionals : found.options).push_back(outline_of(*option));
    }
    for (auto const* part : command.get_subcommands([](auto const* each) { return !each->get_group().empty(); })) {
        found.commands.push_back(outline_of(*part));
    }
    return found;
}

void add_describe_command(CLI::App& program, std::function<int()>& chosen) {
    auto const format = std::make_shared<std::string>();
    auto const name = std::make_shared<std::string>();
    CLI::App* const command = program.add_subcommand("describe", describe_description)->group("");
    command->add_option("FORMAT", *format, "A shell, or scdoc")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish", "scdoc"}));
    command->add_option("COMMAND", *name, "The command of the manual page; none: that of the program");
    command->callback([&program, &chosen, format, name] {
        chosen = [&program, format, name] {
            output out;
            out.add(description_by(*format, outline_of(program), *name));
            return is_failure(out.flush_fully()) ? exit_code::failed : exit_code::done;
        };
    });
}

}  // namespace audit_trail::cli
