/// \file
/// Writes records to `.commit-log`: one synced write makes the lines of a batch durable in all of its segments.
///
/// The log is a write-ahead log that is written after the segments. The segments remain the trail; the log repeats the
/// lines that they have not on stable storage yet.
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/log_format.hpp"
#include "storage/log_space.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

class commit_log {
 public:
    /// The size of a new file. Each clearing doubles it.
    static constexpr std::uint64_t first_bytes = 256 * 1024;

    /// \param max_bytes 0: no log
    commit_log(file_system& system, std::uint64_t max_bytes) noexcept : system_(system), max_bytes_(max_bytes) {}

    bool enabled() const noexcept { return max_bytes_ != 0; }
    std::uint64_t max_bytes() const noexcept { return max_bytes_; }

    /// Opens or creates the file. It must be prepared (see log_task) before `begin_generation`.
    void open(file_handle root, error_code& ec);
    void close() noexcept {
        file_.reset();
        task_file_.reset();
        generation_ = 0;
    }
    file_handle file() const noexcept { return file_.get(); }
    /// Returns the descriptor for tasks. With one of their own, a failed write is reported to both threads.
    file_handle task_file() const noexcept { return task_file_.get(); }

    /// Returns true if another program removed the file, or cut it short.
    bool vanished(error_code& ec);

    /// Lets the next record begin at the first position. Requires: the log is empty.
    void rewind(error_code& ec);

    /// Begins with an empty log. Requires: the file is prepared with this generation's header.
    void begin_generation(std::uint64_t generation, std::uint64_t bytes) noexcept;
    bool ready() const noexcept { return generation_ != 0; }
    std::uint64_t generation() const noexcept { return generation_; }

    log_space const& space() const noexcept { return space_; }
    bool has_room(std::uint64_t record_bytes) const noexcept { return space_.place(record_bytes).has_value(); }

    /// Returns true if there is room for the record that is being built.
    bool fits_record() const noexcept { return has_room(record_.size()); }

    /// Begins the next record. Requires: ready().
    log_record_builder& begin_record(std::uint64_t next_id);

    /// Writes the record that was built, and syncs it. Requires: has_room(its size). After an error, the record may be
    /// in the file: call `withdraw_record`. Returns the record's size.
    std::size_t write_record(error_code& ec);

    /// Makes the last record invalid on stable storage, so that no recovery replays it. Requires: `write_record` was
    /// the last call.
    void withdraw_record(error_code& ec);

    /// Returns the header of the log as it is: it names the first record that is not cleared.
    log_header header() const noexcept { return {generation_, space_.tail(), tail_sequence_}; }

    /// Returns the header of a log in which all records up to now are cleared.
    log_header header_behind_records() const noexcept { return {generation_, space_.head(), sequence_}; }

    /// Called after that header was written: `cleared` is the header.
    void release(log_header const& cleared) noexcept {
        space_.release(cleared.tail);
        tail_sequence_ = cleared.sequence;
    }
    void grow(std::uint64_t bytes) noexcept { space_.grow(bytes); }

 private:
    file_system& system_;
    std::uint64_t max_bytes_;
    owned_file file_;
    owned_file task_file_;
    log_space space_;
    log_record_builder record_;
    std::uint64_t generation_ = 0;
    std::uint64_t sequence_ = 1;       // of the next record
    std::uint64_t tail_sequence_ = 1;  // of the first record that is not cleared
    std::uint64_t last_begin_ = 0;     // the position of the last record
    log_space before_last_;            // the state before the last record was written
};

}  // namespace audit_trail::storage
