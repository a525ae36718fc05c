#include "support/sample_events.hpp"

#include <array>
#include <string>

namespace bench {
namespace {

constexpr std::array category_names{"profiles", "invoices", "machines", "contacts",
                                    "articles", "licenses", "projects", "accounts"};

std::string category_of(std::uint64_t n, unsigned categories) {
    return categories <= category_names.size() ? category_names[n % categories]
                                               : "category-" + std::to_string(n % categories);
}

}  // namespace

audit_trail::event_draft sample_event(std::uint64_t n, unsigned categories) {
    audit_trail::event_draft draft("billing", category_of(n, categories), "customer-" + std::to_string(1000000 + n),
                                   audit_trail::operation::update, "u-" + std::to_string(7000 + n % 1000));
    draft.with_request_id("7d32282bc6c758b8").with_timestamp(1700000000 + static_cast<std::int64_t>(n / 1000));
    boost::json::object change;
    change.reserve(2);
    change.emplace("old", "net 30 days, invoice by post");
    change.emplace("new", "net 14 days, invoice by mail");
    boost::json::object delta;
    delta.emplace("payment_terms", std::move(change));
    audit_trail::payload payload;
    payload.delta = std::move(delta);
    return std::move(draft).with_payload(std::move(payload));
}

audit_trail::event_draft sample_event_of(std::uint64_t n, std::uint64_t category) {
    auto draft = sample_event(n, 1);
    draft.category = "category-" + std::to_string(category);
    return draft;
}

}  // namespace bench
