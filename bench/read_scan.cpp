/// Measures lines per second of the reader, `wc -l`, jq and boost::json::parse on the same files in the page cache.
///
/// The trail is created once, without a writer: eight categories, segments of 5 MiB. A contestant reads all lines, or,
/// if it is much slower, the lines of one category. So only lines per second can be compared.

#include <algorithm>
#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/reader.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "format/decode.hpp"
#include "format/encode.hpp"
#include "storage/layout.hpp"
#include "support/contest.hpp"
#include "support/options.hpp"
#include "support/results.hpp"
#include "support/sample_events.hpp"

namespace {

namespace fs = std::filesystem;
using audit_trail::event_filter;

constexpr unsigned categories = 8;
constexpr std::uint64_t max_segment_bytes = 5 * 1024 * 1024;

/// Writes the segments of one category.
class category_files {
 public:
    void write(fs::path const& root, std::string_view domain, std::string_view category, std::string_view line) {
        if (number_ == 0 || size_ >= max_segment_bytes) {
            file_ =
                std::ofstream(root / audit_trail::storage::segment_path(domain, category, ++number_), std::ios::binary);
            size_ = 0;
        }
        file_.write(line.data(), static_cast<std::streamsize>(line.size()));
        size_ += line.size();
    }

 private:
    std::ofstream file_;
    std::uint64_t number_ = 0;
    std::uint64_t size_ = 0;
};

struct trail {
    fs::path root;
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0;
};

trail write_trail(fs::path root, std::uint64_t bytes, std::uint64_t events) {
    trail made{std::move(root)};
    std::map<std::string, category_files> files;
    audit_trail::detail::text_buffer line;
    while (made.bytes < bytes || made.lines < events) {
        auto const draft = bench::sample_event(made.lines++, categories);
        line.clear();
        line.append(audit_trail::format::id_prefix);
        line.append(std::to_string(made.lines));
        if (audit_trail::format::encode_tail(draft, draft.timestamp.value(), 1 << 20, line)) std::abort();
        if (!files.contains(draft.category)) fs::create_directories(made.root / draft.domain / draft.category);
        files[draft.category].write(made.root, draft.domain, draft.category, line.view());
        made.bytes += line.size();
    }
    return made;
}

/// A domain and a category, as a path.
std::string one_category(trail const& given) {
    std::set<std::string> found;
    for (auto const& domain : fs::directory_iterator(given.root)) {
        for (auto const& category : fs::directory_iterator(domain)) found.insert(category.path().string());
    }
    return *found.begin();
}

std::uint64_t run_command(std::string const& command, std::uint64_t lines) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
    return lines;
}

bool has_command(char const* name) {
    return std::system((std::string("command -v ") + name + " >/dev/null").c_str()) == 0;
}

std::uint64_t count(trail const& given, event_filter const& filter, std::uint64_t expected, bool with_payloads = true) {
    audit_trail::reader_options options;
    options.with_payloads = with_payloads;
    audit_trail::reader reader(given.root, filter, options);
    if (reader.count() != expected) throw std::runtime_error("the reader counts otherwise");
    return given.lines;
}

template <class Each>
std::uint64_t for_each_entry(fs::path const& root, event_filter const& filter, audit_trail::read_order order,
                             Each each) {
    audit_trail::reader reader(root, filter, order);
    audit_trail::entry found;
    std::uint64_t lines = 0;
    for (; reader.next(found); ++lines) each(found);
    return lines;
}

/// Imitates a program without the library: reads whole files into memory, then line by line.
template <class Each>
std::uint64_t for_each_line(std::string const& directory, Each each) {
    std::uint64_t lines = 0;
    for (auto const& segment : fs::directory_iterator(directory)) {
        std::string text(segment.file_size(), '\0');
        std::ifstream(segment.path(), std::ios::binary).read(text.data(), static_cast<std::streamsize>(text.size()));
        for (std::size_t begin = 0; begin < text.size(); ++lines) {
            std::size_t const end = text.find('\n', begin);
            each(std::string_view(text).substr(begin, end - begin));
            begin = end + 1;
        }
    }
    return lines;
}

void decode(audit_trail::entry& found) {
    if (found.decode_payload()) throw std::runtime_error("a payload can't be decoded");
}

