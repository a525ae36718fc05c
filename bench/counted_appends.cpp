/// \file
/// The program whose instructions are counted: one producer appends a number of `written` events. Two runs of different
/// lengths differ only by the appends.
#include <CLI/CLI.hpp>
#include <audit_trail.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>

#include "support/prefilled_trail.hpp"
#include "support/sample_events.hpp"
#include "support/writer_scenario.hpp"

namespace {

namespace asio = boost::asio;

/// Builds a group of drafts, appends them and waits for the answers, until all are appended.
class grouped_producer {
 public:
    grouped_producer(audit_trail::writer& writer, asio::io_context& context, std::uint64_t categories)
        : writer_(writer), context_(context), categories_(categories) {}

    void run(std::uint64_t events, std::uint64_t group) {
        for (std::uint64_t n = 0; n != events; ++n) {
            writer_.async_record(bench::sample_event_of(n, n % categories_), audit_trail::durability::written,
                                 [](audit_trail::error_code ec, auto) { bench::check(ec); });
            if ((n + 1) % group == 0) await_answers();
        }
        await_answers();
    }

 private:
    void await_answers() {
        context_.restart();
        context_.run();
    }

    audit_trail::writer& writer_;
    asio::io_context& context_;
    std::uint64_t const categories_;
};

/// Only builds the drafts, so that this part can be subtracted.
void build(std::uint64_t events, std::uint64_t categories) {
    for (std::uint64_t n = 0; n != events; ++n) {
        if (bench::sample_event_of(n, n % categories).domain.empty()) throw std::logic_error("not a sample");
    }
}

void append(std::filesystem::path const& root, std::uint64_t events, std::uint64_t group, std::uint64_t categories,
            std::size_t rules) {
    asio::io_context context;
    audit_trail::writer_options options;
    options.redaction_rules = audit_trail::default_redaction_rules();  // no member of a sample has such a name
    options.redaction_rules.resize(rules);
    auto writer = audit_trail::writer::open(context.get_executor(), root, options);
    grouped_producer(writer, context, categories).run(events, group);
    writer.async_close(bench::check);
    context.restart();
    context.run();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Appends events, for another program to count what that takes");
    app.require_subcommand(1);
    std::filesystem::path root;
    std::uint64_t events = 10000;
    std::uint64_t group = 256;
    std::uint64_t categories = 1;
    std::size_t rules = 0;
    bench::trail_size size{1, 1, 1};

    auto* const appending = app.add_subcommand("append", "append to a trail");
    appending->add_option("root", root, "the trail")->required();
    appending->add_option("--events", events, "how many")->capture_default_str();
    appending->add_option("--group", group, "appends in flight")->capture_default_str();
    appending->add_option("--categories", categories, "how many get events in turn")->capture_default_str();
    appending->add_option("--rules", rules, "redaction rules")->check(CLI::Range(0, 4))->capture_default_str();

    auto* const building = app.add_subcommand("build", "only build the drafts");
    building->add_option("--events", events, "how many")->capture_default_str();
    building->add_option("--categories", categories, "how many get events in turn")->capture_default_str();

    auto* const prefilling = app.add_subcommand("prefill", "make a trail");
    prefilling->add_option("root", root, "where; nothing may be there")->required();
    prefilling->add_option("--categories", size.categories, "categories of the trail")->capture_default_str();
    prefilling->add_option("--segments", size.segments, "segments of each category")->capture_default_str();
    prefilling->add_option("--lines", size.lines, "lines of each segment")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    if (appending->parsed()) append(root, events, group, categories, rules);
    if (building->parsed()) build(events, categories);
    if (prefilling->parsed()) bench::prefill_trail(root, size);
}
