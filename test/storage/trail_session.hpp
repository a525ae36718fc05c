/// \file
/// Opens a store and a batch, and adds, commits and appends lines.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "storage/batch.hpp"
#include "storage/trail_store.hpp"
#include "support/temporary_directory.hpp"

namespace audit_trail::test {

/// The tail of the lines in these tests.
inline std::string const short_tail = ",\"n\":1}\n";

inline std::string line_of(std::uint64_t id, std::string const& tail = short_tail) {
    return "{\"event_id\":" + std::to_string(id) + tail;
}

/// Uses a commit log only if its size differs from the default.
class trail_session {
 public:
    explicit trail_session(std::filesystem::path const& root, writer_options options = {},
                           storage::file_system& system = storage::posix_file_system(),
                           detail::disk_pool* pool = nullptr)
        : batch_({options.max_segment_bytes, options.max_batch_bytes, options.max_open_segments}) {
        if (options.commit_log_bytes == writer_options().commit_log_bytes) options.commit_log_bytes = 0;
        store_ = storage::trail_store::open(system, root, options, report, error, pool);
        if (store_) batch_.clear(store_->next_id());
    }

    storage::trail_store& store() { return *store_; }
    storage::batch& batch() { return batch_; }
    bool is_open() const { return store_ != nullptr; }

    /// Adds one line to the batch. Returns its id, or 0 when its segment can't be opened.
    std::uint64_t add(std::string const& domain, std::string const& name, durability wanted = durability::synced,
                      std::string const& tail = short_tail) {
        auto& owner = store_->find(domain, name);
        store_->open_segment(batch_, owner, error);
        return error ? 0 : batch_.add(owner, tail, wanted);
    }

    storage::commit_result commit() {
        storage::commit_times times;
        auto const result = store_->commit(batch_, times, error);
        batch_.clear(store_->next_id());
        return result;
    }

    storage::commit_result append(std::string const& domain, std::string const& name,
                                  durability wanted = durability::synced, std::string const& tail = short_tail) {
        if (add(domain, name, wanted, tail) == 0) return storage::commit_result::failed;
        return commit();
    }

    void close() { store_->close(error); }

    /// Ends as after kill -9: the lock is released, nothing is marked.
    void crash() { store_.reset(); }

    recovery_report report;
    error_code error;

 private:
    storage::batch batch_;
    std::unique_ptr<storage::trail_store> store_;
};

}  // namespace audit_trail::test