std::vector<bench::contestant> contestants(trail const& given) {
    std::vector<bench::contestant> all;
    auto const add = [&](std::string name, std::function<std::uint64_t()> run) {
        all.push_back({std::move(name), [run](fs::path const&, bench::stopwatch&) { return run(); }});
    };
    std::string const category = one_category(given);
    std::string const files = given.root.string() + "/*/*/*.jsonl";

    add("wc", [=] { return run_command("wc -l " + files + " >/dev/null", given.lines); });

    event_filter ids;
    ids.min_event_id = 2;
    ids.max_event_id = given.lines - 1;
    add("count, id range of nearly all", [=] { return count(given, ids, given.lines - 2, false); });
    add("count, the same with payloads checked", [=] { return count(given, ids, given.lines - 2); });
    event_filter user;
    user.logical_user_ids = {"u-7123"};
    std::uint64_t const of_user = given.lines / 1000 + (given.lines % 1000 > 123);
    add("count, one user of 1000", [=] { return count(given, user, of_user); });
    event_filter model;
    model.model_names = {"customer-1000100"};
    add("count, one model", [=] { return count(given, model, 1); });
    add("count, no filter", [=] { return count(given, {}, given.lines); });

    if (has_command("jq")) {
        std::string const command = "jq -c 'select(.logical_user_id==\"u-7123\")' " + category + "/*.jsonl >/dev/null";
        std::uint64_t const lines = for_each_line(category, [](auto) {});
        add("jq", [=] { return run_command(command, lines); });
    }

    add("parse", [=] {
        return for_each_line(category, [](std::string_view line) {
            if (!boost::json::parse({line.data(), line.size()}).is_object()) std::abort();
        });
    });
    add("decode_event of the same lines", [=] {
        audit_trail::event event;
        return for_each_line(category, [&](std::string_view line) {
            if (audit_trail::format::decode_event(line, event)) std::abort();
        });
    });
    event_filter one;
    one.categories = {fs::path(category).filename().string()};
    auto const root = given.root;
    for (auto const order : {audit_trail::read_order::segment, audit_trail::read_order::event_id}) {
        std::string const suffix = order == audit_trail::read_order::segment ? ", segment order" : ", id order";
        add("entries of one category" + suffix, [=] { return for_each_entry(root, one, order, [](auto&) {}); });
        add("decoded entries of one category" + suffix, [=] { return for_each_entry(root, one, order, decode); });
        add("entries of all" + suffix, [=] { return for_each_entry(root, {}, order, [](auto&) {}); });
    }
    return all;
}

/// Looks up single events by id, with a new reader each time.
void look_up(trail const& given, int times, bench::results& figures) {
    std::vector<double> taken;
    for (int i = 0; i != times; ++i) {
        event_filter filter;
        filter.min_event_id = filter.max_event_id =
            1 + given.lines / static_cast<unsigned>(times) * static_cast<unsigned>(i);
        auto const begin = std::chrono::steady_clock::now();
        audit_trail::reader reader(given.root, filter);
        if (!reader.next() || reader.next()) throw std::runtime_error("the event is not there");
        std::chrono::duration<double, std::milli> const milliseconds = std::chrono::steady_clock::now() - begin;
        taken.push_back(milliseconds.count());
    }
    std::sort(taken.begin(), taken.end());
    std::printf("one event by id among %llu: median %.2f ms, highest %.2f ms\n",
                static_cast<unsigned long long>(given.lines), taken[taken.size() / 2], taken.back());
    figures.add("one event by id, median", taken[taken.size() / 2], "ms");
    figures.add("one event by id, highest", taken.back(), "ms");
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("Lines per second of the reader, wc, jq and boost::json::parse");
    std::uint64_t mebibytes = 256;
    std::uint64_t events = 0;
    int rounds = 5;
    bool only_look_up = false;
    fs::path directory = fs::temp_directory_path();
    options.add("--mebibytes", mebibytes, "size of the trail");
    options.add("--events", events, "events of the trail, if that makes it larger");
    options.add("--rounds", rounds, "measured rounds, after one that warms up");
    options.add("--only-look-up", only_look_up, "only look single events up by id");
    options.add("--directory", directory, "where to write the trail");
    bench::results figures(options, "read_scan");
    options.parse(argc, argv);

    fs::path const root = directory / "audit_trail_read_scan";
    fs::remove_all(root);
    trail const given = write_trail(root, mebibytes * 1024 * 1024, events);
    std::printf("%llu lines, %.0f bytes each\n", static_cast<unsigned long long>(given.lines),
                static_cast<double>(given.bytes) / static_cast<double>(given.lines));
    if (!only_look_up) {
        auto const standings = bench::hold_contest(contestants(given), rounds, directory);
        std::vector<std::string> references{"wc", "parse"};
        if (has_command("jq")) references.push_back("jq");
        bench::print_standings(standings, references);
        for (bench::standing const& each : standings) figures.add(each.name, each.events_a_second, "lines/s");
    }
    look_up(given, 101, figures);
    figures.write();
    fs::remove_all(root);
}
