#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "print.hpp"
#include "root_fixture.hpp"

namespace audit_trail::storage::commit_test {
namespace {

using test::call_kind;
using test::faulty_file_system;
using test::line_of;
using test::read_file;
using test::root_fixture;
using test::short_tail;
using test::trail_session;

namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(committing, root_fixture)

BOOST_AUTO_TEST_CASE(p01_lines_come_before_their_syncs_and_these_before_the_index) {
    trail_session session(root, {}, system);
    system.forget_calls();
    session.add("d", "a");
    session.add("d", "b");
    BOOST_TEST(session.commit() == commit_result::committed);

    auto const last_line = std::max(position(call_kind::append, "d/a/audit-000001.jsonl"),
                                    position(call_kind::append, "d/b/audit-000001.jsonl"));
    auto const index = position(call_kind::write_at, "index.json");
    BOOST_REQUIRE(index < system.calls().size());
    for (char const* const synced : {"d/a/audit-000001.jsonl", "d/b/audit-000001.jsonl", "d/a", "d/b", "d", "."}) {
        BOOST_TEST_CONTEXT(synced) {
            BOOST_TEST(position(call_kind::sync, synced) > last_line);
            BOOST_TEST(position(call_kind::sync, synced) < index);
        }
    }
    BOOST_TEST(index < position(call_kind::write_at, ".lock"));
    BOOST_TEST(segment("a") == line_of(1));
    BOOST_TEST(segment("b") == line_of(2));
}

BOOST_AUTO_TEST_CASE(p01_written_events_sync_the_lock_once_and_nothing_else) {
    trail_session session(root, {}, system);
    system.forget_calls();
    session.append("d", "a", durability::written);
    BOOST_TEST(system.count(call_kind::sync) == 1u);
    BOOST_TEST(called(call_kind::sync, ".lock"));
    system.forget_calls();
    session.append("d", "a", durability::written);
    BOOST_TEST(system.count(call_kind::sync) == 0u);
    BOOST_TEST(session.store().synced_through() == 0u);
}

BOOST_AUTO_TEST_CASE(p01_a_synced_event_syncs_the_directories_that_a_written_one_made) {
    trail_session session(root, {}, system);
    session.append("d", "a", durability::written);
    system.forget_calls();
    session.append("d", "a", durability::synced);
    for (char const* const synced : {"d/a/audit-000001.jsonl", "d/a", "d", "."}) {
        BOOST_TEST_CONTEXT(synced) {
            BOOST_TEST(called(call_kind::sync, synced));
        }
    }
    BOOST_TEST(session.store().synced_through() == 2u);
}

BOOST_AUTO_TEST_CASE(p01_the_first_event_of_a_category_syncs_directories_that_existed_before) {
    trail_session session(root, {}, system);
    std::filesystem::create_directories(root / "d" / "a");
    session.append("d", "a");
    for (char const* const synced : {"d/a", "d", "."}) {
        BOOST_TEST_CONTEXT(synced) {
            BOOST_TEST(called(call_kind::sync, synced));
        }
    }
}

BOOST_AUTO_TEST_CASE(p01_a_directory_is_synced_once) {
    trail_session session(root, {}, system);
    session.append("d", "a");
    system.forget_calls();
    session.append("d", "a");
    BOOST_TEST(system.count(call_kind::sync) == 1u);
}

BOOST_AUTO_TEST_CASE(p01_synced_through_stays_below_the_first_unsynced_line) {
    trail_session session(root, {}, system);
    session.append("d", "a", durability::synced);
    session.append("d", "b", durability::written);
    session.append("d", "a", durability::synced);
    BOOST_TEST(session.store().synced_through() == 1u);
    session.append("d", "b", durability::synced);
    BOOST_TEST(session.store().synced_through() == 4u);
    BOOST_TEST(parse_lock_record(read_file(root / ".lock"))->synced_through == 4u);
}

BOOST_AUTO_TEST_CASE(a_flush_syncs_all_written_lines_and_nothing_twice) {
    trail_session session(root, {}, system);
    session.append("d", "a", durability::written);
    session.append("d", "b", durability::written);
    session.store().sync_all(session.error);
    BOOST_TEST(!session.error);
    BOOST_TEST(session.store().synced_through() == 2u);
    system.forget_calls();
    session.store().sync_all(session.error);
    BOOST_TEST(system.count(call_kind::sync) == 0u);
}

BOOST_AUTO_TEST_CASE(p02_every_batch_overwrites_the_index_in_place) {
    trail_session session(root, {}, system);
    for (int i = 1; i <= 12; ++i) {
        session.append("d", "a");
        BOOST_TEST(read_file(root / "index.json") == format_index(static_cast<std::uint64_t>(i)));
    }
    BOOST_TEST(system.count(call_kind::rename) == 1u);
}

BOOST_AUTO_TEST_CASE(p03_a_roll_keeps_the_order_and_the_limit) {
    writer_options options;
    options.max_segment_bytes = 40;
    trail_session session(root, options, system);
    for (int i = 0; i < 5; ++i) session.add("d", "a");
    session.commit();
    BOOST_TEST(segment("a", 1) == line_of(1) + line_of(2));
    BOOST_TEST(segment("a", 2) == line_of(3) + line_of(4));
    BOOST_TEST(segment("a", 3) == line_of(5));
    BOOST_TEST(session.store().synced_through() == 5u);
}

BOOST_AUTO_TEST_CASE(short_writes_are_continued) {
    trail_session session(root, {}, system);
    system.fail_when([](auto const& call, std::size_t) {
        return faulty_file_system::fault{0, call.kind == call_kind::append ? std::size_t{3} : SIZE_MAX};
    });
    session.add("d", "a");
    session.add("d", "a");
    BOOST_TEST(session.commit() == commit_result::committed);
    BOOST_TEST(segment("a") == line_of(1) + line_of(2));
}

/// Commits one batch over two categories and a roll, after earlier lines.
struct cut_back_fixture : root_fixture {
    writer_options options;

