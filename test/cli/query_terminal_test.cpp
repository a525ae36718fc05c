/// \file
/// Tests the output on terminals, and the end by a signal or a closed pipe.
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "cli/catalog_trail.hpp"
#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/terminal.hpp"
#include "cli/terminal_program.hpp"
#include "cli/text.hpp"
#include "cli/trail_files.hpp"

namespace test::query_terminal_test {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

constexpr char escape = '\x1b';

std::string on_terminal(std::vector<std::string> arguments, terminal_settings const& settings = {}) {
    arguments.insert(arguments.begin(), {"query", catalog_root()});
    terminal_program program(arguments, settings);
    std::string out = program.read_all();
    BOOST_TEST(program.wait() == 0);
    return out;
}

BOOST_AUTO_TEST_CASE(people_get_pretty_text_in_colour) {
    std::string const out = on_terminal({"--min-id", "6", "--max-id", "6"});
    BOOST_TEST(out ==
               "\x1b[36m2023-11-14T22:13:34Z\x1b[0m  \x1b[1mu-102\x1b[0m  \x1b[33mupdate\x1b[0m  "
               "\x1b[1mPakruojis\x1b[0m\n"
               "    \x1b[2mevent 6 in v2/iso_3166_2, request 7c8e3fb67da627a1\x1b[0m\n"
               "    revision: \x1b[31m1\x1b[0m -> \x1b[32m2\x1b[0m\n"
               "    note: \x1b[31mnull\x1b[0m -> \x1b[32m\"“Pakruojis”\\t\\\\ / \\u007f 🗺\"\x1b[0m\n");
}

BOOST_AUTO_TEST_CASE(no_colour_when_it_is_disabled) {
    for (auto const* format : {"jsonl", "pretty", "table", "csv"}) {
        for (auto const* variable : {"NO_COLOR=1", "TERM=dumb"}) {
            std::string const out = on_terminal({"--limit", "50", "--format", format}, {80, {variable}});
            BOOST_TEST(out.find(escape) == std::string::npos, format << " with " << variable);
        }
        auto const piped = run({"query", catalog_root(), "--limit", "50", "--format", format});
        BOOST_TEST(piped.out.find(escape) == std::string::npos, format);
    }
    // An empty NO_COLOR counts as not set.
    BOOST_TEST(on_terminal({"--limit", "1"}, {80, {"NO_COLOR="}}).find(escape) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_option_decides_about_colour) {
    BOOST_TEST(on_terminal({"-n", "1", "--color", "never"}).find(escape) == std::string::npos);
    BOOST_TEST(on_terminal({"-n", "1", "--color=always"}, {80, {"NO_COLOR=1"}}).find(escape) != std::string::npos);
    auto const piped = [](std::string const& when) {
        return run({"query", catalog_root(), "-n", "1", "--format", "pretty", "--color", when}).out;
    };
    BOOST_TEST(piped("always").find("\x1b[36m") != std::string::npos);
    BOOST_TEST(piped("auto").find(escape) == std::string::npos);
}

/// With the variables of a pager.
outcome in_pager(std::string const& pager, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"query", catalog_root()});
    terminal_program program(more, {80, {pager, "PATH=/usr/bin:/bin", "NO_COLOR=1"}});
    outcome done;
    done.out = program.read_all();
    done.exit_code = program.wait();
    return done;
}

BOOST_AUTO_TEST_CASE(a_pager_shows_the_events) {
    for (std::string const variable : {"AUDIT_TRAIL_PAGER", "PAGER"}) {
        auto const done = in_pager(variable + "=sed 's/^/| /'", {"--max-id", "1"});
        BOOST_TEST(done.exit_code == 0);
        BOOST_TEST(done.out.starts_with("| 2023-11-14T22:13:"), done.out);
        BOOST_TEST(done.out.find("\n|     event 1 in ") != std::string::npos, done.out);
    }
    for (std::string const none : {"--no-pager", "--count"}) {
        BOOST_TEST(in_pager("PAGER=sed 's/^/| /'", {none, "--max-id", "1"}).out.find('|') == std::string::npos);
    }
    BOOST_TEST(in_pager("PAGER=cat", {"--max-id", "1"}).out == on_terminal({"--max-id", "1", "--color", "never"}));
}

