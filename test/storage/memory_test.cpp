// Tests P4 if memory runs out: whichever allocation fails, the store keeps the acknowledged lines, commits no batch in
// part, and continues.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "print.hpp"
#include "root_fixture.hpp"
#include "simulated_disk.hpp"
#include "support/failing_allocations.hpp"
#include "support/forwarding_file_system.hpp"

namespace audit_trail::storage::memory_test {
namespace {

using namespace test;
namespace fs = std::filesystem;

using file_texts = std::map<std::string, std::string>;

/// The allocations of the file system itself do not count.
class uncounted_file_system final : public forwarding_file_system {
    using forwarding_file_system::forwarding_file_system;

 private:
    void before_call(call_kind) override { before_ = std::exchange(allocations_left, -1); }
    void after_call() noexcept override { allocations_left = before_; }

    inline static thread_local int before_ = -1;
};

bool is_out_of_memory(error_code const& ec) {
    return ec == boost::system::errc::not_enough_memory;
}

struct line_to_add {
    char const* category;
    durability wanted;
    std::string tail;
    std::uint64_t id = 0;         // 0: not acknowledged
    std::uint64_t placed_id = 0;  // in the batch
};

std::vector<line_to_add> lines_to_add() {
    std::vector<line_to_add> lines;
    auto const add = [&](char const* category, durability wanted) {
        lines.push_back({category, wanted, ",\"n\":" + std::to_string(lines.size()) + "}\n"});
    };
    for (int i = 0; i != 4; ++i) add("a", durability::synced);  // over a roll
    add("b", durability::written);
    add("new", durability::synced);
    add("other", durability::written);
    return lines;
}

/// Adds each line that is not acknowledged yet, as the committer does, and commits. Allocates nothing itself.
commit_result add_and_commit(trail_session& session, std::vector<line_to_add>& lines) {
    session.error = {};
    for (auto& line : lines) {
        line.placed_id = 0;
        if (line.id != 0) continue;
        session.batch().mark();
        catch_bad_alloc(session.error, [&] {
            auto& owner = session.store().find("d", line.category);
            session.store().open_segment(session.batch(), owner, session.error);
            if (!session.error) line.placed_id = session.batch().add(owner, line.tail, line.wanted);
        });
        if (line.placed_id == 0) session.batch().roll_back();
    }
    auto const result = session.commit();
    if (result != commit_result::committed) return result;
    for (auto& line : lines) {
        if (line.placed_id != 0) line.id = line.placed_id;
    }
    return result;
}

/// Checks that the files contain every acknowledged line (unless `all`: every line acknowledged as synced), and no line
/// that is not in `lines`.
void check_lines(file_texts const& files, std::vector<line_to_add> const& lines, bool all) {
    std::string whole;
    for (auto const& [path, text] : files) {
        if (path.starts_with("d/")) whole += text;
    }
    std::size_t size = 0;
    for (auto const& line : lines) {
        std::string const text = line_of(line.id, line.tail);
        bool const is_there = whole.find(text) != whole.npos;
        if (is_there) size += text.size();
        if (line.id != 0 && !is_there && (all || line.wanted == durability::synced)) {
            BOOST_ERROR("line " << line.id << " is lost");
        }
    }
    BOOST_TEST(size == whole.size());
}

file_texts files_below(fs::path const& root) {
    file_texts files;
    for (auto const& entry : fs::recursive_directory_iterator(root)) {
        if (entry.is_regular_file()) files[fs::relative(entry.path(), root).string()] = read_file(entry.path());
    }
    return files;
}

struct memory_fixture {
    temporary_directory directory;
    writer_options options;

    memory_fixture() {
        options.max_segment_bytes = 60;
        options.sync_threads = 1;
    }

    /// Two segments are open, with lines that are synced and not synced.
    void prepare(trail_session& session) {
        BOOST_TEST_REQUIRE(session.is_open());
        session.append("d", "a", durability::synced, ",\"before\":1}\n");
        session.append("d", "b", durability::written, ",\"before\":2}\n");
    }
    std::vector<line_to_add> lines_before() const {
        return {{"a", durability::synced, ",\"before\":1}\n", 1}, {"b", durability::written, ",\"before\":2}\n", 2}};
    }

    /// Runs `work` and lets its n-th allocation fail. Returns true if one failed.
    template <class Work>
    static bool runs_out_of_memory(int n, Work work) {
        allocations_left = n;
        work();
        return std::exchange(allocations_left, -1) == -1;
    }

