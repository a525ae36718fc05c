/// \file
/// Defines what a writer reports to `writer_options::on_health`.
#pragma once

#include <audit_trail/error.hpp>
#include <cstdint>
#include <functional>

namespace audit_trail {

/// A change of a writer's health that needs an administrator, or that ends such a condition.
struct health_event {
    enum class kind_type {
        stopped,                 ///< a final failure: no later append succeeds; open the trail again
        segment_vanished,        ///< another program deleted, replaced or cut short `count` segments
        commit_log_unavailable,  ///< the commit log could not be created: batches sync their segments
        commit_log_available,    ///< the commit log is used again
        disk_full,               ///< an append was refused for lack of space (ENOSPC, EDQUOT)
        disk_available           ///< a batch was committed, and nothing was refused with it
    };

    kind_type kind = kind_type::stopped;

    /// The reason. For `stopped`, the error of later appends, in `stopped_category()`. None for `segment_vanished`,
    /// `commit_log_available` and `disk_available`, and if `commit_log_unavailable` has no system error.
    error_code error;

    /// The number of segments that vanished since the last call. For other kinds 1.
    std::uint64_t count = 1;
};

using health_hook = std::function<void(health_event const&)>;

}  // namespace audit_trail
