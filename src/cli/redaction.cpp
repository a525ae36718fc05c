#include "redaction.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <audit_trail/event_filter.hpp>
#include <iostream>
#include <memory>
#include <vector>

#ifdef AUDIT_TRAIL_HAS_HMAC
#include <audit_trail/hmac.hpp>
#endif

#include "commands.hpp"
#include "output.hpp"

namespace audit_trail::cli {
namespace {

constexpr char hash_description[] = "Print the hash that a redaction rule writes instead of a value";

constexpr char hash_notes[] =
    "To find the events with a value that was hashed, search for its hash. Each VALUE, or else each line of standard\n"
    "input, gives a line 'hmac-sha256:HEX'. Values on a command line are visible to other users; lines of standard\n"
    "input are not. A value that is not a string is hashed as JSON text: 17, true, {\"a\":1}.\n"
    "The key is the content of FILE without its last newline: at least 16 bytes, not accessible to every user.\n"
    "Exit: 0 done, 1 the output failed, 2 wrong usage.";

redaction_hash_function read_key(std::string const& option, std::string const& path) {
#ifdef AUDIT_TRAIL_HAS_HMAC
    try {
        return hmac_sha256::from_file(path);
    } catch (boost::system::system_error const& failure) {
        throw CLI::ValidationError(option, path + ": " + failure.code().message());
    }
#else
    throw CLI::ValidationError(option, path + " cannot be used: this program was built without OpenSSL");
#endif
}

redaction_action action_called(std::string const& name) {
    if (name == "drop") return redaction_action::drop;
    return name == "mask" ? redaction_action::mask : redaction_action::hash;
}

std::string refuse_bad_rule(std::string const& given) {
    auto const equals = given.rfind('=');
    std::string const action = equals == given.npos ? "" : given.substr(equals + 1);
    bool const is_action = action == "drop" || action == "mask" || action == "hash";
    bool const is_rule = is_action && equals != 0 && is_valid_glob(given.substr(0, equals));
    return is_rule ? "" : given + " is not MEMBER=drop, MEMBER=mask or MEMBER=hash, such as '*password*=mask'";
}

int print_hashes(redaction_hash_function const& hash, std::vector<std::string> const& values) {
    output out;
    auto const print = [&](std::string const& value) { out.add(hash(value) + '\n'); };
    std::ranges::for_each(values, print);
    if (values.empty()) {
        for (std::string line; std::getline(std::cin, line);) print(line);
    }
    return is_failure(out.flush_fully()) ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_redaction_options(CLI::App& command, writer_options& options) {
    auto const add_rules = [&options](std::vector<std::string> const& rules) {
        for (auto const& rule : rules) {
            auto const equals = rule.rfind('=');
            std::string const member = rule.substr(0, equals);
            options.redaction_rules.push_back({member, member, action_called(rule.substr(equals + 1))});
        }
    };
    command
        .add_option_function<std::vector<std::string>>(
            "--redact", add_rules, "Drop, mask or hash members with this name, MEMBER=ACTION; may be repeated")
        ->type_name("MEMBER=ACTION")
        ->allow_extra_args(false)
        ->check(refuse_bad_rule);
    auto const add_defaults = [&options] {
        std::ranges::copy(default_redaction_rules(), std::back_inserter(options.redaction_rules));
    };
    command.add_flag_callback(
        "--redact-defaults", add_defaults,
        "Mask members with names that match *password*, *secret*, *authorization* or *token; after --redact");
    auto const take_key = [&options](std::string const& path) {
        options.redaction_hash = read_key("--redact-key", path);
    };
    command.add_option_function<std::string>("--redact-key", take_key, "The file with the key for hashes")
        ->type_name("FILE");
}

std::string missing_key(writer_options const& options) {
    auto const hashes = [](redaction_rule const& rule) { return rule.action == redaction_action::hash; };
    auto const found = std::ranges::find_if(options.redaction_rules, hashes);
    if (found == options.redaction_rules.end() || options.redaction_hash) return {};
    return "--redact " + found->member + "=hash needs a key: give its file with --redact-key";
}

void add_hash_command(CLI::App& program, std::function<int()>& chosen) {
    struct arguments {
        redaction_hash_function hash;
        std::vector<std::string> values;
    };
    auto const given = std::make_shared<arguments>();
    CLI::App* const command = program.add_subcommand("hash", hash_description);
    command->footer(hash_notes);
    auto const take_key = [given](std::string const& path) { given->hash = read_key("--key", path); };
    command->add_option_function<std::string>("--key", take_key, "The file with the key")
        ->type_name("FILE")
        ->required();
    command->add_option("VALUE", given->values, "The values; none: the lines of standard input");
    command->callback([given, &chosen] { chosen = [given] { return print_hashes(given->hash, given->values); }; });
}

}  // namespace audit_trail::cli