    cut_back_fixture() { options.max_segment_bytes = 60; }

    void prepare(trail_session& session) {
        session.add("d", "a");
        session.add("d", "b");
        BOOST_REQUIRE(session.commit() == commit_result::committed);
    }
    void fill(trail_session& session) {
        session.add("d", "b");
        for (int i = 0; i < 5; ++i) session.add("d", "a");
    }
    void check_before(trail_session& session) {
        BOOST_TEST(segment("a", 1) == line_of(1));
        BOOST_TEST(segment("a", 2) == "");
        BOOST_TEST(segment("b", 1) == line_of(2));
        BOOST_TEST(read_file(root / "index.json") == format_index(2));
        BOOST_TEST(session.store().next_id() == 3u);
    }
    void check_after(trail_session& session) {
        BOOST_TEST(segment("b", 1) == line_of(2) + line_of(3));
        BOOST_TEST(segment("a", 1) == line_of(1) + line_of(4) + line_of(5));
        BOOST_TEST(segment("a", 2) == line_of(6) + line_of(7) + line_of(8));
        BOOST_TEST(session.store().next_id() == 9u);
    }
};

BOOST_FIXTURE_TEST_CASE(p04_a_batch_that_meets_a_full_disk_is_cut_back_exactly, cut_back_fixture) {
    for (int const error : {ENOSPC, EDQUOT, EFBIG, EMFILE, ENFILE, ENOMEM}) {
        for (std::size_t n = 1;; ++n) {
            fs::remove_all(root);
            trail_session session(root, options, system);
            prepare(session);
            fill(session);
            system.fail_nth(call_kind::append, n, error);
            auto const result = session.commit();
            system.fail_nothing();
            if (result == commit_result::committed) {
                BOOST_TEST(n == 4u);  // three segment writes
                break;
            }
            BOOST_TEST_CONTEXT("error " << error << " in write " << n) {
                BOOST_TEST(result == commit_result::cut_back);
                BOOST_TEST(session.error == error_code(error, boost::system::system_category()));
                check_before(session);
                if (error == EFBIG) continue;  // the category goes on in another segment
                fill(session);
                BOOST_TEST(session.commit() == commit_result::committed);
                check_after(session);
            }
        }
    }
}

/// If the process ends between a cut and its sync, the next opening must sync the segments.
BOOST_FIXTURE_TEST_CASE(p04_the_lock_file_says_that_segments_are_cut_before_the_first_cut, cut_back_fixture) {
    trail_session session(root, options, system);
    prepare(session);
    fill(session);
    std::string at_first_cut;
    system.fail_when([&](auto const& call, std::size_t number) {
        if (call.kind == call_kind::truncate && number == 1) at_first_cut = read_file(root / storage::lock_name);
        return faulty_file_system::fault{call.kind == call_kind::append && number == 3 ? EMFILE : 0};
    });
    BOOST_TEST(session.commit() == commit_result::cut_back);
    BOOST_TEST_REQUIRE(storage::parse_lock_record(at_first_cut).has_value());
    BOOST_TEST((storage::parse_lock_record(at_first_cut)->state == storage::end_state::cutting));
    auto const afterwards = storage::parse_lock_record(read_file(root / storage::lock_name));
    BOOST_TEST_REQUIRE(afterwards.has_value());
    BOOST_TEST((afterwards->state != storage::end_state::cutting));
}

/// Segments do not change while the disk stays full, so that programs that tail them miss nothing later.
BOOST_FIXTURE_TEST_CASE(p04_while_the_disk_stays_full_nothing_is_written, cut_back_fixture) {
    for (int const error : {ENOSPC, EDQUOT}) {
        fs::remove_all(root);
        trail_session session(root, options, system);
        prepare(session);
        auto const full = [error](auto const& call, std::size_t number) {
            bool const hit = call.kind == call_kind::append || (call.kind == call_kind::reserve && number % 2 == 0);
            return faulty_file_system::fault{hit ? error : 0};
        };
        system.fail_when(full);
        fill(session);
        BOOST_TEST(session.commit() == commit_result::cut_back);
        system.forget_calls();
        for (int i = 0; i != 3; ++i) {
            system.fail_when(full);
            fill(session);
            BOOST_TEST(session.commit() == commit_result::cut_back);
            BOOST_TEST(session.error == error_code(error, boost::system::system_category()));
            check_before(session);
        }
        BOOST_TEST(system.count(call_kind::append) == 0u);
        BOOST_TEST(system.count(call_kind::sync) == 0u);
        BOOST_TEST(system.count(call_kind::write_at) == 0u);
        system.fail_nothing();
        fill(session);
        BOOST_TEST(session.commit() == commit_result::committed);
        check_after(session);
        system.forget_calls();
        session.append("d", "a");
        BOOST_TEST(system.count(call_kind::reserve) == 0u);
    }
}

BOOST_FIXTURE_TEST_CASE(p04_without_fallocate_a_full_disk_is_found_by_the_write, cut_back_fixture) {
    trail_session session(root, options, system);
    prepare(session);
    for (int i = 0; i != 2; ++i) {
        fill(session);
        system.fail_when([](auto const& call, std::size_t) {
            if (call.kind == call_kind::reserve) return faulty_file_system::fault{EOPNOTSUPP};
            return faulty_file_system::fault{call.kind == call_kind::append ? ENOSPC : 0};
        });
        BOOST_TEST(session.commit() == commit_result::cut_back);
        BOOST_TEST(session.error == error_code(ENOSPC, boost::system::system_category()));
        check_before(session);
    }
    system.fail_nth(call_kind::reserve, 1, EOPNOTSUPP, true);
    fill(session);
    BOOST_TEST(session.commit() == commit_result::committed);
    check_after(session);
}

BOOST_FIXTURE_TEST_CASE(p04_half_a_write_is_cut_back_too, cut_back_fixture) {
    for (std::size_t bytes = 0; bytes <= 2 * line_of(9).size(); ++bytes) {
        BOOST_TEST_CONTEXT(bytes << " bytes fit") {
            fs::remove_all(root);
            trail_session session(root, options, system);
            prepare(session);
            fill(session);
            std::size_t room = bytes;
            system.fail_when([&](auto const& call, std::size_t) {
                if (call.kind != call_kind::append) return faulty_file_system::fault{};
                if (room == 0) return faulty_file_system::fault{ENOSPC};
                return faulty_file_system::fault{0, std::exchange(room, 0)};
            });
            BOOST_TEST(session.commit() == commit_result::cut_back);
            system.fail_nothing();
            check_before(session);
            fill(session);
            BOOST_TEST(session.commit() == commit_result::committed);
            check_after(session);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(p04_a_full_disk_at_the_index_cuts_back_what_is_already_synced, cut_back_fixture) {
    trail_session session(root, options, system);
    prepare(session);
    fill(session);
    system.fail_nth(call_kind::write_at, 1, ENOSPC);
    BOOST_TEST(session.commit() == commit_result::cut_back);
    system.fail_nothing();
    check_before(session);
    fill(session);
    BOOST_TEST(session.commit() == commit_result::committed);
    check_after(session);
}

BOOST_FIXTURE_TEST_CASE(p04_a_partly_written_index_is_restored, cut_back_fixture) {
    trail_session session(root, options, system);
    prepare(session);
    fill(session);
    system.fail_when([](auto const& call, std::size_t number) {
        if (call.kind != call_kind::write_at || number > 2) return faulty_file_system::fault{};
        return number == 1 ? faulty_file_system::fault{0, 20} : faulty_file_system::fault{ENOSPC};
    });
    BOOST_TEST(session.commit() == commit_result::cut_back);
    system.fail_nothing();
    check_before(session);
}

BOOST_FIXTURE_TEST_CASE(p04_a_cut_is_synced_before_its_ids_are_reused, cut_back_fixture) {
    trail_session session(root, options, system);
    prepare(session);
    fill(session);
    system.forget_calls();
    system.fail_nth(call_kind::append, 2, ENOSPC);
    session.commit();
    for (char const* const path : {"d/a/audit-000001.jsonl", "d/b/audit-000001.jsonl"}) {
        BOOST_TEST_CONTEXT(path) {
            BOOST_REQUIRE(called(call_kind::truncate, path));
            BOOST_TEST(position(call_kind::truncate, path) < position(call_kind::sync, path));
            BOOST_TEST(called(call_kind::sync, path));
        }
    }
}

BOOST_FIXTURE_TEST_CASE(p04_a_directory_that_cannot_be_opened_for_its_sync_fails_only_one_batch, cut_back_fixture) {
    trail_session session(root, options, system);
    prepare(session);
    session.add("e", "new");
    system.fail_nth(call_kind::open_directory, 1, EMFILE, true);
    BOOST_TEST(session.commit() == commit_result::cut_back);
    system.fail_nothing();
    session.add("e", "new");
    BOOST_TEST(session.commit() == commit_result::committed);
    BOOST_TEST(read_file(root / "e/new/audit-000001.jsonl") == line_of(3));
}

BOOST_FIXTURE_TEST_CASE(p04_a_segment_that_cannot_be_opened_refuses_only_its_own_category, root_fixture) {
    trail_session session(root, {}, system);
    session.append("d", "a");
    fs::create_symlink(directory.path(), root / "d" / "link");
    test::write_file(root / "d" / "file", "");
    BOOST_TEST(session.add("d", "link") == 0u);
    BOOST_TEST(session.error == make_error_code(error::not_a_trail));
    BOOST_TEST(session.add("d", "file") == 0u);
    BOOST_TEST(session.error == make_error_code(error::not_a_trail));
    BOOST_TEST(session.add("d", "a") == 2u);
    BOOST_TEST(session.commit() == commit_result::committed);
}

/// Files cannot grow beyond a hundred bytes, as with RLIMIT_FSIZE.
struct small_files : root_fixture {
    trail_session session{root, {}, system};

    small_files() {
        system.fail_when([this](auto const& call, std::size_t) {
            if (call.kind != call_kind::append) return faulty_file_system::fault{};
            std::size_t const room = 100 - fs::file_size(root / call.path);
            return room == 0 ? faulty_file_system::fault{EFBIG} : faulty_file_system::fault{0, room};
        });
    }
    error_code append(std::string const& tail = short_tail) {
        session.append("d", "a", durability::synced, tail);
        return session.error;
    }
};

BOOST_FIXTURE_TEST_CASE(p04_a_category_goes_on_in_the_next_segment_if_a_file_cannot_grow, small_files) {
    error_code const too_large(EFBIG, boost::system::system_category());
    int refused = 0;
    for (int n = 0; n != 30; ++n) {
        if (append() == too_large) ++refused;
    }
    BOOST_TEST(refused == 1);
    BOOST_TEST(session.store().next_id() == 30u);
    std::string lines;
    for (std::uint64_t number = 1; fs::exists(root / "d/a" / segment_name(number)); ++number) {
        lines += segment("a", number);
    }
    std::string expected;
    for (std::uint64_t id = 1; id != 30; ++id) expected += line_of(id);
    BOOST_TEST(lines == expected);
}

BOOST_FIXTURE_TEST_CASE(p04_a_line_larger_than_any_file_begins_one_segment_and_no_more, small_files) {
    BOOST_TEST(!append());
    for (int n = 0; n != 3; ++n) {
        BOOST_TEST(append(",\"n\":\"" + std::string(100, 'x') + "\"}\n") ==
                   error_code(EFBIG, boost::system::system_category()));
    }
    BOOST_TEST(!append());
    BOOST_TEST(segment("a", 2) == line_of(2));
    BOOST_TEST(!fs::exists(root / "d/a" / segment_name(3)));
}

BOOST_FIXTURE_TEST_CASE(p05_any_other_write_error_stops_the_store, cut_back_fixture) {
    for (std::size_t n = 1; n <= 3; ++n) {
        BOOST_TEST_CONTEXT("write " << n) {
            fs::remove_all(root);
            trail_session session(root, options, system);
            prepare(session);
            fill(session);
            system.fail_nth(call_kind::append, n, EIO);
            BOOST_TEST(session.commit() == commit_result::failed);
            BOOST_TEST(session.error == error_code(EIO, boost::system::system_category()));
            system.fail_nothing();
            fill(session);
            BOOST_TEST(session.commit() == commit_result::failed);
            BOOST_TEST(session.error == error_code(EIO, boost::system::system_category()));
            BOOST_TEST((parse_lock_record(read_file(root / ".lock"))->state == end_state::failed));
        }
    }
}

BOOST_FIXTURE_TEST_CASE(p05_a_failed_cut_back_stops_the_store, cut_back_fixture) {
    for (auto const kind : {call_kind::truncate, call_kind::sync}) {
        fs::remove_all(root);
        trail_session session(root, options, system);
        prepare(session);
        fill(session);
        system.fail_when([&](auto const& call, std::size_t) {
            bool const hit = call.kind == kind || call.kind == call_kind::append;
            return faulty_file_system::fault{hit ? ENOSPC : 0};
        });
        BOOST_TEST(session.commit() == commit_result::failed);
        system.fail_nothing();
        BOOST_TEST(session.store().failure() == error_code(ENOSPC, boost::system::system_category()));
    }
}

BOOST_FIXTURE_TEST_CASE(p05_a_failed_sync_is_final_whatever_the_number_and_never_repeated, cut_back_fixture) {
    for (int const error : {EIO, ENOSPC, EDQUOT}) {
        for (std::size_t n = 1;; ++n) {
            fs::remove_all(root);
            trail_session session(root, options, system);
            session.add("d", "a");
            session.add("d", "b");
            system.forget_calls();
            system.fail_nth(call_kind::sync, n, error);
            auto const result = session.commit();
            system.fail_nothing();
            if (result == commit_result::committed) {
                BOOST_TEST(n == 7u);  // six: two segments, their directories, the domain's, the root
                break;
            }
            BOOST_TEST_CONTEXT("error " << error << " in sync " << n) {
                BOOST_TEST(result == commit_result::failed);
                BOOST_TEST(session.error == error_code(error, boost::system::system_category()));
                BOOST_TEST(read_file(root / "index.json") == format_index(0));

                system.forget_calls();
                session.store().sync_all(session.error);
                BOOST_TEST(session.error == error_code(error, boost::system::system_category()));
                session.close();
                BOOST_TEST(session.error == error_code(error, boost::system::system_category()));
                BOOST_TEST(system.count(call_kind::sync) == 0u);
                BOOST_TEST((parse_lock_record(read_file(root / ".lock"))->state == end_state::failed));
            }
        }
    }
}

BOOST_FIXTURE_TEST_CASE(p05_a_failed_sync_at_the_close_leaves_no_clean_end, root_fixture) {
    for (std::size_t n = 1; n <= 5; ++n) {
        fs::remove_all(root);
        trail_session session(root, {}, system);
        session.append("d", "a", durability::written);
        system.fail_nth(call_kind::sync, n, EIO);
        session.close();
        system.fail_nothing();
        BOOST_TEST(session.error == error_code(EIO, boost::system::system_category()));
        trail_session next(root);
        BOOST_REQUIRE(next.is_open());
        BOOST_TEST(!next.report.clean);
    }
}

BOOST_FIXTURE_TEST_CASE(a_failed_update_of_the_lock_record_fails_no_batch, root_fixture) {
    trail_session session(root, {}, system);
    system.fail_when(
        [](auto const& call, std::size_t) { return faulty_file_system::fault{call.path == ".lock" ? ENOSPC : 0}; });
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    BOOST_TEST(parse_lock_record(read_file(root / ".lock"))->synced_through == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(open_segments, root_fixture)

writer_options two_open_segments() {
    writer_options options;
    options.max_open_segments = 2;
    return options;
}

BOOST_AUTO_TEST_CASE(p08_no_more_segments_are_open_than_allowed) {
    trail_session session(root, two_open_segments(), system);
    auto const before = system.open_handles();
    for (int i = 0; i < 20; ++i) {
        session.append("d", "c" + std::to_string(i), durability::written);
        BOOST_TEST(system.open_handles() <= before + 2);
    }
}

BOOST_AUTO_TEST_CASE(p01_an_unsynced_segment_is_synced_before_it_is_evicted) {
    trail_session session(root, two_open_segments(), system);
    session.append("d", "a", durability::written);
    session.append("d", "b", durability::written);
    system.forget_calls();
    session.append("d", "c", durability::written);
    BOOST_TEST(called(call_kind::sync, "d/a/audit-000001.jsonl"));
    BOOST_TEST(called(call_kind::sync, "d/a"));
    BOOST_TEST(!called(call_kind::sync, "d/b/audit-000001.jsonl"));
    BOOST_TEST(session.store().synced_through() == 1u);
}

/// The number of consecutive syncs.
std::size_t sync_rounds(std::vector<faulty_file_system::call> const& calls) {
    std::size_t rounds = 0;
    for (std::size_t n = 0; n != calls.size(); ++n) {
        bool const begins = calls[n].kind == call_kind::sync && (n == 0 || calls[n - 1].kind != call_kind::sync);
        if (begins) ++rounds;
    }
    return rounds;
}

BOOST_AUTO_TEST_CASE(an_eighth_of_the_open_segments_is_synced_in_one_round_before_they_are_closed) {
    writer_options options;
    options.max_open_segments = 64;
    trail_session session(root, options, system);
    auto const append_to_new = [&](int first, int last) {
        for (int i = first; i != last; ++i) session.append("d", "c" + std::to_string(i), durability::written);
    };
    append_to_new(0, 64);
    system.forget_calls();
    append_to_new(64, 256);
    BOOST_TEST(sync_rounds(system.calls()) == 192u / 8);
    BOOST_TEST(session.store().synced_through() == 192u);
}

BOOST_AUTO_TEST_CASE(p04_idle_segments_are_closed_when_descriptors_run_out) {
    for (auto const wanted : {durability::written, durability::synced}) {
        fs::remove_all(root);
        trail_session session(root, {}, system);
        system.limit_handles(system.open_handles() + 3);
        for (int round = 0; round != 2; ++round) {
            for (int i = 0; i != 20; ++i) {
                BOOST_TEST((session.append("d", "c" + std::to_string(i), wanted) == commit_result::committed));
            }
        }
        BOOST_TEST(segment("c7") == line_of(8) + line_of(28));
        session.close();
        BOOST_TEST(!session.error);
        system.fail_nothing();
    }
}

BOOST_AUTO_TEST_CASE(p04_a_batch_that_holds_every_descriptor_is_committed_and_makes_room) {
    trail_session session(root, {}, system);
    system.limit_handles(system.open_handles() + 3);
    for (int i = 0; i != 3; ++i) BOOST_TEST(session.add("d", "c" + std::to_string(i)) != 0u);
    BOOST_TEST(session.add("d", "c3") == 0u);
    BOOST_TEST(session.error == error_code(EMFILE, boost::system::system_category()));
    BOOST_TEST(session.commit() == commit_result::committed);
    BOOST_TEST(session.append("d", "c3") == commit_result::committed);
    BOOST_TEST(session.store().synced_through() == 4u);
}

BOOST_AUTO_TEST_CASE(the_least_recently_used_segment_is_closed) {
    trail_session session(root, two_open_segments(), system);
    for (char const* const name : {"a", "b", "a", "c"}) session.append("d", name);
    system.forget_calls();
    session.append("d", "a");
    BOOST_TEST(!called(call_kind::open_file, "d/a/audit-000001.jsonl"));
    session.append("d", "b");
    BOOST_TEST(called(call_kind::open_file, "d/b/audit-000001.jsonl"));
    BOOST_TEST(segment("a") == line_of(1) + line_of(3) + line_of(5));
    BOOST_TEST(segment("b") == line_of(2) + line_of(6));
}

BOOST_AUTO_TEST_CASE(a_segment_of_the_batch_stays_open_even_past_the_limit) {
    trail_session session(root, two_open_segments(), system);
    for (char const* const name : {"a", "b", "c", "d", "a"}) BOOST_TEST(session.add("d", name) != 0u);
    BOOST_TEST(session.commit() == commit_result::committed);
    BOOST_TEST(segment("a") == line_of(1) + line_of(5));
    BOOST_TEST(segment("d") == line_of(4));
}

BOOST_AUTO_TEST_CASE(p05_a_failed_sync_of_an_evicted_segment_is_final) {
    trail_session session(root, two_open_segments(), system);
    session.append("d", "a", durability::written);
    session.append("d", "b", durability::written);
    system.fail_nth(call_kind::sync, 1, EIO);
    BOOST_TEST(session.add("d", "c") == 0u);
    system.fail_nothing();
    BOOST_TEST(session.store().failure() == error_code(EIO, boost::system::system_category()));
    BOOST_TEST(session.append("d", "b") == commit_result::failed);
    BOOST_TEST(segment("b") == line_of(2));
}

/// A hundred categories, with a directory each that is not synced yet.
struct many_directories : root_fixture {
    trail_session session{root, {}, system};

    void add_to_all(durability wanted) {
        for (int i = 0; i < 100; ++i) session.add("d", "c" + std::to_string(i), wanted);
    }
    std::size_t synced_directories() const {
        return static_cast<std::size_t>(std::ranges::count_if(system.calls(), [](auto const& made) {
            return made.kind == call_kind::sync && !made.path.ends_with(".jsonl");
        }));
    }
};

BOOST_FIXTURE_TEST_CASE(p01_a_flush_of_many_new_directories_needs_few_handles, many_directories) {
    add_to_all(durability::written);
    session.commit();
    system.limit_handles(system.open_handles() + 2);
    session.store().sync_all(session.error);
    BOOST_TEST(!session.error);
    BOOST_TEST(session.store().synced_through() == 100u);
    BOOST_TEST(synced_directories() >= 102u);
}

BOOST_FIXTURE_TEST_CASE(p04_a_batch_of_many_new_directories_needs_few_handles, many_directories) {
    add_to_all(durability::synced);
    system.limit_handles(system.open_handles() + 2);
    BOOST_TEST(session.commit() == commit_result::committed);
    BOOST_TEST(session.store().synced_through() == 100u);
    BOOST_TEST(synced_directories() >= 102u);
}

BOOST_FIXTURE_TEST_CASE(p01_a_flush_needs_no_free_handle, many_directories) {
    add_to_all(durability::written);
    session.commit();
    system.limit_handles(system.open_handles());
    session.store().sync_all(session.error);
    BOOST_TEST(!session.error);
    BOOST_TEST(session.store().synced_through() == 100u);
}

BOOST_FIXTURE_TEST_CASE(p04_a_flush_that_finds_no_handle_can_be_repeated, many_directories) {
    add_to_all(durability::written);
    session.commit();
    system.fail_nth(call_kind::open_directory, 1, EMFILE, true);
    session.store().sync_all(session.error);
    BOOST_TEST(session.error == error_code(EMFILE, boost::system::system_category()));
    BOOST_TEST(!session.store().failure());
    system.fail_nothing();
    session.store().sync_all(session.error);
    BOOST_TEST(!session.error);
    BOOST_TEST(session.append("d", "c0") == commit_result::committed);
    BOOST_TEST(session.store().synced_through() == 101u);
}

BOOST_AUTO_TEST_CASE(a_full_unsynced_segment_is_synced_by_the_next_flush) {
    writer_options options;
    options.max_segment_bytes = 10;
    trail_session session(root, options, system);
    session.append("d", "a", durability::written);
    session.append("d", "a", durability::synced);
    BOOST_TEST(session.store().synced_through() == 0u);
    session.store().sync_all(session.error);
    BOOST_TEST(session.store().synced_through() == 2u);
}

BOOST_AUTO_TEST_CASE(a_rolled_back_group_leaves_no_gap) {
    writer_options options;
    options.max_segment_bytes = 40;
    trail_session session(root, options, system);
    session.add("d", "a");
    session.batch().mark();
    for (int i = 0; i < 4; ++i) session.add("d", "a");
    session.batch().roll_back();
    for (int i = 0; i < 3; ++i) session.add("d", "a");
    BOOST_TEST(session.commit() == commit_result::committed);
    BOOST_TEST(segment("a", 1) == line_of(1) + line_of(2));
    BOOST_TEST(segment("a", 2) == line_of(3) + line_of(4));
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    BOOST_TEST(segment("a", 3) == line_of(5));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::commit_test
