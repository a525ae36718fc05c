#include <audit_trail/replay.hpp>
#include <bit>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <map>

#include "reader/trail_files.hpp"

namespace audit_trail::test::replay_test {
namespace {

/// Appends events to the category d/c.
class story {
 public:
    story& then(std::string model_name, operation done, std::optional<payload> given = {}) {
        event made = make_event(++last_id_, "d", "c");
        made.model_name = std::move(model_name);
        made.operation = done;
        made.payload = std::move(given);
        append_bytes(segment(), line_of(made));
        return *this;
    }
    /// Appends a payload that another program might have written.
    story& then_line(std::string const& model_name, std::string const& done, std::string const& payload_text) {
        append_bytes(segment(), "{\"event_id\":" + std::to_string(++last_id_) +
                                    ",\"timestamp\":1,\"domain\":\"d\",\"category\":\"c\",\"model_name\":\"" +
                                    model_name + "\",\"operation\":\"" + done +
                                    "\",\"logical_user_id\":\"u\",\"payload\":" + payload_text + "}\n");
        return *this;
    }
    replay_result replay(event_filter filter = {}) const {
        reader source(directory_.path(), std::move(filter));
        return audit_trail::replay(source);
    }

 private:
    fs::path segment() const { return directory_.path() / "d" / "c" / "audit-000001.jsonl"; }

