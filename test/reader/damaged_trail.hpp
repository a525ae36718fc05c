/// \file
/// A trail of one category for tests that damage it.
#pragma once

#include <string>

#include "reader/trail_files.hpp"

namespace audit_trail::test {

/// Lines of the category d/c, and bytes to insert between them.
struct damaged_trail {
    temporary_directory directory;
    fs::path const root = directory.path();
    fs::path const category = root / "d" / "c";
    fs::path const segment = category / "audit-000001.jsonl";

    void line(std::uint64_t id, std::string const& file = "audit-000001.jsonl") {
        append_bytes(category / file, line_of(make_event(id, "d", "c")));
    }
    std::uint64_t size() const { return fs::file_size(segment); }
};

inline constexpr char const* segment_path = "d/c/audit-000001.jsonl";

/// A line of d/c with a payload that no event can have.
inline std::string with_payload(std::string const& payload, std::uint64_t id = 9) {
    std::string line = line_of(make_event(id, "d", "c"));
    line.resize(line.find(R"("payload":)"));
    return line + R"("payload":)" + payload + "}\n";
}

}  // namespace audit_trail::test
