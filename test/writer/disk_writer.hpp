/// \file
/// Opens a writer on a file system of the test.
#pragma once

#include <audit_trail/writer.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <memory>
#include <utility>

#include "writer/writer_core.hpp"

namespace audit_trail::test {

namespace detail_of_opening {

/// Returns an operation whose result is the writer of `core`.
inline detail::operation* make_opening(std::shared_ptr<detail::writer_core> core) {
    auto* const op = new detail::operation;
    op->what = detail::operation::kind::open;
    op->core = core.get();
    op->opened = std::move(core);
    return op;
}

}  // namespace detail_of_opening

/// Returns the options with no commit log if they have the default log. With it, the system calls of a batch depend on
/// the time: the log is prepared and cleared in the background.
inline writer_options without_default_log(writer_options options) {
    if (options.commit_log_bytes == writer_options().commit_log_bytes) options.commit_log_bytes = 0;
    return options;
}

/// Like `writer::open`, on another file system, and with `without_default_log`. Returns a writer without a trail if there is an error.
inline writer open_writer(storage::file_system& system, asio::any_io_executor executor,
                          std::filesystem::path const& root, writer_options const& options, error_code& ec) {
    auto core = std::make_shared<detail::writer_core>(std::move(executor), root, without_default_log(options), system);
    core->open(ec);
    if (ec) return {};
    writer result;
    detail::operation& opening = *detail_of_opening::make_opening(std::move(core));
    detail::release_guard release(opening);
    detail::deliver<writer>([&](error_code, writer opened) { result = std::move(opened); }, opening, release);
    return result;
}

inline writer open_writer(storage::file_system& system, asio::any_io_executor executor,
                          std::filesystem::path const& root, writer_options const& options = {}) {
    error_code ec;
    writer result = open_writer(system, std::move(executor), root, options, ec);
    if (ec) throw boost::system::system_error(ec);
    return result;
}

/// Like `writer::async_open`, on another file system.
template <class Handler>
void async_open_writer(storage::file_system& system, asio::any_io_executor executor, std::filesystem::path const& root,
                       Handler handler) {
    auto core = std::make_shared<detail::writer_core>(std::move(executor), root, without_default_log({}), system);
    auto* const op = detail_of_opening::make_opening(core);
    detail::start<writer>(core.get(), op, {}, std::move(handler), false);
}

}  // namespace audit_trail::test
