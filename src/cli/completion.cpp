#include <string>
#include <string_view>
#include <vector>

#include "outline.hpp"

namespace audit_trail::cli {
namespace {

std::string joined(std::vector<std::string> const& words, std::string_view separator) {
    std::string text;
    for (auto const& word : words) {
        if (!text.empty()) text += separator;
        text += word;
    }
    return text;
}

std::vector<std::string> names_of(option_outline const& option) {
    std::vector<std::string> names;
    for (auto const& name : {option.short_name, option.long_name}) {
        if (!name.empty()) names.push_back(name);
    }
    return names;
}

std::vector<std::string> option_names(command_outline const& command) {
    std::vector<std::string> names;
    for (auto const& option : command.options) {
        for (auto const& name : names_of(option)) names.push_back(name);
    }
    return names;
}

bool is_directory(option_outline const& positional) {
    return positional.value == "ROOT";
}

bool takes_files(command_outline const& command) {
    for (auto const& positional : command.positionals) {
        if (!is_directory(positional)) return true;
    }
    return false;
}

/// In single quotes of a shell, with a backslash before each of the characters that are special for its completion.
std::string shell_word(std::string_view text, std::string_view special = "") {
    std::string result;
    for (char const c : text) {
        if (special.find(c) != std::string_view::npos) result += '\\';
        if (c == '\'') result += "'\\'";
        result += c;
    }
    return '\'' + result + '\'';
}

std::string bash_pattern(std::string const& command, std::string const& option, std::string const& words) {
    return "        " + command + ':' + option + ") " + words + " ;;\n";
}

std::string bash_case(command_outline const& command) {
    std::string text;
    for (auto const& option : command.options) {
        if (option.value.empty()) continue;
        std::string const words =
            option.choices.empty() ? "return" : "words=" + shell_word(joined(option.choices, " "));
        for (auto const& name : names_of(option)) text += bash_pattern(command.name, name, words);
    }
    text +=
        "        " + command.name + ":*)\n            words=" + shell_word(joined(option_names(command), " ")) + "\n";
    text += std::string("            paths=") + (takes_files(command) ? "file" : "directory") + " ;;\n";
    return text;
}

/// For _arguments: `'(-n --last)'{-n,--last=}'[help]:N:'`.
std::string zsh_option(option_outline const& option, std::string const& name) {
    std::string const mark = option.value.empty() ? "" : name.starts_with("--") ? "=" : "+";
    std::vector<std::string> excluded = option.excluded;
    auto const own = names_of(option);
    excluded.insert(excluded.end(), own.begin(), own.end());
    std::string const before = option.is_repeatable ? "*" : "(" + joined(excluded, " ") + ")";
    std::string const value = option.value.empty() ? "" : ":" + option.value + ":(" + joined(option.choices, " ") + ")";
    return "                " + shell_word(before) + name + mark + shell_word("[") + shell_word(option.help, "\\[]:") +
           shell_word("]" + value) + " \\\n";
}

std::string zsh_options(command_outline const& command) {
    std::string text;
    for (auto const& option : command.options) {
        for (auto const& name : names_of(option)) text += zsh_option(option, name);
    }
    return text;
}

std::string zsh_positional(option_outline const& positional) {
    std::string const action = is_directory(positional) ? "_directories" : "_files";
    std::string const place = positional.is_repeatable ? "*:" : "1:";
    return "                " + shell_word(place + positional.value + ':' + action) + " \\\n";
}

std::string zsh_case(command_outline const& command) {
    std::string text = "            " + command.name + ")\n                _arguments -s -S \\\n";
    text += zsh_options(command);
    for (auto const& positional : command.positionals) text += zsh_positional(positional);
    text.resize(text.size() - std::string_view(" \\\n").size());
    return text + " ;;\n";
}

std::string fish_option(std::string const& condition, option_outline const& option) {
    std::string text = "complete -c audit-trail -n " + shell_word(condition);
    if (!option.short_name.empty()) text += " -s " + option.short_name.substr(1);
    if (!option.long_name.empty()) text += " -l " + option.long_name.substr(2);
    if (!option.value.empty()) text += " -x";
    if (!option.choices.empty()) text += " -a " + shell_word(joined(option.choices, " "));
    return text + " -d " + shell_word(option.help, "\\") + '\n';
}

}  // namespace

std::string bash_completion(command_outline const& program) {
    std::vector<std::string> words;
    words.reserve(program.commands.size());
    for (auto const& command : program.commands) words.push_back(command.name);
    for (auto const& name : option_names(program)) words.push_back(name);
    std::string text = R"(# Completion of audit-trail for bash.
_audit_trail() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words paths
    COMPREPLY=()
    # Bash takes --format=csv for three words.
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    ((COMP_CWORD > 1)) || command= previous=
    case $command:$previous in
)";
    for (auto const& command : program.commands) text += bash_case(command);
    text += "        :*) words=" + shell_word(joined(words, " ")) + " ;;\n";
    return text + R"(        *) return ;;
    esac
    if [[ -n ${paths-} && $current != -* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -A "$paths" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    fi
}
complete -F _audit_trail audit-trail
)";
}

std::string zsh_completion(command_outline const& program) {
    std::string text = R"(#compdef audit-trail
# Completion of audit-trail for zsh.
_audit_trail() {
    local context state state_descr line curcontext="$curcontext"
    local -a commands
    typeset -A opt_args
    commands=(
)";
    for (auto const& command : program.commands) {
        text += "        " + shell_word(command.name + ':') + shell_word(command.description, "\\:") + '\n';
    }
    text += "    )\n    _arguments -C \\\n" + zsh_options(program);
    text += R"(                '1:command:->command' '*::argument:->argument'
    case $state in
        command) _describe command commands ;;
        argument)
            case $words[1] in
)";
    for (auto const& command : program.commands) text += zsh_case(command);
    return text + R"(            esac ;;
    esac
}
if [[ $funcstack[1] == _audit_trail ]]; then
    _audit_trail "$@"
else
    compdef _audit_trail audit-trail
fi
)";
}

std::string fish_completion(command_outline const& program) {
    std::string text = "# Completion of audit-trail for fish.\ncomplete -c audit-trail -f\n";
    std::string const first = "__fish_use_subcommand";
    for (auto const& option : program.options) text += fish_option(first, option);
    for (auto const& command : program.commands) {
        text += "complete -c audit-trail -n " + shell_word(first) + " -a " + command.name + " -d " +
                shell_word(command.description, "\\") + '\n';
    }
    for (auto const& command : program.commands) {
        std::string const condition = "__fish_seen_subcommand_from " + command.name;
        for (auto const& option : command.options) text += fish_option(condition, option);
        text += "complete -c audit-trail -n " + shell_word(condition) +
                (takes_files(command) ? " -F\n" : " -a '(__fish_complete_directories (commandline -ct))'\n");
    }
    return text;
}

}  // namespace audit_trail::cli
