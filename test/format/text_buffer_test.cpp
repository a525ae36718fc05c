#include <algorithm>
#include <audit_trail/detail/text_buffer.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

namespace test::text_buffer_test {

using audit_trail::detail::text_buffer;

BOOST_AUTO_TEST_CASE(the_first_bytes_need_no_memory) {
    text_buffer buffer;
    buffer.append(std::string(text_buffer::inline_capacity, 'x'));
    BOOST_TEST(buffer.heap_bytes() == 0u);
    buffer.push_back('y');
    BOOST_TEST(buffer.heap_bytes() > text_buffer::inline_capacity);
    BOOST_TEST(buffer.view() == std::string(text_buffer::inline_capacity, 'x') + 'y');
}

BOOST_AUTO_TEST_CASE(what_was_written_survives_growing) {
    text_buffer buffer;
    std::string expected;
    for (int i = 0; i < 5000; ++i) {
        std::string const text = std::to_string(i);
        buffer.append(text);
        expected += text;
    }
    BOOST_TEST(buffer.view() == expected);
    BOOST_TEST(buffer.capacity() >= buffer.size());
}

BOOST_AUTO_TEST_CASE(one_large_field_grows_it_at_once) {
    text_buffer buffer;
    buffer.append("head");
    char* const to = buffer.prepare(100'000);
    std::fill_n(to, 100'000, 'z');
    buffer.commit(100'000);
    BOOST_TEST(buffer.view() == "head" + std::string(100'000, 'z'));
}

BOOST_AUTO_TEST_CASE(clear_keeps_the_memory_and_reset_gives_it_back) {
    text_buffer buffer;
    buffer.append(std::string(10'000, 'x'));
    std::size_t const held = buffer.heap_bytes();
    buffer.clear();
    BOOST_TEST(buffer.size() == 0u);
    BOOST_TEST(buffer.heap_bytes() == held);
    buffer.append("again");
    buffer.reset();
    BOOST_TEST(buffer.size() == 0u);
    BOOST_TEST(buffer.heap_bytes() == 0u);
    buffer.append("and again");
    BOOST_TEST(buffer.view() == "and again");
}

BOOST_AUTO_TEST_CASE(it_can_be_cut_back_to_an_earlier_size) {
    text_buffer buffer;
    buffer.append("kept");
    std::size_t const size = buffer.size();
    buffer.append(std::string(1000, 'x'));
    buffer.resize_down(size);
    BOOST_TEST(buffer.view() == "kept");
}

}  // namespace test::text_buffer_test
