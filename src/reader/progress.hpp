/// \file
/// Tells how far a reader has come.
#pragma once

#include <audit_trail/read_report.hpp>
#include <cstdint>
#include <functional>
#include <utility>

namespace audit_trail::reading {

class progress {
 public:
    explicit progress(std::function<void(read_report const&)> told) : told_(std::move(told)) {}

    /// Called for every line.
    void note(read_report const& so_far) {
        if (so_far.bytes < next_) return;
        next_ = so_far.bytes + step;
        if (told_) told_(so_far);
    }

 private:
    static constexpr std::uint64_t step = 4 * 1024 * 1024;

    std::function<void(read_report const&)> told_;
    std::uint64_t next_ = step;
};

}  // namespace audit_trail::reading
