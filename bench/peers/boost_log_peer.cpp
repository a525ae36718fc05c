#include <boost/log/core.hpp>
#include <boost/log/expressions.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sinks/block_on_overflow.hpp>
#include <boost/log/sinks/bounded_fifo_queue.hpp>
#include <boost/log/sinks/text_file_backend.hpp>
#include <boost/log/sources/logger.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/make_shared.hpp>

#include "peers/members.hpp"
#include "peers/peers.hpp"
#include "support/sample_events.hpp"

namespace bench {
namespace {

namespace expressions = boost::log::expressions;
namespace keywords = boost::log::keywords;
namespace sinks = boost::log::sinks;

using queue = sinks::bounded_fifo_queue<queue_events, sinks::block_on_overflow>;
using text_sink = sinks::asynchronous_sink<sinks::text_file_backend, queue>;

boost::shared_ptr<text_sink> make_sink(std::filesystem::path const& directory) {
    auto sink = boost::make_shared<text_sink>(keywords::file_name = (directory / "audit-%6N.jsonl").string(),
                                              keywords::rotation_size = max_file_bytes);
    sink->set_formatter(expressions::stream << expressions::smessage);
    return sink;
}

}  // namespace

std::uint64_t boost_log(std::filesystem::path const& directory, std::uint64_t events) {
    auto const sink = make_sink(directory);
    boost::log::core::get()->add_sink(sink);
    boost::log::sources::logger logger;
    for (std::uint64_t n = 0; n != events; ++n) {
        auto const draft = sample_event(n, 1);
        BOOST_LOG(logger) << members_of(n + 1, draft);
    }
    boost::log::core::get()->remove_sink(sink);
    sink->stop();
    sink->flush();  // writes the rest of the queue
    return events;
}

}  // namespace bench
