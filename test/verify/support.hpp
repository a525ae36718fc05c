/// \file
/// Converts the report of `verify` into a form that tests can compare.
#pragma once

#include <audit_trail/verify.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "reader/damaged_trail.hpp"
#include "reader/writer_marks.hpp"

namespace audit_trail::test {

struct verdict {
    error_code reason;
    std::string path;
    std::uint64_t offset = 0;

    friend bool operator==(verdict const&, verdict const&) = default;
    friend std::ostream& operator<<(std::ostream& out, verdict const& one) {
        return out << one.path << ':' << one.offset << ": " << one.reason.message();
    }
};

inline std::vector<verdict> verdicts(std::vector<read_finding> const& findings) {
    std::vector<verdict> list;
    for (auto const& finding : findings) {
        BOOST_TEST(finding.text.size() > 10u);
        BOOST_TEST(advice(finding.reason).size() > 10u);
        list.push_back({finding.reason, finding.path, finding.offset});
    }
    return list;
}

/// Ignores loose modes, which the files of tests have because of the umask.
inline std::vector<verdict> notes_but_modes(verify_report const& report) {
    auto list = verdicts(report.notes);
    std::erase_if(list, [](verdict const& one) { return one.reason == error::loose_mode; });
    return list;
}

/// Checks that exactly these findings are reported.
inline verify_report check_findings(fs::path const& root, std::vector<verdict> const& expected,
                                    verify_options const& options = {}) {
    auto report = verify(root, options);
    BOOST_TEST(verdicts(report.findings) == expected, boost::test_tools::per_element());
    BOOST_TEST(report.total_findings == expected.size());
    BOOST_TEST(report.is_whole() == expected.empty());
    return report;
}

/// Checks that exactly these notes about ids and segments are reported, and no finding.
inline verify_report check_notes(fs::path const& root, std::vector<verdict> const& expected) {
    auto report = check_findings(root, {});
    BOOST_TEST(notes_but_modes(report) == expected, boost::test_tools::per_element());
    return report;
}

}  // namespace audit_trail::test
