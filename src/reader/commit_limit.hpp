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

/// The limit of a snapshot: from the first time that a writer is met, what index.json named then.
class snapshot_limit final : public commit_limit {
 public:
    snapshot_limit(storage::file_system& system, storage::file_handle root, cursor_budget& budget,
                   damage_log& log) noexcept
        : probe_(system, root, budget, log) {}

    bool look() override {
        if (!id_ && probe_.finds_writer()) id_ = probe_.committed_id();
        return true;
    }

 private:
    lock_probe probe_;
};

}  // namespace audit_trail::reading
