#include "storage/log_format.hpp"

#include <boost/test/unit_test.hpp>
#include <cstring>

#include "storage/log_space.hpp"
#include "system/crc32c.hpp"

namespace audit_trail::storage::log_format_test {
namespace {

std::string header_of(log_header const& header) {
    auto const bytes = format_log_header(header);
    return {bytes.begin(), bytes.end()};
}

std::string record_of(std::uint64_t generation, std::uint64_t sequence) {
    log_record_builder builder;
    builder.begin(generation, sequence, 9);
    std::memcpy(builder.add_piece("d/a/audit-000001.jsonl", 5, 4), "one\n", 4);
    std::memcpy(builder.add_piece("d/b/audit-000002.jsonl", 0, 4), "two\n", 4);
    return std::string(builder.finish());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_format_test)

BOOST_AUTO_TEST_CASE(the_checksum_is_that_of_rfc_3720_with_and_without_the_instruction) {
    for (auto* const compute : {crc32c, crc32c_without_instruction}) {
        BOOST_TEST(compute("") == 0U);
        BOOST_TEST(compute("123456789") == 0xE3069283U);
        BOOST_TEST(compute(std::string(32, '\0')) == 0x8A9136AAU);
        BOOST_TEST(compute(std::string(32, '\xFF')) == 0x62A8AB43U);
    }
}

BOOST_AUTO_TEST_CASE(a_header_is_read_as_it_was_written) {
    log_header const header{7, 8192, 12};
    auto const bytes = header_of(header);
    BOOST_TEST(bytes.size() == log_header::bytes);
    BOOST_TEST((parse_log_header(bytes) == header));
}

BOOST_AUTO_TEST_CASE(a_header_with_any_changed_byte_is_refused) {
    auto const bytes = header_of({7, 8192, 12});
    for (std::size_t n = 0; n != bytes.size(); ++n) {
        std::string changed = bytes;
        changed[n] ^= 1;
        BOOST_TEST(!parse_log_header(changed), "byte " << n);
    }
    BOOST_TEST(!parse_log_header(bytes.substr(0, bytes.size() - 1)));
}

BOOST_AUTO_TEST_CASE(a_record_is_read_as_it_was_written) {
    auto const bytes = record_of(7, 3);
    auto const head = parse_log_record_head(bytes);
    BOOST_REQUIRE(head.has_value());
    BOOST_TEST(head->bytes == bytes.size());
    BOOST_TEST(head->generation == 7U);
    BOOST_TEST(head->sequence == 3U);
    auto const record = parse_log_record(bytes);
    BOOST_REQUIRE(record.has_value());
    BOOST_TEST(record->next_id == 9U);
    BOOST_REQUIRE(record->pieces.size() == 2U);
    BOOST_TEST(record->pieces[0].path == "d/a/audit-000001.jsonl");
    BOOST_TEST(record->pieces[0].offset == 5U);
    BOOST_TEST(record->pieces[0].lines == "one\n");
    BOOST_TEST(record->pieces[1].lines == "two\n");
}

BOOST_AUTO_TEST_CASE(a_record_is_found_by_its_generation) {
    auto const bytes = record_of(7, 3);
    auto const text = "lines\n" + bytes + record_of(8, 4) + bytes;
    auto const last = text.size() - bytes.size();
    BOOST_TEST(find_log_record_head(text, 7, 0) == 6U);
    BOOST_TEST(find_log_record_head(text, 7, 7) == last);
    BOOST_TEST(find_log_record_head(text, 7, last + 1) == text.npos);
    BOOST_TEST(find_log_record_head(text.substr(0, last + 39), 7, 7) == text.npos);
}

BOOST_AUTO_TEST_CASE(a_record_with_any_changed_byte_is_refused) {
    auto const bytes = record_of(7, 3);
    for (std::size_t n = 0; n != bytes.size(); ++n) {
        std::string changed = bytes;
        changed[n] ^= 0x40;
        BOOST_TEST(!parse_log_record(changed), "byte " << n);
    }
}

BOOST_AUTO_TEST_CASE(records_follow_each_other_and_begin_again_at_the_first_position) {
    log_space space;
    space.grow(first_log_position + 100);
    BOOST_TEST(space.place(100).value() == first_log_position);
    BOOST_TEST(!space.place(101));
    space.use(first_log_position, 60);
    auto const cleared = space.head();
    BOOST_TEST(space.place(40).value() == first_log_position + 60);
    BOOST_TEST(!space.place(41));
    space.release(cleared);
    BOOST_TEST(space.empty());
    BOOST_TEST(space.place(59).value() == first_log_position);  // 60 would reach the tail
    BOOST_TEST(!space.place(60));
    space.use(first_log_position, 59);
    BOOST_TEST(space.used() == 99U);
    BOOST_TEST(!space.place(1));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::storage::log_format_test