BOOST_AUTO_TEST_CASE(quitting_the_pager_ends_the_query_quietly) {
    auto const done = in_pager("PAGER=head -n 2");
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(lines_of(done.out).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_pager_that_cannot_be_run_is_reported) {
    auto const done = in_pager("PAGER=audit-trail-has-no-such-pager");
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out.find("the pager 'audit-trail-has-no-such-pager' cannot be run") != std::string::npos, done.out);
}

BOOST_AUTO_TEST_CASE(a_pager_that_fails_is_reported) {
    auto const done = in_pager("PAGER=exit 3;");
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out.find("the pager 'exit 3;' failed with status 3") != std::string::npos, done.out);
}

BOOST_AUTO_TEST_CASE(findings_are_printed_after_the_pager_has_ended) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", "damage\n");
    terminal_program program({"query", scratch.root(), "--format", "csv"},
                             {200, {"PAGER=cat; echo END", "PATH=/usr/bin:/bin"}});
    std::string const out = program.read_all();
    BOOST_TEST(out.find("END\naudit-trail: ") != std::string::npos, out);
    BOOST_TEST(program.wait() == 1);
}

// The program waits in a write to the pager when the signal comes. Then the pager still needs the terminal.
BOOST_AUTO_TEST_CASE(a_signal_waits_until_the_user_quits_the_pager) {
    std::string const pager =
        "trap '' INT; read -r line; echo begun; read -r key </dev/tty; cat >/dev/null; echo \"END $key\"";
    terminal_program program({"query", catalog_root()}, {80, {"PAGER=" + pager, "PATH=/usr/bin:/bin", "NO_COLOR=1"}});
    program.read_until("begun\n");
    program.type("\x03");
    program.read_until("^C");
    program.type("q\n");
    BOOST_TEST(program.read_until("END q").find("END q") != std::string::npos);
    BOOST_TEST(program.wait() == 128 + SIGINT);
}

std::size_t widest_line(std::string const& out) {
    std::size_t widest = 0;
    for (auto const& line : lines_of(out)) widest = std::max(widest, audit_trail::cli::text_width(line));
    return widest;
}

BOOST_DATA_TEST_CASE(a_table_fits_the_terminal, data::make({79, 80, 81, 132, 200}), columns) {
    std::string const out =
        on_terminal({"--format", "table", "--limit", "500"}, {static_cast<unsigned short>(columns), {"NO_COLOR=1"}});
    BOOST_TEST(lines_of(out).size() == 501u);
    BOOST_TEST(widest_line(out) == static_cast<std::size_t>(columns));
}

BOOST_AUTO_TEST_CASE(the_variable_columns_sets_the_width) {
    std::string const out = on_terminal({"--format", "table", "--limit", "50"}, {80, {"NO_COLOR=1", "COLUMNS=100"}});
    BOOST_TEST(widest_line(out) == 100u);
    for (auto const* columns : {"COLUMNS=wide", "COLUMNS=0"}) {
        BOOST_TEST(widest_line(on_terminal({"--format", "table", "--limit", "50"}, {80, {"NO_COLOR=1", columns}})) ==
                   80u);
    }
}

BOOST_DATA_TEST_CASE(a_table_in_a_narrow_terminal_keeps_ids_and_times, data::make({20, 40}), columns) {
    std::string const out = on_terminal({"--format", "table", "--min-id", "1234", "--max-id", "1234"},
                                        {static_cast<unsigned short>(columns), {"NO_COLOR=1"}});
    BOOST_TEST(out.find("1234  2023-11-1") != std::string::npos, out);
    BOOST_TEST(out.find("Z  ") != std::string::npos, out);
}

