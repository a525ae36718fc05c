#include "cli/trail_files.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <numeric>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "format/decode.hpp"

namespace test {
namespace {

void add_ids_of(std::string const& path, std::string const& content, std::vector<std::uint64_t>& ids) {
    BOOST_TEST((content.empty() || content.back() == '\n'), path << " ends with a torn line");
    std::uint64_t last = 0;
    for (auto const& line : lines_of(content)) {
        audit_trail::event event;
        auto const failure = audit_trail::format::decode_event(line, event);
        if (failure) BOOST_FAIL(path << ": " << failure->to_string() << ": " << line);
        BOOST_TEST(event.event_id > last, path << ": id " << event.event_id << " behind " << last);
        last = event.event_id;
        ids.push_back(last);
    }
}

}  // namespace

std::map<std::string, std::string> segments_in(std::filesystem::path const& root) {
    std::map<std::string, std::string> found;
    if (!std::filesystem::exists(root)) return found;
    for (auto const& place : std::filesystem::recursive_directory_iterator(root)) {
        std::string const path = std::filesystem::relative(place.path(), root).string();
        bool const is_segment = place.path().filename().string().starts_with("audit-") && !path.starts_with('.');
        if (is_segment) found.emplace(path, read_file(place.path()));
    }
    return found;
}

std::vector<std::uint64_t> ids_in(std::filesystem::path const& root) {
    std::vector<std::uint64_t> ids;
    for (auto const& [path, content] : segments_in(root)) add_ids_of(path, content, ids);
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::vector<std::uint64_t> unused_ids_in(std::filesystem::path const& root) {
    std::vector<std::uint64_t> ids;
    if (!std::filesystem::exists(root / ".recovery.jsonl")) return ids;
    for (auto const& line : lines_of(read_file(root / ".recovery.jsonl"))) {
        auto const record = boost::json::parse(line).as_object();
        if (record.at("kind") != "unused_ids") continue;
        auto const last = record.at("last_id").to_number<std::uint64_t>();
        for (auto id = record.at("first_id").to_number<std::uint64_t>(); id <= last; ++id) ids.push_back(id);
    }
    return ids;
}

std::vector<std::uint64_t> ids_from_to(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> ids(last + 1 - first);
    std::iota(ids.begin(), ids.end(), first);
    return ids;
}

std::string printed(std::vector<std::uint64_t> const& ids) {
    std::string text;
    for (auto const id : ids) text += std::to_string(id) + '\n';
    return text;
}

std::string draft(std::string const& model_name) {
    return R"({"timestamp":1700000000,"domain":"d","category":"c","model_name":")" + model_name +
           R"(","operation":"create","logical_user_id":"u"})" + '\n';
}

std::string catalog_file() {
    return TEST_DATA_DIR "/catalog_drafts.jsonl";
}

}  // namespace test
