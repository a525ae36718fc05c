/// \file
/// The data of a trail. A program passes an `event_draft` to the writer; the trail contains the numbered `event`.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace audit_trail {

namespace json = boost::json;

/// What was done to the model. On disk: `"create"`, `"update"`, `"delete"` (`remove`).
enum class operation { create, update, remove };

/// Returns the operation's name on disk: "create", "update" or "delete"; "unknown" for any other value.
AUDIT_TRAIL_API std::string_view to_string(operation value) noexcept;

/// Writes the operation's name on disk.
AUDIT_TRAIL_API std::ostream& operator<<(std::ostream& out, operation value);

/// Returns whether a domain or category may have this name: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`, and not beginning with
/// `index.json`, because domains and that file are in one directory.
AUDIT_TRAIL_API bool is_valid_name(std::string_view name) noexcept;

/// What the operation changed. Each member may be absent; a payload without members is `{}` on disk.
struct payload {
    std::optional<json::object> before;
    std::optional<json::object> after;

    /// Has one member per changed field: `{"field": {"old": …, "new": …}}`. A value that did not exist is null. The
    /// writer refuses every other shape (`error::invalid_delta`).
    std::optional<json::object> delta;

    /// Returns the payload of a create: `after` is the new record.
    AUDIT_TRAIL_API static payload from_create(json::object record);

    /// Returns the payload of a delete: `before` is the last record.
    AUDIT_TRAIL_API static payload from_delete(json::object record);

    /// Returns the payload of an update: `delta` has the fields that differ; `before` and `after` are absent.
    ///
    /// Two values differ when their encoded texts differ. So 1 and 1.0 differ, and the order of an inner object's
    /// members matters. The delta has the fields of `before` first, in their order, and then the fields that only
    /// `after` has. A removed field gets a null `new`; an added field gets a null `old`.
    ///
    /// \throws boost::system::system_error with `error::nested_too_deep` if a field nests too deep to be written
    AUDIT_TRAIL_API static payload from_update(json::object const& before, json::object const& after);
};

/// An event that has no id yet.
///
/// This is deliberately not an aggregate: GCC 12 destroys a braced aggregate twice when it is a temporary in a
/// `co_await` expression.
///
/// GCC 12 also rejects a braced list of JSON members or drafts inside a `co_await` expression ("array used as
/// initializer", reported at the end of the function): it cannot store the list's array in the coroutine. No overload
/// can avoid this, because the list is an argument of `json::object` or `std::vector`. Declare a variable first:
///
/// \code
/// json::object const record{{"name", "Ada"}};
/// co_await trail.async_append(event_draft("accounts", "users", "user-17", operation::create, "admin")
///                                 .with_payload(payload::from_create(record)), asio::use_awaitable);
/// \endcode
struct event_draft {
    event_draft() = default;
    event_draft(std::string domain_name, std::string category_name, std::string model, audit_trail::operation done,
                std::string user_id)
        : domain(std::move(domain_name)),
          category(std::move(category_name)),
          model_name(std::move(model)),
          operation(done),
          logical_user_id(std::move(user_id)) {}

    // Each of these sets the member of that name, and returns this draft.
    event_draft& with_payload(audit_trail::payload value) & { return payload = std::move(value), *this; }
    event_draft& with_request_id(std::string value) & { return request_id = std::move(value), *this; }
    event_draft& with_context(json::object value) & { return context.emplace(std::move(value)), *this; }
    event_draft& with_timestamp(std::int64_t value) & { return timestamp = value, *this; }

    event_draft&& with_payload(audit_trail::payload value) && { return std::move(with_payload(std::move(value))); }
    event_draft&& with_request_id(std::string value) && { return std::move(with_request_id(std::move(value))); }
    event_draft&& with_context(json::object value) && { return std::move(with_context(std::move(value))); }
    event_draft&& with_timestamp(std::int64_t value) && { return std::move(with_timestamp(value)); }

    /// The name of the outer directory. Must match `[A-Za-z0-9][A-Za-z0-9._-]{0,127}` and not begin with `index.json`.
    std::string domain;
    /// The name of the directory inside the domain's directory. The same rule applies.
    std::string category;
    /// What was changed. UTF-8, like all text below; empty only with `writer_options::allow_empty_names`.
    std::string model_name;
    audit_trail::operation operation = audit_trail::operation::create;
    /// Who changed it. Empty only with `writer_options::allow_empty_names`.
    std::string logical_user_id;
    /// The request that caused the change. May be empty.
    std::optional<std::string> request_id;
    /// Facts about the event that are not part of the record. Any members are permitted; filters find them without
    /// reading the payload (`event_filter::contexts`). These keys are conventional, with strings as values:
    ///
    /// - `action`: what the user did, if create, update and delete are too coarse: "login", "export", "approve"
    /// - `outcome`: "success", "failure" or "denied"
    /// - `ip`: the address of the client
    /// - `reason`: why it was done, in the words of the user
    /// - `trace_id`: the trace-id of W3C Trace Context, 32 hexadecimal digits, as in OpenTelemetry
    ///
    /// A line without a context has no such member. The Python original ignores the member.
    std::optional<json::object> context;
    /// The content before and after the change.
    std::optional<audit_trail::payload> payload;
    /// Unix seconds. If absent, the event gets the time of the initiating call.
    std::optional<std::int64_t> timestamp;
};

/// An event of the trail, as it is on disk.
struct event {
    event() = default;

    std::uint64_t event_id = 0;  ///< 1, 2, 3 …; one sequence for the whole root
    std::int64_t timestamp = 0;  ///< Unix seconds
    std::string domain;
    std::string category;
    std::string model_name;
    audit_trail::operation operation = audit_trail::operation::create;
    std::string logical_user_id;
    std::optional<std::string> request_id;
    std::optional<json::object> context;
    std::optional<audit_trail::payload> payload;
};

/// The short answer to an append: what the trail added to the draft.
struct receipt {
    std::uint64_t event_id = 0;
    std::int64_t timestamp = 0;
};

}  // namespace audit_trail
