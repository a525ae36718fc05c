#include "support/prefilled_trail.hpp"

#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>

#include "storage/layout.hpp"
#include "support/raw_file.hpp"
#include "support/sample_events.hpp"
#include "support/sample_lines.hpp"
#include "support/writer_scenario.hpp"

namespace bench {

void prefill_trail(std::filesystem::path const& root, trail_size size) {
    namespace storage = audit_trail::storage;
    std::uint64_t id = 0;
    audit_trail::detail::text_buffer lines;
    for (std::uint64_t category = 0; category != size.categories; ++category) {
        auto const sample = sample_event_of(0, category);
        std::filesystem::create_directories(root / sample.domain / sample.category);
        for (std::uint64_t segment = 1; segment <= size.segments; ++segment) {
            lines.clear();
            for (std::uint64_t n = 0; n != size.lines; ++n) append_line(lines, ++id, sample);
            raw_file(root / storage::segment_path(sample.domain, sample.category, segment)).write(lines.view());
        }
    }
    end_cleanly(root);
}

void end_cleanly(std::filesystem::path const& root) {
    boost::asio::io_context context;
    audit_trail::writer::open(context.get_executor(), root).async_close(check);
    context.run();
}

}  // namespace bench