/// A trail of one event with a long user name and a change longer than any line of a terminal.
std::string long_line() {
    return R"({"event_id":18446744073709,"timestamp":0,"domain":"d","category":"c","model_name":"m","operation":"update",)"
           R"("logical_user_id":")" +
           std::string(100, 'u') + R"(","payload":{"delta":{"f":{"old":1,"new":")" + std::string(3000, 'x') +
           "\"},\"last\":{\"old\":1,\"new\":2}}}}\n";
}

BOOST_AUTO_TEST_CASE(a_table_is_cut_on_terminals_only) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", long_line());
    std::string const query = "\"$PROGRAM\" query " + scratch.root() + " --format table";
    for (auto const* columns : {"COLUMNS=60 ", "unset COLUMNS; "}) {
        std::string const out = run_shell(columns + query).out;
        BOOST_TEST(out.find("…") == std::string::npos);
        BOOST_TEST(out.ends_with("xxx\", last: 1 -> 2\n"), out);
    }
}

BOOST_AUTO_TEST_CASE(a_table_that_follow_prints_is_not_cut) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", long_line());
    auto const piped =
        run({"follow", scratch.root(), "--from-id", "1", "--max-id", "18446744073709", "--format", "table"});
    BOOST_TEST(piped.out.find("…") == std::string::npos, piped.out);
    BOOST_TEST(piped.out.ends_with("xxx\", last: 1 -> 2\n"), piped.out);
    terminal_program program(
        {"follow", scratch.root(), "--from-id", "1", "--max-id", "18446744073709", "--format", "table"},
        {100, {"NO_COLOR=1"}});
    std::string const out = program.read_all();
    program.wait();
    BOOST_TEST(out.find("18446744073709  1970-01-01T00:00:00Z  uuuu") != std::string::npos, out);
    BOOST_TEST(widest_line(out) == 100u);
}

/// Every kind of byte that a terminal acts upon, in each text member, as other programs may have stored it.
std::string hostile_lines() {
    std::string const raw =
        "\x7f\xc2\x9b"
        "31m\xe2\x80\xae";
    std::string const escaped = R"(\u001b]0;evil\u0007\r\n\u009b31m)";
    std::string const text = raw + escaped;
    return R"({"event_id":1,"timestamp":0,"domain":"d","category":"c","model_name":")" + text +
           R"(","operation":"update","logical_user_id":")" + text + R"(","request_id":")" + text +
           R"(","payload":{"delta":{")" + text + R"(":{"old":")" + text + R"(","new":[")" + text + "\"]}}}}\n" +
           "{\"event_id\":2,\r\"timestamp\":0,\"domain\":\"d\",\"category\":\"c\",\"model_name\":\"m\",\"operation\":"
           "\"create\",\"logical_user_id\":\"u\",\"payload\":{\"" +
           text + "\":1e400}}\n";
}

void check_harmless(std::string const& out) {
    BOOST_TEST(out.size() > 100u);
    for (unsigned char const byte : out) BOOST_TEST((byte == '\n' || (byte >= 0x20 && byte != 0x7f)));
    for (auto const* sequence : {"\xc2\x9b", "\xe2\x80\xae"}) BOOST_TEST(out.find(sequence) == std::string::npos);
}

BOOST_DATA_TEST_CASE(control_bytes_never_reach_a_terminal, data::make({"jsonl", "pretty", "table", "csv", "json"}),
                     format) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", hostile_lines());
    // Read as bytes: this would also find a carriage return that the program itself prints.
    terminal_program program({"query", scratch.root(), "--format", format}, {200, {"NO_COLOR=1"}});
    std::string const out = program.read_all();
    BOOST_TEST(program.wait() == 0, out);
    check_harmless(out);
}

BOOST_DATA_TEST_CASE(pretty_and_table_are_harmless_in_files_too, data::make({"pretty", "table"}), format) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", hostile_lines());
    check_harmless(run({"query", scratch.root(), "--format", format}).out);
}

BOOST_AUTO_TEST_CASE(damage_is_harmless_on_a_terminal) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", hostile_lines() + "\x1b[2J\n");
    scratch.write("root/d/c/\x1b[31m\x07", "");
    auto const done = run({"query", scratch.root()});
    BOOST_TEST(done.exit_code == 1);
    check_harmless(done.err);
}

BOOST_DATA_TEST_CASE(a_closed_pipe_ends_a_query_quietly, data::make({"jsonl", "pretty", "table", "csv", "json"}),
                     format) {
    running_program program({"query", catalog_root(), "--format", format});
    BOOST_TEST(program.read_line().has_value());
    program.close_output();
    auto const done = program.wait();
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
}

BOOST_AUTO_TEST_CASE(a_query_ends_quietly_when_head_exits) {
    auto const done = run_shell("\"$PROGRAM\" query " + catalog_root() + " | head -n 3");
    BOOST_TEST(lines_of(done.out).size() == 3u);
    BOOST_TEST(done.err == "");
}

BOOST_AUTO_TEST_CASE(a_full_output_is_an_error_of_query) {
    auto const done = run_shell("\"$PROGRAM\" query " + catalog_root() + " >/dev/full");
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err == "standard output: No space left on device\n");
    BOOST_TEST(run_shell("\"$PROGRAM\" query " + catalog_root() + " --count >/dev/full").exit_code == 1);
    BOOST_TEST(run_shell("\"$PROGRAM\" query " + catalog_root() + " >&-").exit_code == 1);
}

