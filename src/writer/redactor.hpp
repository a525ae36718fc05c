/// \file
/// Applies redaction rules to drafts.
#pragma once

#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <audit_trail/redaction.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail::detail {

/// A pattern for names, prepared so that most names need one comparison.
class name_pattern {
 public:
    explicit name_pattern(std::string_view pattern);

    bool matches(std::string_view name) const noexcept;
    bool is_valid() const noexcept;

 private:
    enum class kind { exact, begin, end, part, glob };

    kind kind_;
    std::string text_;  // without the stars, unless it is a glob
};

/// The rules of one writer, prepared once.
class redactor {
 public:
    redactor(std::vector<redaction_rule> const& rules, redaction_hash_function const& hash);

    bool empty() const noexcept { return rules_.empty(); }

    /// Returns the error of an option, if any.
    error_code check() const;

    /// Applies all rules, and adds the names of those that changed the draft to its context. After an error, the draft
    /// must not be used. Thread safe if the hash function is.
    error_code apply(event_draft& draft) const;

    struct prepared_rule {
        std::string name;
        std::vector<name_pattern> path;  // a single pattern applies at any depth
        redaction_action action;
    };

 private:
    void add_names(event_draft& draft, std::vector<bool> const& changed) const;
    bool names_match(event_draft const& draft) const noexcept;
    bool names_match(json::object const& members, std::size_t depth) const noexcept;
    bool names_match(json::value const& value, std::size_t depth) const noexcept;

    std::vector<prepared_rule> rules_;
    redaction_hash_function hash_;
};

}  // namespace audit_trail::detail
