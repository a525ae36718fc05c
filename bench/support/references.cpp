#include "support/references.hpp"

#include <algorithm>
#include <audit_trail/detail/text_buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include "support/plain_segments.hpp"
#include "support/sample_events.hpp"
#include "support/sample_lines.hpp"

namespace bench {
namespace {

namespace asio = boost::asio;
using audit_trail::detail::text_buffer;

constexpr std::size_t write_bytes = 256 * 1024;

}  // namespace

std::uint64_t synchronous_loop(std::filesystem::path const& directory, std::uint64_t events) {
    plain_segments segments(directory);
    text_buffer buffer;
    for (std::uint64_t n = 0; n != events; ++n) {
        append_line(buffer, n + 1, sample_event(n, 1));
        if (buffer.size() < write_bytes) continue;
        segments.write(buffer.view());
        buffer.clear();
    }
    segments.write(buffer.view());
    return events;
}

std::uint64_t copied_lines(std::filesystem::path const& directory, std::uint64_t events) {
    plain_segments segments(directory);
    text_buffer line;
    append_line(line, events, sample_event(0, 1));
    text_buffer buffer;
    for (std::uint64_t n = 0; n != events; ++n) {
        buffer.append(line.view());
        if (buffer.size() < write_bytes) continue;
        segments.write(buffer.view());
        buffer.clear();
    }
    segments.write(buffer.view());
    return events;
}

std::uint64_t synced_batches(std::filesystem::path const& directory, std::uint64_t events, std::uint64_t batch) {
    plain_segments segments(directory);
    text_buffer line;
    append_line(line, events, sample_event(0, 1));
    text_buffer lines;
    for (std::uint64_t n = 0; n != batch; ++n) lines.append(line.view());
    std::uint64_t const batches = std::max<std::uint64_t>(events / batch, 1);
    for (std::uint64_t n = 0; n != batches; ++n) {
        segments.write(lines.view());
        segments.sync();
    }
    return batches * batch;
}

std::uint64_t plain_post(std::filesystem::path const& directory, std::uint64_t events, std::uint64_t window) {
    plain_segments segments(directory);
    asio::io_context context;
    auto const work = asio::make_work_guard(context);
    asio::thread_pool pool(1);
    auto const strand = asio::make_strand(pool.get_executor());
    std::uint64_t started = 0;
    std::uint64_t completed = 0;
    text_buffer line;

    struct sender {
        asio::io_context& context;
        asio::strand<asio::thread_pool::executor_type> const& strand;
        plain_segments& segments;
        text_buffer& line;
        std::uint64_t& started;
        std::uint64_t& completed;
        std::uint64_t const events;

        void send() {
            std::uint64_t const n = started++;
            asio::post(strand, [this, n, draft = sample_event(n, 1)] {
                line.clear();
                append_line(line, n + 1, draft);
                segments.write(line.view());
                asio::post(context, [this] { on_completion(); });
            });
        }

        void on_completion() {
            if (++completed == events) return context.stop();
            if (started != events) send();
        }
    } all{context, strand, segments, line, started, completed, events};

    asio::post(context, [&] {
        for (std::uint64_t n = 0; n != std::min(window, events); ++n) all.send();
    });
    context.run();
    pool.join();
    return completed;
}

}  // namespace bench
