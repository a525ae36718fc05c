/// \file
/// What a trail is made of: a draft is handed to the writer, an event is what the trail holds.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace audit_trail {

namespace json = boost::json;

/// What was done to the model. On disk: `"create"`, `"update"`, `"delete"`.
enum class operation { create, update, remove };

/// The operation's name on disk: "create", "update" or "delete"; "unknown" for any other value.
std::string_view to_string(operation value) noexcept;

/// Writes that name.
std::ostream& operator<<(std::ostream& out, operation value);

/// Whether a domain or a category may have this name: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`, and not beginning with
/// `index.json`, since domains and that file are in one directory.
bool is_valid_name(std::string_view name) noexcept;

/// What the operation changed. Every part may be absent; a payload of which all are absent stands as `{}` on disk.
struct payload {
    std::optional<json::object> before;
    std::optional<json::object> after;

    /// One member for each changed field: `{"field": {"old": …, "new": …}}`, null where a side did not exist. The
    /// writer refuses any other shape (`error::invalid_delta`).
    std::optional<json::object> delta;

    /// The payload of a create: the new record as `after`.
    static payload from_create(json::object record);

    /// The payload of a delete: the last record as `before`.
    static payload from_delete(json::object record);

    /// The payload of an update: a sparse delta of the fields that differ, `before` and `after` left out.
    ///
    /// Fields differ when their encoded text does (so 1 and 1.0 differ, and the order of an inner object's members
    /// counts). They come in the order of `before`, then those that only `after` has; a removed field has a null `new`,
    /// a new one a null `old`.
    ///
    /// \throws boost::system::system_error with `error::nested_too_deep` when a field nests too deep to be written
    static payload from_update(json::object const& before, json::object const& after);
};

/// An event that has no id yet.
///
/// Not an aggregate, on purpose: GCC 12 destroys a braced aggregate twice when it is a temporary of a `co_await`
/// expression.
///
/// GCC 12 also rejects a braced list of JSON members, or of drafts, inside a `co_await` expression ("array used as
/// initializer", reported at the end of the function): the compiler cannot keep the list's array in the coroutine. No
/// overload can avoid that, since the list is an argument of `json::object` or `std::vector`. Name it first:
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

    event_draft& with_payload(audit_trail::payload value) & { return payload = std::move(value), *this; }
    event_draft& with_request_id(std::string value) & { return request_id = std::move(value), *this; }
    event_draft& with_timestamp(std::int64_t value) & { return timestamp = value, *this; }

    event_draft&& with_payload(audit_trail::payload value) && { return std::move(with_payload(std::move(value))); }
    event_draft&& with_request_id(std::string value) && { return std::move(with_request_id(std::move(value))); }
    event_draft&& with_timestamp(std::int64_t value) && { return std::move(with_timestamp(value)); }

    /// Names the directory: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`, and does not begin with `index.json`.
    std::string domain;
    /// Names the directory inside the domain's; the same rule.
    std::string category;
    /// UTF-8, as all text below.
    std::string model_name;
    audit_trail::operation operation = audit_trail::operation::create;
    std::string logical_user_id;
    std::optional<std::string> request_id;
    std::optional<audit_trail::payload> payload;
    /// Unix seconds; the time of the initiating call when absent.
    std::optional<std::int64_t> timestamp;
};

/// An event of the trail.
struct event {
    event() = default;

    std::uint64_t event_id = 0;  ///< 1, 2, 3 …: one sequence for the whole root
    std::int64_t timestamp = 0;  ///< Unix seconds
    std::string domain;
    std::string category;
    std::string model_name;
    audit_trail::operation operation = audit_trail::operation::create;
    std::string logical_user_id;
    std::optional<std::string> request_id;
    std::optional<audit_trail::payload> payload;
};

/// The lean answer to an append: what the trail added to the draft.
struct receipt {
    std::uint64_t event_id = 0;
    std::int64_t timestamp = 0;
};

}  // namespace audit_trail
