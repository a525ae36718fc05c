#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include "storage/print.hpp"
#include "storage/root_fixture.hpp"
#include "support/processes.hpp"
#include "system/file_operations.hpp"

namespace {

/// The directory that no fsync accepts, and how often both functions were called.
std::atomic<ino_t> unsyncable = 0;
std::atomic<int> fsync_calls = 0;
std::atomic<int> syncfs_calls = 0;

}  // namespace

/// Replace the functions of the C library in this program.
extern "C" int fsync(int file) {
    ++fsync_calls;
    struct stat found {};
    if (unsyncable == 0 || ::fstat(file, &found) != 0 || found.st_ino != unsyncable) {
        return static_cast<int>(::syscall(SYS_fsync, file));
    }
    errno = EINVAL;
    return -1;
}

extern "C" int syncfs(int file) noexcept {
    ++syncfs_calls;
    return static_cast<int>(::syscall(SYS_syncfs, file));
}

namespace audit_trail::storage::posix_file_system_test {
namespace {

using namespace test;
namespace fs = std::filesystem;

struct open_root_fixture : temporary_directory {
    file_system& system = posix_file_system();
    error_code ec;
    fs::path root = path() / "root";
    owned_file at;

    open_root_fixture() {
        BOOST_REQUIRE(!fs::exists(root));
        at = owned_file(system, system.open_or_create_root(root, ec));
        BOOST_REQUIRE(!ec);
        BOOST_REQUIRE(fs::is_directory(root));
    }

