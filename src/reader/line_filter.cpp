#include "reader/line_filter.hpp"

#include <algorithm>
#include <utility>

#include "format/canonical_text.hpp"

namespace audit_trail::reading {
namespace {

/// Lists up to this size are searched linearly: most comparisons end at the sizes of the strings.
constexpr std::size_t few = 8;

bool is_same(std::string_view wanted, std::string_view value) {
    return format::is_equal(wanted, value);
}

bool is_same(operation wanted, operation value) {
    return wanted == value;
}

template <typename Element, typename Value>
bool takes(std::vector<Element> const& wanted, Value const& value) {
    if (wanted.empty()) return true;
    auto const is_equal = [&](Element const& each) { return is_same(each, value); };
    if (wanted.size() <= few) return std::ranges::any_of(wanted, is_equal);
    return std::ranges::binary_search(wanted, value, std::less<>());
}

template <typename Value>
bool takes(std::optional<Value> const& min, std::optional<Value> const& max, Value value) {
    return (!min || value >= *min) && (!max || value <= *max);
}

}  // namespace

line_filter::line_filter(event_filter wanted) : wanted_(std::move(wanted)) {
    std::ranges::sort(wanted_.domains);
    std::ranges::sort(wanted_.categories);
    std::ranges::sort(wanted_.model_names);
    std::ranges::sort(wanted_.logical_user_ids);
    std::ranges::sort(wanted_.request_ids);
    std::ranges::sort(wanted_.operations);
}

bool line_filter::takes_domain(std::string_view name) const {
    return reading::takes(wanted_.domains, name);
}

bool line_filter::takes_category(std::string_view name) const {
    return reading::takes(wanted_.categories, name);
}

bool line_filter::takes(format::line_header const& line) const {
    auto const& w = wanted_;
    bool const has_request =
        w.request_ids.empty() || (line.request_id && reading::takes(w.request_ids, *line.request_id));
    return has_request && reading::takes(w.min_event_id, w.max_event_id, line.event_id) &&
           reading::takes(w.min_timestamp, w.max_timestamp, line.timestamp) &&
           reading::takes(w.operations, line.operation) && reading::takes(w.logical_user_ids, line.logical_user_id) &&
           reading::takes(w.model_names, line.model_name);
}

}  // namespace audit_trail::reading
