// Tests P11: another thread replaces directories of the trail by symbolic links to the outside and back, as fast as
// possible, while the writer opens segments in them. No file outside of the root may change.
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <audit_trail/writer.hpp>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test::p11_symlink_swap_test {
namespace {

namespace fs = std::filesystem;

std::uint64_t openings_wanted() {
    char const* const given = std::getenv("AUDIT_TRAIL_OPENINGS");
    return given ? std::strtoull(given, nullptr, 10) : 6'000;
}

/// Returns all names below a directory, with the content of the files.
std::map<fs::path, std::string> contents_of(fs::path const& directory) {
    std::map<fs::path, std::string> found;
    for (auto const& entry : fs::recursive_directory_iterator(directory)) {
        std::ifstream file(entry.path(), std::ios::binary);
        found[entry.path()] = entry.is_directory() ? "" : std::string(std::istreambuf_iterator<char>(file), {});
    }
    return found;
}

/// Swaps two names repeatedly on a thread, until the object is destroyed.
class swapper {
 public:
    swapper(fs::path const& one, fs::path const& other) : thread_([this, one, other] { run(one, other); }) {
        wait_until([&] { return swaps_ != 0; });
    }
    ~swapper() {
        stopped_ = true;
        thread_.join();
    }

    std::uint64_t swaps() const { return swaps_; }

 private:
    /// Swaps there and back, then yields for a while, so that the writer can make progress.
    void run(fs::path const& one, fs::path const& other) {
        for (std::uint64_t round = 0; !stopped_; ++round) {
            swap(one, other);
            swap(one, other);
            swaps_ += 2;
            for (std::uint64_t n = round % 64; n != 0; --n) std::this_thread::yield();
        }
    }

    static void swap(fs::path const& one, fs::path const& other) {
        if (::syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) return;
        throw std::system_error(errno, std::generic_category(), "renameat2");
    }

    std::atomic<bool> stopped_ = false;
    std::atomic<std::uint64_t> swaps_ = 0;
    std::thread thread_;
};

/// Appends to two categories in turn with one open segment, so that each event opens a segment. Opens the trail again
/// when the writer has stopped.
class persistent_writer {
 public:
    explicit persistent_writer(fs::path root) : root_(std::move(root)) {
        options_.durability = durability::written;
        options_.max_open_segments = 1;
    }

    void run(std::uint64_t openings) {
        std::uint64_t const end = openings_ + openings;
        while (openings_ < end) {
            asio::io_context context;
            error_code ec;
            writer trail = writer::open(context.get_executor(), root_, options_, ec);
            for (bool goes_on = !ec; goes_on && openings_ < end;) goes_on = append(trail, context);
            ++openings_;
            trail = writer();
        }
    }

    std::vector<std::uint64_t> stored;
    std::uint64_t refused = 0;
    std::uint64_t stopped = 0;

 private:
    bool append(writer& trail, asio::io_context& context) {
        std::string const category = "c" + std::to_string(++openings_ % 2);
        error_code answer;
        trail.async_record({"shop", category, "order", operation::create, "somebody"},
                           [&](error_code ec, receipt const& got) {
                               answer = ec;
                               if (!ec) stored.push_back(got.event_id);
                           });
        run_all(context);
        if (!answer) return true;
        bool const is_final = answer.category() == stopped_category() || answer == condition::outcome_unknown;
        ++(is_final ? stopped : refused);
        return !is_final;
    }

    fs::path const root_;
    writer_options options_;
    std::uint64_t openings_ = 0;
};

/// A trail, and a directory outside of it that looks like a trail.
struct swap_fixture {
    temporary_root base;
    fs::path const root = base.path() / "trail";
    fs::path const outside = base.path() / "outside";

    swap_fixture() {
        fs::create_directories(outside / "shop");
        for (char const* const category : {"c0", "c1"}) {
            fs::create_directory(outside / "shop" / category);
            std::ofstream(outside / "shop" / category / "audit-000001.jsonl") << "not yours\n";
        }
        persistent_writer(root).run(4);
    }

    /// Appends while `name`, below the root, is swapped with a link to the same name outside.
    void append_while_swapped(fs::path const& name) {
        auto const before = contents_of(outside);
        fs::path const link = (root / name).parent_path() / ".link";
        fs::create_directory_symlink(outside / name, link);
        persistent_writer writing(root);
        std::uint64_t swaps = 0;
        {
            swapper const swapping(root / name, link);
            // On a busy machine, many openings may pass without a swap in their middle.
            for (int n = 0; n == 0 || (n != 20 && writing.refused + writing.stopped == 0); ++n) {
                writing.run(openings_wanted() / 2);
            }
            swaps = swapping.swaps();
        }
        BOOST_TEST((contents_of(outside) == before));
        auto const ids = ids_in(root);
        std::ranges::sort(writing.stored);
        BOOST_TEST(std::ranges::includes(ids, writing.stored));
        BOOST_TEST(!writing.stored.empty());
        BOOST_TEST(writing.refused + writing.stopped != 0u);
        BOOST_TEST_MESSAGE(name << ": at least " << openings_wanted() / 2 << " openings, " << swaps << " swaps, "
                                << writing.stored.size() << " events stored, " << writing.refused << " refused, "
                                << writing.stopped << " times stopped");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(p11_symlink_swap, swap_fixture)

BOOST_AUTO_TEST_CASE(p11_a_domain_swapped_for_a_link) {
    append_while_swapped("shop");
}

BOOST_AUTO_TEST_CASE(p11_a_category_swapped_for_a_link) {
    append_while_swapped("shop/c0");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p11_symlink_swap_test
