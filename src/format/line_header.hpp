/// \file
/// What a line says before its payload, at the price of a glance.
#pragma once

#include <audit_trail/event.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/decode.hpp"

namespace audit_trail::format {

class usual_text;

/// The members of an event but for the payload, whose text is passed over. The views lead into the line, or into the
/// header itself where the line spells them with escapes: they last as long as both do.
class line_header {
 public:
    line_header() = default;
    line_header(line_header const&) = delete;
    line_header& operator=(line_header const&) = delete;

    /// Reads a line without its newline. What `decode_event` would say of the members, this says too. Of the payload
    /// it only looks at the first and last byte where the members stand in the usual order and spelling; lines of any
    /// other form are checked as a whole.
    std::optional<decode_failure> scan(std::string_view line);

    /// Whether the payload of the line scanned last is an object of JSON text (`skip_value`). Then the line is no part
    /// of a line. It may still hold what no `payload` can: numbers past 64 bits, a key twice, other members.
    std::optional<decode_failure> check_payload();

    /// Where the payload of the line scanned last begins, if it has one and its members stand in the usual form; else
    /// 0.
    std::size_t payload_offset() const noexcept {
        return unchecked_payload_.empty() ? 0 : static_cast<std::size_t>(unchecked_payload_.data() - line_.data());
    }

    /// While this is the same, domain and category are; never 0 behind a line.
    std::uint64_t place_number() const noexcept { return place_number_; }

    /// All that the line says but the payload, which is left absent.
    void copy_to(event& out) const;

    std::uint64_t event_id = 0;
    std::int64_t timestamp = 0;
    std::string_view domain;
    std::string_view category;
    std::string_view model_name;
    audit_trail::operation operation = audit_trail::operation::create;
    std::string_view logical_user_id;
    std::optional<std::string_view> request_id;

 private:
    bool scan_usual_form();
    bool take_time_and_place(usual_text& text);
    bool take_place(usual_text& text);
    std::optional<decode_failure> scan_any_form();
    void view_decoded();

    std::string_view line_;
    std::string_view unchecked_payload_;  // with the line's own closing brace
    event decoded_;

    // The text of timestamp, domain and category in an earlier line, with valid names.
    std::string known_;
    std::int64_t known_timestamp_ = 0;
    std::size_t known_place_ = 0;  // where the domain begins
    std::uint64_t known_names_ = 0;
    std::uint64_t names_met_ = 0;
    std::uint64_t place_number_ = 0;
    std::size_t domain_size_ = 0;
    std::size_t category_size_ = 0;
};

/// The text of an event's payload, which is part of the line; empty when the event has none.
std::string_view payload_text(std::string_view line);

}  // namespace audit_trail::format
