#include "writer/redactor.hpp"

#include <algorithm>
#include <audit_trail/event_filter.hpp>
#include <boost/json/array.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "format/encode.hpp"
#include "format/glob.hpp"
#include "format/payload.hpp"
#include "format/strings.hpp"

namespace audit_trail {
namespace detail {
namespace {

constexpr std::string_view masked = "***";
constexpr std::string_view names_member = "redacted";

std::string_view view_of(json::string_view text) noexcept {
    return {text.data(), text.size()};
}

/// Splits at dots that have no backslash before them.
std::vector<name_pattern> parse_path(std::string_view member) {
    std::vector<name_pattern> path;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < member.size(); ++at) {
        if (member[at] == '\\')
            ++at;
        else if (member[at] == '.')
            path.emplace_back(member.substr(begin, at - begin)), begin = at + 1;
    }
    path.emplace_back(member.substr(begin));
    return path;
}

bool is_utf8(std::string_view text) {
    text_buffer quoted;
    return format::append_quoted(text, quoted);
}

/// Applies one rule to one draft.
class application {
 public:
    /// \param replaced the values that earlier rules have replaced: this rule leaves them alone, and adds its own. No
    ///   member may be removed from the draft meanwhile
    application(redactor::prepared_rule const& rule, redaction_hash_function const& hash,
                std::unordered_set<json::value const*>& replaced) noexcept
        : rule_(rule), hash_(hash), replaced_(replaced) {}

    void to(event_draft& draft) {
        if (draft.context) visit_members(*draft.context, 0, 1);
        if (!draft.payload) return;
        auto& [before, after, delta] = *draft.payload;
        if (before) visit_members(*before, 0, 1);
        if (after) visit_members(*after, 0, 1);
        if (delta) visit_members(*delta, 0, 1, true);
    }

    bool has_changed() const noexcept { return changed_; }
    error_code failure() const noexcept { return failure_; }

 private:
    /// \param element the element of the path that names a member of this object
    /// \param are_changes the values are `{"old": …, "new": …}`; each side is the value of the member
    void visit_members(json::object& members, std::size_t element, std::size_t depth, bool are_changes = false) {
        bool const is_last = element + 1 == rule_.path.size();
        if (is_last && rule_.action == redaction_action::drop) drop_members(members, element);
        for (auto member = members.begin(); member != members.end() && !failure_; ++member) {
            bool const matches = rule_.path[element].matches(view_of(member->key()));
            bool const is_found = matches && is_last;
            auto const visit_side = [&](json::value& side) {
                if (is_found) return replace(side);
                if (rule_.path.size() == 1) return visit_value(side, 0, depth + 1);
                if (matches) visit_value(side, element + 1, depth + 1);
            };
            if (!are_changes)
                visit_side(member->value());
            else if (auto* const change = member->value().if_object()) {
                for (auto& side : *change) visit_side(side.value());
            }
        }
    }

    /// Copies the other members, because erasing one moves all members after it.
    void drop_members(json::object& members, std::size_t element) {
        auto const is_found = [&](auto const& member) { return rule_.path[element].matches(view_of(member.key())); };
        if (std::none_of(members.begin(), members.end(), is_found)) return;
        json::object kept(members.size(), members.storage());
        for (auto& member : members) {
            if (is_found(member))
                format::dismantle(std::move(member.value()));
            else
                kept.emplace(member.key(), std::move(member.value()));
        }
        members = std::move(kept);
        changed_ = true;
    }

    /// A draft that nests deeper is refused later.
    void visit_value(json::value& value, std::size_t element, std::size_t depth) {
        if (depth > format::max_depth) return;
        if (auto* const object = value.if_object()) return visit_members(*object, element, depth);
        if (auto* const array = value.if_array()) {
            for (auto& each : *array) visit_value(each, element, depth + 1);
        }
    }

    void replace(json::value& value) {
        if (value.is_null() || failure_ || replaced_.contains(&value)) return;
        std::string const text = rule_.action == redaction_action::mask ? std::string(masked) : hash_of(value);
        if (failure_) return;
        format::dismantle(std::exchange(value, json::value(text, value.storage())));
        replaced_.insert(&value);
        changed_ = true;
    }

    std::string hash_of(json::value const& value) {
        text_buffer text;
        if (!value.is_string()) failure_ = format::encode_value(value, text);
        if (failure_) return {};
        try {
            auto hash = hash_(value.is_string() ? view_of(value.get_string()) : text.view());
            if (is_utf8(hash)) return hash;
        } catch (...) {
        }
        failure_ = error::redaction_failed;
        return {};
    }

