#include "support/references.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <audit_trail/detail/text_buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <charconv>
#include <string>
#include <system_error>

#include "format/encode.hpp"
#include "support/sample_events.hpp"

namespace bench {
namespace {

namespace asio = boost::asio;
using audit_trail::detail::text_buffer;

constexpr std::size_t write_bytes = 256 * 1024;

/// The files of one category, with the library's rule of rolling.
class plain_segments {
 public:
    explicit plain_segments(std::filesystem::path directory) : directory_(std::move(directory)) {}
    ~plain_segments() {
        if (file_ >= 0) ::close(file_);
    }

    void write(std::string_view bytes) {
        if (file_ < 0 || size_ >= max_segment_bytes) begin_next();
        while (!bytes.empty()) {
            ssize_t const written = ::write(file_, bytes.data(), bytes.size());
            if (written < 0) throw std::system_error(errno, std::system_category(), "write");
            size_ += static_cast<std::size_t>(written);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    void sync() {
        if (::fdatasync(file_) != 0) throw std::system_error(errno, std::system_category(), "fdatasync");
    }

 private:
    static constexpr std::size_t max_segment_bytes = 5 * 1024 * 1024;

    void begin_next() {
        if (file_ >= 0) ::close(file_);
        std::string const path = directory_ / ("audit-" + std::to_string(++number_) + ".jsonl");
        file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
        if (file_ < 0) throw std::system_error(errno, std::system_category(), path);
        size_ = 0;
    }

    std::filesystem::path directory_;
    int file_ = -1;
    std::size_t size_ = 0;
    int number_ = 0;
};

void append_line(text_buffer& out, std::uint64_t id, audit_trail::event_draft const& draft) {
    namespace format = audit_trail::format;
    out.append(format::id_prefix);
    char* const digits = out.prepare(format::max_id_digits);
    out.commit(static_cast<std::size_t>(std::to_chars(digits, digits + format::max_id_digits, id).ptr - digits));
    if (format::encode_tail(draft, draft.timestamp.value_or(0), 1 << 20, out)) throw std::logic_error("invalid sample");
}

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
