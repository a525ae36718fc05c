#include "reader/segment_cursor.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "reader/trail_files.hpp"

namespace audit_trail::test::segment_cursor_test {
namespace {

using reading::cursor_budget;
using reading::segment_cursor;
using reading::stretch;

struct root_directory {
    temporary_directory directory;
    storage::file_system& system = storage::posix_file_system();
    error_code ec;
    storage::owned_file handle{system, system.open_root(directory.path(), ec)};
};

struct piece {
    stretch kind;
    std::uint64_t offset;
    std::uint64_t end;
    friend bool operator==(piece const&, piece const&) = default;
};

/// The stretches of a text, computed in a simple way.
std::vector<piece> pieces_of(std::string const& text, std::size_t max_line_bytes) {
    std::vector<piece> pieces;
    for (std::size_t begin = 0; begin < text.size();) {
        auto const newline = text.find('\n', begin);
        if (newline == text.npos) {
            pieces.push_back({stretch::torn, begin, text.size()});
            break;
        }
        pieces.push_back({newline - begin > max_line_bytes ? stretch::too_long : stretch::line, begin, newline + 1});
        begin = newline + 1;
    }
    return pieces;
}

}  // namespace

BOOST_AUTO_TEST_CASE(p15_any_text_is_split_into_its_lines_with_any_chunk_and_budget) {
    root_directory root;
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
        std::string text;
        for (auto lines = random() % 20; lines > 0; --lines) text.append(random() % 60, 'x').append("\n");
        text.append(random() % 3 * (random() % 60), 'y');
        std::string const name = "file" + std::to_string(round);
        append_bytes(root.directory.path() / name, text);

        std::size_t const max_line_bytes = 1 + random() % 50;
        cursor_budget budget(1, 1 + random() % 100);
        segment_cursor::settings const settings{1 + random() % 40, max_line_bytes};
        segment_cursor cursor(root.system, root.handle.get(), budget, settings);
        segment_cursor other(root.system, root.handle.get(), budget, settings);
        cursor.open(name, root.ec);
        other.open(name, root.ec);
        std::vector<piece> found;
        for (auto kind = cursor.next(root.ec); kind != stretch::none; kind = cursor.next(root.ec)) {
            BOOST_TEST_REQUIRE(!root.ec);
            found.push_back({kind, cursor.offset(), cursor.next_offset()});
            if (random() % 2) other.next(root.ec);
            if (kind != stretch::line) continue;
            BOOST_TEST(cursor.line(root.ec) ==
                       text.substr(cursor.offset(), cursor.next_offset() - cursor.offset() - 1));
        }
        BOOST_TEST((found == pieces_of(text, max_line_bytes)));
    }
}

BOOST_AUTO_TEST_CASE(a_refresh_shows_what_was_appended) {
    root_directory root;
    auto const path = root.directory.path() / "file";
    append_bytes(path, "one\ntw");
    cursor_budget budget(8, 1 << 20);
    segment_cursor cursor(root.system, root.handle.get(), budget, {16, 100});
    cursor.open("file", root.ec);
    BOOST_TEST((cursor.next(root.ec) == stretch::line));
    BOOST_TEST((cursor.next(root.ec) == stretch::torn));
    append_bytes(path, "o\nthree\n");
    BOOST_TEST((cursor.next(root.ec) == stretch::none));
    cursor.refresh(root.ec);
    BOOST_TEST((cursor.next(root.ec) == stretch::line));
    BOOST_TEST(cursor.line(root.ec) == "two");
    BOOST_TEST((cursor.next(root.ec) == stretch::line));
    BOOST_TEST(cursor.line(root.ec) == "three");
    BOOST_TEST((cursor.next(root.ec) == stretch::none));
}

BOOST_AUTO_TEST_CASE(p15_a_file_that_is_cut_short_while_it_is_read_ends_there) {
    root_directory root;
    auto const path = root.directory.path() / "file";
    append_bytes(path, "one\ntwo\nthree\n");
    cursor_budget budget(8, 1 << 20);
    segment_cursor cursor(root.system, root.handle.get(), budget, {4, 100});
    cursor.open("file", root.ec);
    BOOST_TEST((cursor.next(root.ec) == stretch::line));
    fs::resize_file(path, 6);
    BOOST_TEST((cursor.next(root.ec) == stretch::torn));
    BOOST_TEST((cursor.next(root.ec) == stretch::none));
    BOOST_TEST(!root.ec);
}

}  // namespace audit_trail::test::segment_cursor_test
