#include "support/sample_lines.hpp"

#include <charconv>
#include <stdexcept>

#include "format/encode.hpp"
#include "support/sample_events.hpp"

namespace bench {

using audit_trail::detail::text_buffer;

void append_line(text_buffer& out, std::uint64_t id, audit_trail::event_draft const& draft) {
    namespace format = audit_trail::format;
    out.append(format::id_prefix);
    char* const digits = out.prepare(format::max_id_digits);
    out.commit(static_cast<std::size_t>(std::to_chars(digits, digits + format::max_id_digits, id).ptr - digits));
    if (format::encode_tail(draft, draft.timestamp.value_or(0), 1 << 20, out)) throw std::logic_error("invalid sample");
}

void append_sample_lines(text_buffer& out, std::uint64_t count) {
    for (std::uint64_t n = 0; n != count; ++n) append_line(out, n + 1, sample_event(n, 1));
}

}  // namespace bench
