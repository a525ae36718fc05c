/// \file
/// A reader whose file-system calls are counted, and can have side effects.
#pragma once

#include <limits>

#include "reader/reader_impl.hpp"
#include "reader/trail_files.hpp"
#include "storage/faulty_file_system.hpp"

namespace audit_trail::test {

struct counted_reader {
    faulty_file_system files;

    explicit counted_reader(fs::path root) : root_(std::move(root)) {}

    /// Reads all events, or the first `count`.
    std::vector<std::uint64_t> ids(event_filter filter = {}, reader_options const& options = {},
                                   std::size_t count = std::numeric_limits<std::size_t>::max()) {
        files.forget_calls();
        error_code ec;
        reading::reader_impl source(files, root_, std::move(filter), options, ec);
        std::vector<std::uint64_t> found;
        for (entry each; found.size() != count && source.next(each);) found.push_back(each.event.event_id);
        report = source.report();
        return found;
    }

    read_report report;  // of the last call

 private:
    fs::path root_;
};

}  // namespace audit_trail::test