    redactor::prepared_rule const& rule_;
    redaction_hash_function const& hash_;
    std::unordered_set<json::value const*>& replaced_;
    bool changed_ = false;
    error_code failure_;
};

}  // namespace

name_pattern::name_pattern(std::string_view pattern) : kind_(kind::glob), text_(pattern) {
    std::string_view literal = pattern;
    bool const ends_open = literal.ends_with('*');
    literal.remove_suffix(ends_open);
    bool const begins_open = literal.starts_with('*');
    literal.remove_prefix(begins_open);
    if (literal.find_first_of("*?[\\") != literal.npos) return;
    kind_ = begins_open ? ends_open ? kind::part : kind::end : ends_open ? kind::begin : kind::exact;
    text_ = literal;
}

bool name_pattern::matches(std::string_view name) const noexcept {
    if (kind_ == kind::glob) return format::matches_glob(text_, name, true);
    if (name.size() < text_.size()) return false;
    switch (kind_) {
        case kind::begin:
            return format::equals_ignoring_case(name.substr(0, text_.size()), text_);
        case kind::end:
            return format::equals_ignoring_case(name.substr(name.size() - text_.size()), text_);
        case kind::part:
            return format::contains_ignoring_case(name, text_);
        default:
            return format::equals_ignoring_case(name, text_);
    }
}

bool name_pattern::is_valid() const noexcept {
    if (kind_ == kind::exact) return !text_.empty();
    return kind_ != kind::glob || is_valid_glob(text_);
}

redactor::redactor(std::vector<redaction_rule> const& rules, redaction_hash_function const& hash) : hash_(hash) {
    for (auto const& rule : rules) rules_.push_back({rule.name, parse_path(rule.member), rule.action});
}

error_code redactor::check() const {
    for (auto const& rule : rules_) {
        bool const has_path = std::ranges::all_of(rule.path, &name_pattern::is_valid);
        if (rule.name.empty() || !is_utf8(rule.name) || !has_path) return error::invalid_redaction_rules;
        if (rule.action == redaction_action::hash && !hash_) return error::invalid_redaction_hash;
    }
    return {};
}

/// Most drafts have no name that a rule names: then one walk through their members is enough for all rules.
bool redactor::names_match(event_draft const& draft) const noexcept {
    auto const is_in = [this](std::optional<json::object> const& part) { return part && names_match(*part, 1); };
    auto const& changes = draft.payload;
    return is_in(draft.context) ||
           (changes && (is_in(changes->before) || is_in(changes->after) || is_in(changes->delta)));
}

bool redactor::names_match(json::object const& members, std::size_t depth) const noexcept {
    for (auto const& member : members) {
        for (auto const& rule : rules_) {
            if (rule.path.back().matches(view_of(member.key()))) return true;
        }
        if (names_match(member.value(), depth + 1)) return true;
    }
    return false;
}

bool redactor::names_match(json::value const& value, std::size_t depth) const noexcept {
    if (depth > format::max_depth) return false;
    if (auto const* const object = value.if_object()) return names_match(*object, depth);
    auto const* const array = value.if_array();
    return array && std::ranges::any_of(*array, [&](auto const& each) { return names_match(each, depth + 1); });
}

/// First the rules that drop, so that no value moves while the other rules remember which ones they replaced.
error_code redactor::apply(event_draft& draft) const {
    if (!names_match(draft)) return {};
    std::vector<bool> changed(rules_.size());
    std::unordered_set<json::value const*> replaced;
    for (bool const drops : {true, false}) {
        for (std::size_t n = 0; n != rules_.size(); ++n) {
            if ((rules_[n].action == redaction_action::drop) != drops) continue;
            application applied(rules_[n], hash_, replaced);
            applied.to(draft);
            if (applied.failure()) return applied.failure();
            changed[n] = applied.has_changed();
        }
    }
    add_names(draft, changed);
    return {};
}

void redactor::add_names(event_draft& draft, std::vector<bool> const& changed) const {
    json::array names;
    for (std::size_t n = 0; n != rules_.size(); ++n) {
        json::value const name(rules_[n].name);
        if (changed[n] && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    if (names.empty()) return;
    if (!draft.context) draft.context.emplace();
    json::value& listed = (*draft.context)[names_member];
    format::dismantle(std::exchange(listed, json::value(std::move(names))));
}

}  // namespace detail

std::vector<redaction_rule> default_redaction_rules() {
    return {
        {"password", "*password*"}, {"secret", "*secret*"}, {"token", "*token"}, {"authorization", "*authorization*"}};
}

}  // namespace audit_trail
