/// \file
/// Rules that remove secrets from events before they are written.
///
/// \code
/// audit_trail::writer_options options;
/// options.redaction_rules = audit_trail::default_redaction_rules();
/// options.redaction_rules.push_back({"card", "card.number", audit_trail::redaction_action::hash});
/// options.redaction_hash = audit_trail::hmac_sha256::from_file("/etc/server/audit.key");  // audit_trail/hmac.hpp
/// \endcode
///
/// The writer applies the rules in the initiating call, to `payload` (`before`, `after`, `delta`) and `context`. So
/// neither the files nor the event that an append returns have the values. The event names the rules that changed it:
/// the member `redacted` of its context is an array with their names. It replaces a member `redacted` of the draft; if no
/// rule changed the event, that member stays.
///
/// If several rules match a member, a rule that drops it decides, else the first rule.
///
/// Rules look at names of members, not at texts: a password inside another text, a model name or a user id is not found.
/// What is already in a trail stays there.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail {

/// What a rule does to a value. Null is no secret: it is not masked or hashed.
enum class redaction_action {
    drop,  ///< removes the member; of a delta, the whole change
    mask,  ///< replaces the value with the string `***`
    hash   ///< replaces the value with the result of `writer_options::redaction_hash`
};

struct redaction_rule {
    /// Appears in `context.redacted`. UTF-8, not empty.
    std::string name;

    /// A pattern for the names of members, with ASCII letters of either case (`text_match::glob`). Without a dot, it
    /// applies to members at any depth: `*password*`. With dots, it is a path of patterns from the record or the context
    /// on: `card.number`, `*.ssn`. The elements of an array have the path of the array. `\.` is a dot in a name:
    /// a path does not match a single member whose name is `card.number`, but `card\.number` does.
    std::string member;

    redaction_action action = redaction_action::mask;
};

/// Hashes the UTF-8 bytes of a string, or the JSON text of another value as lines have it. Several threads may call it at
/// the same time. If it throws an exception, or returns text that is not UTF-8, the append is refused with
/// `error::redaction_failed`.
using redaction_hash_function = std::function<std::string(std::string_view value)>;

/// Returns rules that mask members with `password` or `secret` in their name, those whose name ends with `token`, and
/// those with `authorization` in it. A writer uses them only if its options contain them.
AUDIT_TRAIL_API std::vector<redaction_rule> default_redaction_rules();

}  // namespace audit_trail