    temporary_directory directory_;
    std::uint64_t last_id_ = 0;
};

json::object record(char const* text) {
    return json::parse(text).get_object();
}

payload after(char const* text) {
    return payload::from_create(record(text));
}
payload delta(char const* text) {
    payload made;
    made.delta = record(text);
    return made;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_empty_trail_has_no_state) {
    temporary_directory directory;
    reader source(directory.path());
    auto const result = replay(source);
    BOOST_TEST(result.state.empty());
    BOOST_TEST(result.last_event_id == 0u);
    BOOST_TEST(result.applied_events == 0u);
    BOOST_TEST(result.skipped_events == 0u);
}

BOOST_AUTO_TEST_CASE(a_create_sets_the_record) {
    payload before_only;
    before_only.before = record(R"({"c":3})");
    auto const result = story()
                            .then("a", operation::create, after(R"({"x":1})"))
                            .then("b", operation::create)
                            .then("c", operation::create, before_only)
                            .then("d", operation::create, delta(R"({"x":{"old":null,"new":1}})"))
                            .then("a", operation::create, after(R"({"y":2})"))
                            .replay();
    BOOST_TEST(result.state == record(R"({"a":{"y":2},"b":{},"c":{"c":3},"d":{}})"));
    BOOST_TEST(result.last_event_id == 5u);
    BOOST_TEST(result.applied_events == 5u);
}

BOOST_AUTO_TEST_CASE(an_update_with_a_whole_record_replaces_the_record) {
    auto both = after(R"({"y":2})");
    both.delta = record(R"({"x":{"old":1,"new":7}})");
    auto const result = story()
                            .then("a", operation::create, after(R"({"x":1})"))
                            .then("a", operation::update, both)
                            .then("new", operation::update, after("{}"))
                            .replay();
    BOOST_TEST(result.state == record(R"({"a":{"y":2},"new":{}})"));
    BOOST_TEST(result.skipped_events == 0u);
}

BOOST_AUTO_TEST_CASE(a_delta_is_applied_to_the_record) {
    auto const result = story()
                            .then("a", operation::create, after(R"({"x":1,"y":[2],"z":3})"))
                            .then("a", operation::update, delta(R"({"y":{"old":[2],"new":{"k":1}}})"))
                            .then("a", operation::update, delta(R"({"w":{"old":null,"new":4}})"))
                            .then("a", operation::update)
                            .then("a", operation::update, delta("{}"))
                            .replay();
    BOOST_TEST(json::serialize(result.state) == R"({"a":{"x":1,"y":{"k":1},"z":3,"w":4}})");
    BOOST_TEST(result.applied_events == 5u);
}

BOOST_AUTO_TEST_CASE(a_field_that_became_null_stays_as_null) {
    auto const result =
        story()
            .then("a", operation::create, after(R"({"x":1,"y":2})"))
            .then("a", operation::update, payload::from_update(record(R"({"x":1,"y":2})"), record(R"({"y":2})")))
            .replay();
    BOOST_TEST(result.state == record(R"({"a":{"x":null,"y":2}})"));
}

BOOST_AUTO_TEST_CASE(an_absent_old_or_new_value_is_null) {
    auto const result = story()
                            .then("a", operation::create, after(R"({"x":1,"y":2})"))
                            .then_line("a", "update", R"({"delta":{"x":{"old":1},"w":{"new":5}}})")
                            .replay();
    BOOST_TEST(result.state == record(R"({"a":{"x":null,"y":2,"w":5}})"));
    BOOST_TEST(result.skipped_events == 0u);
}

BOOST_AUTO_TEST_CASE(a_delta_without_a_record_is_counted_as_applied_and_as_skipped) {
    auto const change = delta(R"({"x":{"old":1,"new":2}})");
    auto const result = story()
                            .then("a", operation::update, change)
                            .then("a", operation::create, after(R"({"x":1})"))
                            .then("a", operation::remove)
                            .then("a", operation::update, change)
                            .then("a", operation::update)
                            .replay();
    BOOST_TEST(result.state.empty());
    BOOST_TEST(result.last_event_id == 5u);
    BOOST_TEST(result.applied_events == 5u);
    BOOST_TEST(result.skipped_events == 3u);
    BOOST_TEST_REQUIRE(result.findings.size() == 3u);
    BOOST_TEST(result.findings[0].path == "d/c/audit-000001.jsonl");
    BOOST_TEST(result.findings[0].offset == 0u);
    BOOST_TEST(result.findings[1].offset > 0u);
    for (auto const& finding : result.findings) BOOST_TEST((finding.reason == error::no_snapshot));
    BOOST_TEST(result.findings[1].text.starts_with("event 4 is skipped: "));
}

BOOST_AUTO_TEST_CASE(a_delete_removes_the_record) {
    auto const result = story()
                            .then("a", operation::create, after("{}"))
                            .then("b", operation::create, after("{}"))
                            .then("a", operation::remove, payload::from_delete(record("{}")))
                            .then("never there", operation::remove)
                            .then_line("b", "delete", R"({"before":{"n":123456789012345678901}})")
                            .replay();
    BOOST_TEST(result.state.empty());
    BOOST_TEST(result.applied_events == 5u);
}

BOOST_AUTO_TEST_CASE(a_payload_that_cannot_be_decoded_is_skipped) {
    auto const result = story()
                            .then("a", operation::create, after(R"({"x":1})"))
                            .then_line("a", "update", R"({"after":{"n":123456789012345678901}})")
                            .then_line("a", "update", R"({"delta":{"x":5}})")
                            .replay();
    BOOST_TEST(result.state == record(R"({"a":{"x":1}})"));
    BOOST_TEST(result.applied_events == 3u);
    BOOST_TEST_REQUIRE(result.findings.size() == 2u);
    BOOST_TEST((result.findings[0].reason == error::integer_out_of_range));
    BOOST_TEST((result.findings[1].reason == error::invalid_delta));
}

BOOST_AUTO_TEST_CASE(the_filter_decides_what_is_replayed) {
    story told;
    told.then("a", operation::create, after(R"({"x":1})"))
        .then("b", operation::create, after(R"({"x":1})"))
        .then("a", operation::update, after(R"({"x":2})"))
        .then("a", operation::update, delta(R"({"x":{"old":2,"new":3}})"));
    event_filter filter;
    filter.model_names = {"a"};
    filter.max_event_id = 3;
    auto const earlier = told.replay(filter);
    BOOST_TEST(earlier.state == record(R"({"a":{"x":2}})"));
    BOOST_TEST(earlier.last_event_id == 3u);
    BOOST_TEST(earlier.applied_events == 2u);
    filter.max_event_id.reset();
    filter.min_event_id = 4;
    auto const later = told.replay(filter);
    BOOST_TEST(later.state.empty());
    BOOST_TEST(later.applied_events == 1u);
    BOOST_TEST(later.skipped_events == 1u);
    BOOST_TEST(later.last_event_id == 4u);
}

BOOST_AUTO_TEST_CASE(numbers_come_back_bit_for_bit) {
    std::vector<double> const doubles = {0.1, 1.0, -0.0, 5e-324, 1.7976931348623157e308, 123456789.12345678, 1e16};
    json::object numbers;
    for (double const value : doubles) numbers[std::to_string(numbers.size())] = value;
    numbers["least"] = std::numeric_limits<std::int64_t>::min();
    numbers["most"] = std::numeric_limits<std::uint64_t>::max();
    auto const result = story().then("a", operation::create, payload::from_create(numbers)).replay();
    auto const& read = result.state.at("a").as_object();
    for (std::size_t i = 0; i < doubles.size(); ++i) {
        auto const bits = std::bit_cast<std::uint64_t>(read.at(std::to_string(i)).as_double());
        BOOST_TEST(bits == std::bit_cast<std::uint64_t>(doubles[i]));
    }
    BOOST_TEST(read.at("least").as_int64() == std::numeric_limits<std::int64_t>::min());
    BOOST_TEST(read.at("most").as_uint64() == std::numeric_limits<std::uint64_t>::max());
}

/// Compares with records that the test keeps while it writes the catalog.
BOOST_AUTO_TEST_CASE(the_catalog_replays_to_the_records_that_it_describes) {
    temporary_directory directory;
    trail_builder builder(directory.path(), 65536);
    std::map<std::string, std::map<std::string, json::object>> expected;
    for (auto const& value : catalog_events()) {
        builder.add(value);
        auto& records = expected[value.domain + '/' + value.category];
        if (value.operation == operation::remove) {
            records.erase(value.model_name);
        } else if (value.payload && value.payload->after) {
            records[value.model_name] = *value.payload->after;
        } else if (value.operation == operation::create) {
            records[value.model_name] = {};
        } else if (value.payload && value.payload->delta && records.contains(value.model_name)) {
            for (auto const& [field, change] : *value.payload->delta) {
                records[value.model_name][field] = change.at("new");
            }
        }
    }
    for (auto const& [place, records] : expected) {
        event_filter filter;
        filter.domains = {place.substr(0, place.find('/'))};
        filter.categories = {place.substr(place.find('/') + 1)};
        reader source(directory.path(), filter);
        auto const result = replay(source);
        json::object wanted;
        for (auto const& [name, value] : records) wanted[name] = value;
        BOOST_TEST((result.state == wanted), place);
        BOOST_TEST(result.applied_events == source.report().matched);
    }
}

BOOST_AUTO_TEST_CASE(events_can_be_applied_one_by_one) {
    entry change;
    auto const apply = [&change](replayer& to, std::string const& operation, std::string const& payload) {
        change.line = R"({"event_id":1,"timestamp":1,"domain":"d","category":"c","model_name":"m","operation":")" +
                      operation + R"(","logical_user_id":"u","payload":)" + payload + "}";
        BOOST_TEST_REQUIRE(!change.decode_payload());
        return to.apply(change);
    };
    replayer records;
    BOOST_TEST(apply(records, "update", R"({"delta":{"a":{"old":1,"new":2}}})") == make_error_code(error::no_snapshot));
    BOOST_TEST(!apply(records, "create", R"({"after":{"a":1}})"));
    BOOST_TEST(records.result().state.at("m").at("a").as_int64() == 1);
    BOOST_TEST(!apply(records, "update", R"({"delta":{"a":{"old":1,"new":2}}})"));
    BOOST_TEST(records.result().state.at("m").at("a").as_int64() == 2);
    BOOST_TEST(records.result().skipped_events == 1u);
    BOOST_TEST(records.take_result().applied_events == 3u);
}

}  // namespace audit_trail::test::replay_test
