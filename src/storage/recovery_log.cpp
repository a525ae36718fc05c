#include "storage/recovery_log.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>
#include <cerrno>
#include <chrono>

#include "storage/layout.hpp"
#include "system/file_operations.hpp"

namespace audit_trail {

std::string_view to_string(recovery_finding::kind_type kind) noexcept {
    using kind_type = recovery_finding::kind_type;
    switch (kind) {
        case kind_type::torn_tail:
            return "torn_tail";
        case kind_type::unused_ids:
            return "unused_ids";
        case kind_type::index_ahead:
            return "index_ahead";
        case kind_type::vanished_segment:
            return "vanished_segment";
        case kind_type::lost_ids:
            return "lost_ids";
        case kind_type::accepted_loss:
            return "accepted_loss";
        case kind_type::restored_lines:
            return "restored_lines";
        case kind_type::unrestored_lines:
            return "unrestored_lines";
        case kind_type::unusable_log:
            return "unusable_log";
    }
    return "unknown";
}

namespace storage {
namespace {

namespace json = boost::json;
using kind_type = recovery_finding::kind_type;

/// Only this much of an old log is searched for findings that are already recorded.
constexpr std::size_t search_limit = 16 * 1024 * 1024;

std::string text_of(json::object const& line, std::string_view key) {
    auto const* const value = line.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<kind_type> kind_of(std::string_view name) {
    for (auto const kind : {kind_type::torn_tail, kind_type::unused_ids, kind_type::index_ahead,
                            kind_type::vanished_segment, kind_type::lost_ids, kind_type::accepted_loss,
                            kind_type::restored_lines, kind_type::unrestored_lines, kind_type::unusable_log}) {
        if (name == to_string(kind)) return kind;
    }
    return std::nullopt;
}

/// Findings are compared without their time: an opening that is repeated after an interruption finds the same again.
std::string_view without_time(std::string_view line) {
    return line.substr(line.find(",\"kind\""));
}

bool accounts_for_ids(recovery_finding const& finding) {
    bool const is_account = finding.kind == kind_type::unused_ids || finding.kind == kind_type::index_ahead ||
                            finding.kind == kind_type::accepted_loss;
    return is_account && finding.first_id != 0 && finding.first_id <= finding.last_id;
}

owned_file open_log(file_system& system, file_handle root, error_code& ec) {
    auto file = system.open_file(root, recovery_log_name, open_mode::append, ec);
    if (is_errno(ec, ENOENT)) file = system.open_file(root, recovery_log_name, open_mode::create_append, ec);
    return {system, file};
}

}  // namespace

recovery_finding new_finding(kind_type kind) {
    using namespace std::chrono;
    recovery_finding finding;
    finding.kind = kind;
    finding.time = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
    return finding;
}

std::string format_finding(recovery_finding const& finding) {
    json::object line;
    line["time"] = finding.time;
    line["kind"] = to_string(finding.kind);
    if (!finding.path.empty()) line["path"] = finding.path;
    if (finding.bytes != 0) {
        line["offset"] = finding.offset;
        line["bytes"] = finding.bytes;
    }
    if (!finding.saved_as.empty()) line["saved_as"] = finding.saved_as;
    if (finding.first_id != 0) line["first_id"] = finding.first_id;
    if (finding.last_id != 0) line["last_id"] = finding.last_id;
    if (!finding.user.empty()) line["user"] = finding.user;
    if (!finding.reason.empty()) line["reason"] = finding.reason;
    return json::serialize(line);
}

std::optional<recovery_finding> parse_finding(std::string_view text) {
    error_code ec;
    json::value const parsed = json::parse(text, ec);
    if (ec || !parsed.is_object()) return std::nullopt;
    auto const& line = parsed.get_object();
    auto const kind = kind_of(text_of(line, "kind"));
    if (!kind) return std::nullopt;

    recovery_finding finding;
    finding.kind = *kind;
    finding.time = static_cast<std::int64_t>(number_of(line, "time").value_or(0));
    finding.path = text_of(line, "path");
    finding.offset = number_of(line, "offset").value_or(0);
    finding.bytes = number_of(line, "bytes").value_or(0);
    finding.saved_as = text_of(line, "saved_as");
    finding.first_id = number_of(line, "first_id").value_or(0);
    finding.last_id = number_of(line, "last_id").value_or(0);
    finding.user = text_of(line, "user");
    finding.reason = text_of(line, "reason");
    return finding;
}

error_code check_record(std::string_view text) {
    if (parse_finding(text) || text.empty()) return {};
    json::stream_parser parser;
    error_code ec;
    parser.write(text, ec);
    if (ec) return error::malformed_json;
    if (text.front() != '{') return error::not_an_object;
    return parser.done() ? make_error_code(error::missing_member) : error_code();
}

std::vector<id_range> read_accounted_ids(file_system& system, file_handle root, error_code& ec) {
    std::vector<id_range> ids;
    owned_file const log(system, system.open_file(root, recovery_log_name, open_mode::read, ec));
    if (is_errno(ec, ENOENT)) return ec = {}, ids;
    if (ec) return ids;
    std::string const text = read_text(system, log.get(), search_limit, ec);
    for (std::string_view rest = text; !ec && !rest.empty();) {
        auto const line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        auto const finding = parse_finding(line);
        if (finding && accounts_for_ids(*finding)) ids.push_back({finding->first_id, finding->last_id});
    }
    std::ranges::sort(ids, {}, &id_range::first);
    return ids;
}

void record_findings(file_system& system, file_handle root, std::span<recovery_finding const> findings,
                     error_code& ec) {
    ec = {};
    if (findings.empty()) return;
    auto const log = open_log(system, root, ec);
    if (ec) return;
    std::string const known = read_text(system, log.get(), search_limit, ec);
    if (ec) return;

    std::string added;
    // A crash may have torn the last line of the log itself.
    if (!known.empty() && known.size() < search_limit && known.back() != '\n') added += '\n';
    for (auto const& finding : findings) {
        std::string const line = format_finding(finding) + '\n';
        if (known.find(without_time(line)) == known.npos) added += line;
    }
    append_fully(system, log.get(), added, ec);
    if (!ec) system.sync(log.get(), ec);
    if (!ec) system.sync(root, ec);
}

void sync_recovery_log(file_system& system, file_handle root, error_code& ec) {
    auto const log = open_log(system, root, ec);
    if (!ec) system.sync(log.get(), ec);
    if (!ec) system.sync(root, ec);
}

}  // namespace storage
}  // namespace audit_trail
