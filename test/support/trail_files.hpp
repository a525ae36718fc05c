/// \file
/// Reads the files of a trail in the simplest way, without the library.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail::test {

struct stored_line {
    std::uint64_t id = 0;
    std::string text;
};

inline std::uint64_t id_of_line(std::string_view line) {
    constexpr std::string_view before = R"({"event_id":)";
    std::uint64_t id = 0;
    if (line.starts_with(before)) std::from_chars(line.data() + before.size(), line.data() + line.size(), id);
    if (id == 0) throw std::runtime_error("not a line: " + std::string(line.substr(0, 200)));
    return id;
}

/// Reads the lines of one segment. Throws if their ids do not ascend, or if the last line has no newline.
inline void read_segment(std::filesystem::path const& path, std::vector<stored_line>& lines) {
    std::ifstream file(path, std::ios::binary);
    std::uint64_t last_id = 0;
    for (std::string text; std::getline(file, text);) {
        if (file.eof()) throw std::runtime_error(path.string() + " ends within a line");
        std::uint64_t const id = id_of_line(text);
        if (id <= last_id) throw std::runtime_error(path.string() + ": id " + std::to_string(id) + " out of order");
        last_id = id;
        lines.push_back({id, std::move(text)});
    }
}

/// Returns every line of the trail, in the order of ids. Throws if an id occurs twice.
inline std::vector<stored_line> read_trail(std::filesystem::path const& root) {
    std::vector<stored_line> lines;
    std::filesystem::recursive_directory_iterator const end;
    for (auto at = std::filesystem::recursive_directory_iterator(root); at != end; ++at) {
        std::string const name = at->path().filename().string();
        if (name.starts_with('.') && at->is_directory()) at.disable_recursion_pending();  // .broken
        if (at->is_regular_file() && name.starts_with("audit-")) read_segment(at->path(), lines);
    }
    std::sort(lines.begin(), lines.end(), [](auto const& a, auto const& b) { return a.id < b.id; });
    auto const same_id = [](auto const& a, auto const& b) { return a.id == b.id; };
    if (std::adjacent_find(lines.begin(), lines.end(), same_id) != lines.end()) {
        throw std::runtime_error("an id occurs twice in " + root.string());
    }
    return lines;
}

/// Returns the ids of the lines.
inline std::vector<std::uint64_t> ids_of(std::vector<stored_line> const& lines) {
    std::vector<std::uint64_t> ids;
    for (stored_line const& line : lines) ids.push_back(line.id);
    return ids;
}

inline std::vector<std::uint64_t> ids_in(std::filesystem::path const& root) {
    return ids_of(read_trail(root));
}

/// Returns 1, 2, … `last`.
inline std::vector<std::uint64_t> ids_up_to(std::uint64_t last) {
    std::vector<std::uint64_t> ids;
    for (std::uint64_t id = 1; id <= last; ++id) ids.push_back(id);
    return ids;
}

}  // namespace audit_trail::test
