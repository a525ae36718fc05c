/// \file
/// Up to which id events are there to stay.
#pragma once

#include <cstdint>
#include <optional>

#include "reader/lock_probe.hpp"

namespace audit_trail::reading {

/// Without a writer every whole line stays. With one, lines above the id that index.json names may yet be cut back.
class commit_limit {
 public:
    virtual ~commit_limit() = default;

    /// To be called when a segment has been opened, before lines of it are believed: those that were in it by then, and
    /// whose ids the limit then allows, are committed. False: read no further.
    virtual bool look() = 0;

    std::optional<std::uint64_t> id() const noexcept { return id_; }
    bool allows(std::uint64_t event_id) const noexcept { return !id_ || event_id <= *id_; }

 protected:
    std::optional<std::uint64_t> id_;
};

}  // namespace audit_trail::reading
