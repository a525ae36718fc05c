/// \file
/// Creates ordinary drafts.
#pragma once

#include <audit_trail/event.hpp>
#include <string>
#include <vector>

namespace audit_trail::test {

inline event_draft make_draft(std::string model_name = "order") {
    return event_draft("shop", "orders", std::move(model_name), operation::create, "somebody")
        .with_payload(payload::from_create({{"price", 12}}))
        .with_timestamp(1'700'000'000);
}

/// Returns a draft that every writer refuses with `error::invalid_domain`.
inline event_draft make_invalid_draft() {
    return event_draft("no/name", "orders", "order", operation::create, "somebody");
}

inline std::vector<event_draft> make_drafts(std::size_t count) {
    std::vector<event_draft> drafts;
    for (std::size_t n = 0; n != count; ++n) drafts.push_back(make_draft("order-" + std::to_string(n)));
    return drafts;
}

}  // namespace audit_trail::test