    owned_file open(char const* name, open_mode mode) {
        return owned_file(system, system.open_file(at.get(), name, mode, ec));
    }
    bool fails_with(int number) const { return is_errno(ec, number); }
    bool is_not_a_trail() const { return ec == make_error_code(error::not_a_trail); }
};

/// Restores the mask of the process.
struct file_mask {
    explicit file_mask(mode_t mask) : before(::umask(mask)) {}
    ~file_mask() { ::umask(before); }
    mode_t before;
};

mode_t mode_of(fs::path const& path) {
    struct stat found {};
    BOOST_REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 07777;
}

long blocks_of(fs::path const& path) {
    struct stat found {};
    BOOST_REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_blocks;
}

/// From now on openat2 fails with that number in this process, as under a container's seccomp profile.
bool refuse_openat2(int number) {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(number)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    sock_fprog program{std::size(code), code};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// Constructed before the first use of the file system, so that it is destroyed after static objects constructed then.
struct last_user {
    bool has_work = false;
    ~last_user() {
        if (!has_work) return;
        error_code ec;
        posix_file_system().status(file_handle::none, ec);
        ::_exit(is_errno(ec, EBADF) ? 7 : 1);
    }
} last;

BOOST_FIXTURE_TEST_SUITE(posix, open_root_fixture)

BOOST_AUTO_TEST_CASE(the_file_system_outlives_static_objects_that_use_it) {
    pid_t const child = ::fork();
    if (child == 0) {
        last.has_work = true;
        std::exit(0);
    }
    BOOST_TEST(exit_code_of(child) == 7);
}

BOOST_AUTO_TEST_CASE(reserve_keeps_the_file_size_and_truncate_releases_the_space) {
    owned_file const file = open("file", open_mode::create_append);
    system.append(file.get(), std::string_view("text"), ec);
    system.reserve(file.get(), 4, 1 << 20, ec);
    if (fails_with(EOPNOTSUPP)) return;
    BOOST_TEST(!ec, ec.message());
    BOOST_TEST(system.status(file.get(), ec).size == 4u);
    BOOST_TEST(blocks_of(root / "file") >= (1 << 20) / 512);
    system.truncate(file.get(), 4, ec);
    BOOST_TEST(read_file(root / "file") == "text");
    BOOST_TEST(blocks_of(root / "file") < (1 << 20) / 512);
}

BOOST_AUTO_TEST_CASE(opening_a_root_without_openat2_reports_that) {
    for (int const answer : {ENOSYS, EPERM}) {
        pid_t const child = ::fork();
        if (child == 0) {
            if (!refuse_openat2(answer)) ::_exit(0);  // filters are not allowed here
            system.open_or_create_root(root, ec);
            ::_exit(ec == error::openat2_unavailable ? 0 : 1);
        }
        BOOST_TEST(exit_code_of(child) == 0);
    }
    BOOST_TEST(make_error_code(error::openat2_unavailable).message().find("seccomp") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_root_is_created_with_its_missing_parents) {
    for (char const* const name : {"x/y/z", "trailing/slash/"}) {
        BOOST_TEST(!fs::exists(path() / name));
        owned_file const made(system, system.open_or_create_root(path() / name, ec));
        BOOST_TEST(!ec);
        BOOST_TEST(fs::is_directory(path() / name));
        owned_file const again(system, system.open_or_create_root(path() / name, ec));
        BOOST_TEST(!ec);
        BOOST_TEST(system.status(again.get(), ec).inode == system.status(made.get(), ec).inode);
    }
}

BOOST_AUTO_TEST_CASE(open_root_does_not_create_a_root) {
    system.open_root(path() / "absent", ec);
    BOOST_TEST(fails_with(ENOENT));
    BOOST_TEST(!fs::exists(path() / "absent"));
}

BOOST_AUTO_TEST_CASE(a_file_or_an_empty_path_is_not_a_root) {
    write_file(path() / "file", "x");
    system.open_or_create_root(path() / "file", ec);
    BOOST_TEST(is_not_a_trail());
    system.open_or_create_root("", ec);
    BOOST_TEST(ec.failed());
    system.open_or_create_root(path() / "file" / "below", ec);
    BOOST_TEST(ec.failed());
}

BOOST_AUTO_TEST_CASE(a_link_may_lead_to_the_root) {
    fs::create_directory_symlink(root, path() / "link");
    owned_file const opened(system, system.open_or_create_root(path() / "link", ec));
    BOOST_TEST(!ec);
    BOOST_TEST(system.status(opened.get(), ec).inode == system.status(at.get(), ec).inode);
}

BOOST_AUTO_TEST_CASE(p11_no_path_climbs_out_or_follows_a_link) {
    write_file(path() / "outside/secret", "x");
    fs::create_directory_symlink(path() / "outside", root / "link");
    fs::create_symlink(path() / "outside/secret", root / "file_link");
    for (auto const mode :
         {open_mode::read, open_mode::append, open_mode::create_append, open_mode::read_write, open_mode::replace}) {
        for (char const* const name : {"../outside/secret", "link/secret", "file_link"}) {
            BOOST_TEST(!open(name, mode));
            BOOST_TEST(ec.failed());
        }
        BOOST_TEST(!open((path() / "outside/secret").c_str(), mode));
        BOOST_TEST(ec.failed());
    }
    for (char const* const name : {"..", "link", "../outside", "/"}) {
        system.open_directory(at.get(), name, ec);
        BOOST_TEST(is_not_a_trail());
    }
    for (char const* const name : {"link/made", "../made"}) {
        system.make_directory(at.get(), name, ec);
        BOOST_TEST(is_not_a_trail());
    }
    BOOST_TEST(read_file(path() / "outside/secret") == "x");
    BOOST_TEST(!fs::exists(path() / "outside/made"));
    BOOST_TEST(!fs::exists(path() / "made"));
}

BOOST_AUTO_TEST_CASE(p11_special_files_are_refused_without_blocking) {
    BOOST_REQUIRE(::mkfifo((root / "fifo").c_str(), 0600) == 0);
    fs::create_directory(root / "directory");
    for (auto const mode : {open_mode::read, open_mode::append, open_mode::read_write, open_mode::replace}) {
        BOOST_TEST(!open("fifo", mode));
        BOOST_TEST(is_not_a_trail());
        BOOST_TEST(!open("directory", mode));
        BOOST_TEST(is_not_a_trail());
    }
    system.open_directory(at.get(), "fifo", ec);
    BOOST_TEST(is_not_a_trail());
}

BOOST_AUTO_TEST_CASE(p11_a_file_with_another_link_is_opened_only_for_reading) {
    write_file(path() / "outside", "x");
    fs::create_hard_link(path() / "outside", root / "shared");
    BOOST_TEST(static_cast<bool>(open("shared", open_mode::read)));
    for (auto const mode : {open_mode::append, open_mode::read_write, open_mode::replace}) {
        BOOST_TEST(!open("shared", mode));
        BOOST_TEST(is_not_a_trail());
    }
    BOOST_TEST(read_file(path() / "outside") == "x");
}

BOOST_AUTO_TEST_CASE(p11_modes_are_at_most_0640_and_0750_whatever_the_umask) {
    file_mask const none(0);
    trail_session session(path() / "wide");
    session.append("d", "a");
    append_to_file(path() / "wide/d/a/audit-000001.jsonl", "torn");
    session.crash();
    trail_session again(path() / "wide");
    int files = 0;
    int directories = 0;
    for (auto const& entry : fs::recursive_directory_iterator(path() / "wide")) {
        BOOST_TEST_CONTEXT(entry.path()) {
            BOOST_TEST(mode_of(entry.path()) == (entry.is_directory() ? 0750u : 0640u));
            ++(entry.is_directory() ? directories : files);
        }
    }
    BOOST_TEST(mode_of(path() / "wide") == 0750u);
    BOOST_TEST(files == 5);        // segment, index, lock, record, copy
    BOOST_TEST(directories == 5);  // d, d/a, and three in .broken
}

BOOST_AUTO_TEST_CASE(p11_a_narrower_umask_is_respected) {
    file_mask const narrow(077);
    owned_file const made = open("file", open_mode::create_append);
    system.make_directory(at.get(), "directory", ec);
    BOOST_TEST(mode_of(root / "file") == 0600u);
    BOOST_TEST(mode_of(root / "directory") == 0700u);
}

BOOST_AUTO_TEST_CASE(opening_modes_do_what_they_say) {
    BOOST_TEST(!open("f", open_mode::read));
    BOOST_TEST(fails_with(ENOENT));
    BOOST_TEST(!open("f", open_mode::append));
    BOOST_TEST(fails_with(ENOENT));
    {
        auto const file = open("f", open_mode::create_append);
        BOOST_REQUIRE(static_cast<bool>(file));
        system.append(file.get(), std::string_view("one"), ec);
    }
    BOOST_TEST(!open("f", open_mode::create_append));
    BOOST_TEST(fails_with(EEXIST));
    {
        auto const file = open("f", open_mode::append);
        system.append(file.get(), std::string_view("two"), ec);
        BOOST_TEST(read_text(system, file.get(), 100, ec) == "onetwo");
    }
    {
        auto const file = open("f", open_mode::read_write);
        system.write_at(file.get(), 1, std::string_view("--"), ec);
        BOOST_TEST(read_text(system, file.get(), 4, ec) == "o--t");
    }
    BOOST_TEST(static_cast<bool>(open("f", open_mode::replace)));
    BOOST_TEST(read_file(root / "f") == "");
}

BOOST_AUTO_TEST_CASE(a_listing_has_every_name_and_its_kind) {
    write_file(root / "file", "x");
    fs::create_directory(root / "directory");
    fs::create_symlink("file", root / "link");
    for (int i = 0; i < 2; ++i) {  // a second listing begins anew
        auto entries = system.list(at.get(), ec);
        std::ranges::sort(entries, {}, &directory_entry::name);
        BOOST_REQUIRE(entries.size() == 3u);
        BOOST_TEST(entries[0].name == "directory");
        BOOST_TEST((entries[0].kind == file_kind::directory));
        BOOST_TEST((entries[1].kind == file_kind::regular));
        BOOST_TEST(entries[2].name == "link");
        BOOST_TEST((entries[2].kind == file_kind::other));
    }
}

BOOST_AUTO_TEST_CASE(a_status_by_name_and_by_handle_is_the_same) {
    write_file(root / "d/file", "four");
    auto const file = open("d/file", open_mode::read);
    auto const by_handle = system.status(file.get(), ec);
    auto const by_name = system.status_at(at.get(), "d/file", ec);
    BOOST_TEST(!ec);
    BOOST_TEST(by_handle.size == 4u);
    BOOST_TEST(by_handle.links == 1u);
    BOOST_TEST(by_handle.inode == by_name.inode);
    BOOST_TEST(by_handle.device == by_name.device);
    BOOST_TEST((by_name.kind == file_kind::regular));
    fs::create_symlink("d/file", root / "link");
    BOOST_TEST((system.status_at(at.get(), "link", ec).kind == file_kind::other));
}

BOOST_AUTO_TEST_CASE(p07_a_lock_is_seen_by_others_and_ends_with_its_file) {
    auto holder = open("lock", open_mode::read_write);
    auto const other = open("lock", open_mode::read_write);
    auto const reader = open("lock", open_mode::read);
    BOOST_TEST(!system.is_locked(reader.get(), ec));
    BOOST_TEST(system.try_lock(holder.get(), ec));
    BOOST_TEST(!system.try_lock(other.get(), ec));
    BOOST_TEST(!ec);
    BOOST_TEST(system.is_locked(reader.get(), ec));
    BOOST_TEST(!system.is_locked(holder.get(), ec));
    holder.reset();
    BOOST_TEST(!system.is_locked(reader.get(), ec));
    BOOST_TEST(system.try_lock(other.get(), ec));
}

BOOST_AUTO_TEST_CASE(the_other_functions_behave_like_their_system_calls) {
    auto const file = open("f", open_mode::create_append);
    append_fully(system, file.get(), std::string_view("0123456789"), ec);
    system.truncate(file.get(), 4, ec);
    BOOST_TEST(!ec);
    system.sync_data(file.get(), ec);
    BOOST_TEST(!ec);
    system.sync(file.get(), ec);
    BOOST_TEST(!ec);
    system.sync(at.get(), ec);
    BOOST_TEST(!ec);
    system.drop_cache(file.get(), ec);
    BOOST_TEST(!ec);
    system.rename(at.get(), "f", "g", ec);
    BOOST_TEST(!ec);
    BOOST_TEST(read_file(root / "g") == "0123");
    BOOST_TEST(!fs::exists(root / "f"));
    system.sync(file_handle::none, ec);
    BOOST_TEST(fails_with(EBADF));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(entry_of_the_root, root_fixture)

/// In a child process without privileges, since root may read every directory.
BOOST_AUTO_TEST_CASE(p01_a_parent_that_may_be_written_but_not_read_is_synced_with_its_file_system) {
    fs::path const parent = directory.path() / "parent";
    fs::create_directory(parent);
    BOOST_REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
    BOOST_REQUIRE(::chmod(parent.c_str(), 0333) == 0);
    auto const child = in_child([&] {
        constexpr uid_t nobody = 65534;
        if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setresuid(nobody, nobody, nobody) != 0)) return 1;
        syncfs_calls = 0;
        for (int opening = 1; opening <= 2; ++opening) {
            trail_session session(parent / "root");
            if (!session.is_open()) return 10 * opening;
            if (syncfs_calls < opening) return 10 * opening + 1;
        }
        return 0;
    });
    BOOST_TEST(exit_code_of(child) == 0);
    ::chmod(parent.c_str(), 0755);
}

BOOST_AUTO_TEST_CASE(p01_a_parent_that_cannot_be_synced_is_synced_with_the_roots_file_system) {
    struct stat parent {};
    BOOST_REQUIRE(::stat(directory.path().c_str(), &parent) == 0);
    unsyncable = parent.st_ino;
    for (int opening = 1; opening <= 2; ++opening) {
        syncfs_calls = 0;
        trail_session const session(root);
        BOOST_TEST(!session.error, session.error.message());
        BOOST_TEST(syncfs_calls >= 1);
    }
    unsyncable = 0;
}

BOOST_AUTO_TEST_CASE(p07_a_second_writer_fails_before_it_syncs_anything) {
    trail_session const first(root);
    fsync_calls = syncfs_calls = 0;
    trail_session const second(root);
    BOOST_TEST(second.error == make_error_code(error::locked));
    BOOST_TEST(fsync_calls == 0);
    BOOST_TEST(syncfs_calls == 0);
}

BOOST_AUTO_TEST_CASE(p01_an_entry_that_cannot_be_synced_for_lack_of_a_descriptor_is_an_error) {
    trail_session(root).close();
    system.fail_when(
        [](auto const& call, std::size_t) { return faulty_file_system::fault{call.path == ".." ? EMFILE : 0}; });
    trail_session const session(root, {}, system);
    BOOST_TEST(session.error == error_code(EMFILE, boost::system::system_category()));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(containment, root_fixture)

BOOST_AUTO_TEST_CASE(p11_a_segment_with_another_link_is_left_alone_and_the_next_begun) {
    write_file(directory.path() / "outside", line_of(1) + "torn");
    std::filesystem::create_directories(root / "d/a");
    std::filesystem::create_hard_link(directory.path() / "outside", root / "d/a/audit-000001.jsonl");
    trail_session session(root);
    BOOST_REQUIRE(session.is_open());
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    BOOST_TEST(read_file(directory.path() / "outside") == line_of(1) + "torn");
    BOOST_TEST(segment("a", 2) == line_of(2));
    BOOST_REQUIRE(session.report.findings.size() == 1u);
    BOOST_TEST(session.report.findings[0].saved_as == "");
}

BOOST_AUTO_TEST_CASE(p11_links_and_fifos_with_a_segments_name_are_skipped) {
    std::filesystem::create_directories(root / "d/a");
    write_file(directory.path() / "outside", "untouched");
    std::filesystem::create_symlink(directory.path() / "outside", root / "d/a/audit-000001.jsonl");
    BOOST_REQUIRE(::mkfifo((root / "d/a/audit-000002.jsonl").c_str(), 0600) == 0);
    std::filesystem::create_directory(root / "d/a/audit-000003.jsonl");
    trail_session session(root);
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    BOOST_TEST(segment("a", 4) == line_of(1));
    BOOST_TEST(read_file(directory.path() / "outside") == "untouched");
}

BOOST_AUTO_TEST_CASE(p11_a_linked_copy_directory_is_not_followed) {
    {
        trail_session session(root);
        session.append("d", "a");
    }
    append_to_file(root / "d/a/audit-000001.jsonl", "torn");
    std::filesystem::create_directory(directory.path() / "outside");
    std::filesystem::create_directory_symlink(directory.path() / "outside", root / ".broken");
    trail_session session(root);
    BOOST_TEST(session.error == make_error_code(error::cannot_save_torn_tail));
    BOOST_TEST(std::filesystem::is_empty(directory.path() / "outside"));
    BOOST_TEST(segment("a") == line_of(1) + "torn");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::posix_file_system_test
