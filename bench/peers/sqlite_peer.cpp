#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include "peers/members.hpp"
#include "peers/peers.hpp"
#include "support/sample_events.hpp"

namespace bench {
namespace {

class database {
 public:
    explicit database(std::filesystem::path const& path) {
        sqlite3* opened = nullptr;
        int const result = ::sqlite3_open(path.c_str(), &opened);
        handle_.reset(opened);
        expect(SQLITE_OK, result);
    }

    void run(char const* statements) {
        expect(SQLITE_OK, ::sqlite3_exec(handle_.get(), statements, nullptr, nullptr, nullptr));
    }

    void expect(int wanted, int result) const {
        if (result != wanted) throw std::runtime_error(std::string("SQLite: ") + ::sqlite3_errmsg(handle_.get()));
    }

    sqlite3* get() const noexcept { return handle_.get(); }

 private:
    struct closer {
        void operator()(sqlite3* opened) const noexcept { ::sqlite3_close(opened); }
    };
    std::unique_ptr<sqlite3, closer> handle_;
};

/// A statement that is prepared once and run for every event.
class insertion {
 public:
    explicit insertion(database& target) : target_(target) {
        char const* const text = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        sqlite3_stmt* prepared = nullptr;
        target.expect(SQLITE_OK, ::sqlite3_prepare_v2(target.get(), text, -1, &prepared, nullptr));
        statement_.reset(prepared);
    }

    void run(members const& given) {
        int column = 0;
        bind(++column, static_cast<std::int64_t>(given.event_id));
        bind(++column, given.timestamp);
        for (std::string_view const text :
             {given.domain, given.category, given.model_name, given.operation, given.logical_user_id, given.request_id,
              given.field, given.old_value, given.new_value}) {
            bind(++column, text);
        }
        target_.expect(SQLITE_DONE, ::sqlite3_step(statement_.get()));
        target_.expect(SQLITE_OK, ::sqlite3_reset(statement_.get()));
    }

 private:
    void bind(int column, std::int64_t value) {
        target_.expect(SQLITE_OK, ::sqlite3_bind_int64(statement_.get(), column, value));
    }
    void bind(int column, std::string_view text) {
        target_.expect(SQLITE_OK, ::sqlite3_bind_text(statement_.get(), column, text.data(),
                                                      static_cast<int>(text.size()), SQLITE_STATIC));
    }

    struct finalizer {
        void operator()(sqlite3_stmt* prepared) const noexcept { ::sqlite3_finalize(prepared); }
    };
    database& target_;
    std::unique_ptr<sqlite3_stmt, finalizer> statement_;
};

}  // namespace

std::uint64_t sqlite_rows(std::filesystem::path const& directory, std::uint64_t events, std::uint64_t events_a_commit,
                          stopwatch& watch) {
    database target(directory / "audit.sqlite");
    target.run(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE events (event_id INTEGER PRIMARY KEY, timestamp INTEGER, domain TEXT, category TEXT,"
        " model_name TEXT, operation TEXT, logical_user_id TEXT, request_id TEXT, field TEXT, old_value TEXT,"
        " new_value TEXT)");
    insertion insert(target);
    for (std::uint64_t begin = 0; begin < events; begin += events_a_commit) {
        target.run("BEGIN");
        for (std::uint64_t n = begin; n != std::min(begin + events_a_commit, events); ++n) {
            auto const draft = sample_event(n, 1);
            insert.run(members_of(n + 1, draft));
        }
        target.run("COMMIT");
    }
    watch.stop();
    return events;
}

}  // namespace bench