// The output is more than a pipe or a terminal holds, so the program waits in a write when the signal comes.

BOOST_DATA_TEST_CASE(a_signal_ends_a_query, data::make({SIGINT, SIGTERM, SIGHUP}), number) {
    running_program program({"query", catalog_root()});
    BOOST_TEST(program.read_line().has_value());
    program.signal(number);
    auto const done = program.wait();
    BOOST_TEST(done.signal == number);
    BOOST_TEST(done.err == "");
}

// A shell ends a loop of commands only if the command itself died by SIGINT.

BOOST_AUTO_TEST_CASE(a_signal_ends_follow_and_append_as_signals_do) {
    scratch_directory const scratch;
    running_program append({"append", scratch.root()});
    append.write(draft());
    BOOST_TEST(append.read_line().value_or("") == "1");
    append.signal(SIGINT);
    BOOST_TEST(append.wait().signal == SIGINT);

    running_program follow({"follow", scratch.root(), "--from-id", "1"});
    BOOST_TEST(follow.read_line().has_value());
    follow.signal(SIGTERM);
    BOOST_TEST(follow.wait().signal == SIGTERM);
}

BOOST_AUTO_TEST_CASE(a_signal_clears_the_progress_line) {
    int terminal = -1;
    pid_t const child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        audit_trail::cli::end_on_signals(true);
        audit_trail::cli::set_progress_width(5);
        if (::write(STDERR_FILENO, "read!", 5) == 5) ::raise(SIGINT);
        ::_exit(0);
    }
    std::string shown;
    char byte;
    while (::read(terminal, &byte, 1) == 1) shown += byte;
    ::close(terminal);
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(shown == "read!\r     \r\x1b[0m");
    BOOST_TEST(WIFSIGNALED(status));
    BOOST_TEST(WTERMSIG(status) == SIGINT);
}

BOOST_AUTO_TEST_CASE(append_says_that_it_waits_for_the_keyboard) {
    scratch_directory const scratch;
    terminal_program program({"append", scratch.root()}, {200, {}});
    std::string const said = program.read_until("Ctrl-D");
    BOOST_TEST(said.find("reading drafts from this terminal, one JSON object a line") != std::string::npos, said);
    program.type(draft());
    program.read_until("\n1\n");
    program.type("\x04");
    BOOST_TEST(program.wait() == 0);
}

BOOST_AUTO_TEST_CASE(control_c_ends_a_query) {
    terminal_program program({"query", catalog_root()});
    BOOST_TEST(program.read_until("Pakruojis").find("Pakruojis") != std::string::npos);
    program.type("\x03");
    BOOST_TEST(program.read_all().ends_with("\x1b[0m"));
    BOOST_TEST(program.wait() == 128 + SIGINT);
}

BOOST_AUTO_TEST_CASE(a_signal_that_the_caller_ignored_stays_ignored) {
    scratch_directory const scratch;
    std::string const fifo = (scratch.path() / "fifo").string();
    auto const done = run_shell("trap '' INT; mkfifo " + fifo + "; \"$PROGRAM\" query " + catalog_root() + " >" + fifo +
                                " & exec 3<" + fifo + "; read -r line <&3; kill -s INT $!; cat <&3 | wc -l; wait $!");
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "5999\n");
}

BOOST_AUTO_TEST_CASE(progress_is_for_terminals_only) {
    BOOST_TEST(run({"query", catalog_root()}).err == "");
    BOOST_TEST(run({"query", catalog_root(), "--count"}).err == "");
}

}  // namespace
}  // namespace test::query_terminal_test
