/// \file
/// A temporary root, with a file system that records the calls.
#pragma once

#include <algorithm>

#include "faulty_file_system.hpp"
#include "storage/layout.hpp"
#include "trail_session.hpp"

namespace audit_trail::test {

struct root_fixture {
    temporary_directory directory;
    std::filesystem::path root = directory.path() / "trail";
    faulty_file_system system;

    std::string segment(char const* category, std::uint64_t number = 1) const {
        return read_file(root / "d" / category / storage::segment_name(number));
    }

    /// The position of the first such call in the record; the record's size if there is none.
    std::size_t position(call_kind kind, std::string const& path) const {
        auto const made = system.calls();
        auto const found =
            std::ranges::find_if(made, [&](auto const& call) { return call.kind == kind && call.path == path; });
        return static_cast<std::size_t>(found - made.begin());
    }
    bool called(call_kind kind, std::string const& path) const { return position(kind, path) != system.calls().size(); }
};

}  // namespace audit_trail::test
