/// \file
/// A trail of the catalog's six thousand events, for tests that only read.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test {

/// The root of a trail that all cases of a test program share. It has many segments.
inline std::string catalog_root() {
    static scratch_directory const scratch;
    static outcome const made =
        run({"append", scratch.root(), catalog_file(), "--max-segment-bytes", "65536", "--print", "none"});
    BOOST_REQUIRE_EQUAL(made.exit_code, 0);
    return scratch.root();
}

}  // namespace test