    /// Lets the n-th allocation of a batch fail. Returns true if there was one.
    template <class Files>
    bool check_batch(file_system& system, fs::path const& root, int n, Files files) {
        trail_session session(root, options, system);
        prepare(session);
        auto lines = lines_to_add();
        auto result = commit_result::committed;
        bool const failed = runs_out_of_memory(n, [&] { result = add_and_commit(session, lines); });
        BOOST_TEST(!session.store().failure());
        BOOST_TEST((result == commit_result::committed || result == commit_result::cut_back));
        if (session.error) BOOST_TEST(is_out_of_memory(session.error), session.error.message());

        auto held = lines_before();
        auto const check = [&] {
            auto all = held;
            std::ranges::copy_if(lines, std::back_inserter(all), [](auto const& line) { return line.id != 0; });
            BOOST_TEST(session.store().next_id() == all.size() + 1);
            check_lines(files(), all, true);
        };
        check();
        BOOST_TEST(add_and_commit(session, lines) == commit_result::committed);
        check();
        BOOST_TEST(std::ranges::all_of(lines, [](auto const& line) { return line.id != 0; }));
        written_ = lines;
        return failed;
    }

    std::vector<line_to_add> written_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory, memory_fixture)

BOOST_AUTO_TEST_CASE(p04_a_batch_may_run_out_of_memory_at_any_allocation) {
    bool failed = true;
    int n = 0;
    for (; failed; ++n) {
        BOOST_TEST_CONTEXT("allocation " << n) {
            auto const root = directory.path() / std::to_string(n);
            failed = check_batch(posix_file_system(), root, n, [&] { return files_below(root); });
            trail_session again(root, options);
            BOOST_TEST_REQUIRE(again.is_open());
            BOOST_TEST(again.store().next_id() == written_.size() + 3);
        }
    }
    BOOST_TEST(n > 20);
}

BOOST_AUTO_TEST_CASE(p01_lines_acknowledged_after_memory_ran_out_survive_a_power_cut) {
    bool failed = true;
    for (int n = 0; failed; ++n) {
        BOOST_TEST_CONTEXT("allocation " << n) {
            simulated_disk disk(static_cast<std::uint64_t>(n) + 1);
            uncounted_file_system system(disk);
            failed = check_batch(system, "/trail", n, [&] { return disk.files(); });
            disk.cut_power(simulated_disk::loss::ordered);
            auto all = lines_before();
            all.insert(all.end(), written_.begin(), written_.end());
            trail_session again("/trail", options, system);
            BOOST_TEST_REQUIRE(again.is_open());
            check_lines(disk.files(), all, false);
        }
    }
}

BOOST_AUTO_TEST_CASE(p04_moving_lines_from_a_deleted_segment_may_run_out_of_memory_at_any_allocation) {
    bool failed = true;
    for (int n = 0; failed; ++n) {
        BOOST_TEST_CONTEXT("allocation " << n) {
            auto const root = directory.path() / std::to_string(n);
            trail_session session(root, options);
            prepare(session);
            fs::rename(root / "d/a/audit-000001.jsonl", root / "moved");
            auto lines = lines_to_add();
            auto result = commit_result::committed;
            failed = runs_out_of_memory(n, [&] { result = add_and_commit(session, lines); });
            BOOST_TEST(!session.store().failure());
            BOOST_TEST((result == commit_result::committed || result == commit_result::cut_back));
            BOOST_TEST(add_and_commit(session, lines) == commit_result::committed);
            BOOST_TEST(read_file(root / "moved") == line_of(1, ",\"before\":1}\n"));
            lines.push_back(lines_before()[1]);
            check_lines(files_below(root), lines, true);
            BOOST_TEST(session.store().next_id() == lines.size() + 2);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_flush_may_run_out_of_memory_at_any_allocation_and_be_repeated) {
    bool failed = true;
    for (int n = 0; failed; ++n) {
        BOOST_TEST_CONTEXT("allocation " << n) {
            trail_session session(directory.path() / std::to_string(n), options);
            prepare(session);
            failed = runs_out_of_memory(n, [&] { session.store().sync_all(session.error); });
            BOOST_TEST(!session.store().failure());
            if (session.error) BOOST_TEST(is_out_of_memory(session.error), session.error.message());
            session.store().sync_all(session.error);
            BOOST_TEST(!session.error);
            BOOST_TEST(session.store().synced_through() == 2u);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_close_may_run_out_of_memory_at_any_allocation_and_releases_the_root) {
    bool failed = true;
    for (int n = 0; failed; ++n) {
        BOOST_TEST_CONTEXT("allocation " << n) {
            auto const root = directory.path() / std::to_string(n);
            trail_session session(root, options);
            prepare(session);
            failed = runs_out_of_memory(n, [&] { session.close(); });
            if (session.error) BOOST_TEST(is_out_of_memory(session.error), session.error.message());
            trail_session again(root, options);
            BOOST_TEST_REQUIRE(again.is_open());
            BOOST_TEST(again.report.clean == !session.error);
            BOOST_TEST(again.store().next_id() == 3u);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::storage::memory_test
