#include <audit_trail/error.hpp>

namespace audit_trail {

char const* name_of(error e) noexcept {
    switch (e) {
        case error::invalid_domain:
            return "invalid_domain";
        case error::invalid_category:
            return "invalid_category";
        case error::invalid_model_name:
            return "invalid_model_name";
        case error::invalid_operation:
            return "invalid_operation";
        case error::invalid_logical_user_id:
            return "invalid_logical_user_id";
        case error::invalid_request_id:
            return "invalid_request_id";
        case error::invalid_payload_text:
            return "invalid_payload_text";
        case error::not_finite:
            return "not_finite";
        case error::integer_out_of_range:
            return "integer_out_of_range";
        case error::nested_too_deep:
            return "nested_too_deep";
        case error::invalid_delta:
            return "invalid_delta";
        case error::event_too_large:
            return "event_too_large";
        case error::malformed_json:
            return "malformed_json";
        case error::not_an_object:
            return "not_an_object";
        case error::missing_member:
            return "missing_member";
        case error::unknown_member:
            return "unknown_member";
        case error::duplicate_member:
            return "duplicate_member";
        case error::wrong_type:
            return "wrong_type";
        case error::invalid_event_id:
            return "invalid_event_id";
        case error::queue_full:
            return "queue_full";
        case error::closed:
            return "closed";
        case error::locked:
            return "locked";
        case error::forked:
            return "forked";
        case error::not_a_trail:
            return "not_a_trail";
        case error::cannot_save_torn_tail:
            return "cannot_save_torn_tail";
        case error::torn_line:
            return "torn_line";
        case error::line_too_long:
            return "line_too_long";
        case error::blank_line:
            return "blank_line";
        case error::byte_order_mark:
            return "byte_order_mark";
        case error::carriage_return:
            return "carriage_return";
        case error::misplaced_line:
            return "misplaced_line";
        case error::id_out_of_order:
            return "id_out_of_order";
        case error::segment_missing:
            return "segment_missing";
        case error::foreign_file:
            return "foreign_file";
        case error::no_snapshot:
            return "no_snapshot";
        case error::ids_missing:
            return "ids_missing";
        case error::duplicate_id:
            return "duplicate_id";
        case error::index_invalid:
            return "index_invalid";
        case error::index_behind:
            return "index_behind";
        case error::index_ahead:
            return "index_ahead";
        case error::loose_mode:
            return "loose_mode";
        case error::watch_limit:
            return "watch_limit";
        case error::watcher_limit:
            return "watcher_limit";
    }
    return "unknown";
}

}  // namespace audit_trail
