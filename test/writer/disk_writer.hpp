/// \file
/// A writer on a file system that the test brings, and one that stops when it is told to.
#pragma once

#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "storage/faulty_file_system.hpp"
#include "support/waiting.hpp"
#include "writer/writer_core.hpp"

namespace audit_trail::test {

namespace detail_of_opening {

/// An operation that answers with the writer of `core`.
inline detail::operation* make_opening(std::shared_ptr<detail::writer_core> core) {
    auto* const op = new detail::operation;
    op->what = detail::operation::kind::open;
    op->core = core.get();
    op->opened = std::move(core);
    return op;
}

}  // namespace detail_of_opening

/// `writer::open` on another file system. Without a trail when there is an error.
inline writer open_writer(storage::file_system& system, asio::any_io_executor executor,
                          std::filesystem::path const& root, writer_options const& options, error_code& ec) {
    auto core = std::make_shared<detail::writer_core>(std::move(executor), root, options, system);
    core->open(ec);
    if (ec) return {};
    writer result;
    detail::answer_traits<writer>::deliver([&](error_code, writer opened) { result = std::move(opened); },
                                           *detail_of_opening::make_opening(std::move(core)));
    return result;
}

inline writer open_writer(storage::file_system& system, asio::any_io_executor executor,
                          std::filesystem::path const& root, writer_options const& options = {}) {
    error_code ec;
    writer result = open_writer(system, std::move(executor), root, options, ec);
    if (ec) throw boost::system::system_error(ec);
    return result;
}

/// `writer::async_open` on another file system.
template <class Handler>
void async_open_writer(storage::file_system& system, asio::any_io_executor executor, std::filesystem::path const& root,
                       Handler handler) {
    auto core = std::make_shared<detail::writer_core>(std::move(executor), root, writer_options(), system);
    auto* const op = detail_of_opening::make_opening(core);
    detail::start<writer>(*core, op, {}, std::move(handler), false);
}

/// A disk that answers no more from a call of the given kind on, until it is released.
class held_disk {
 public:
    held_disk() {
        system_.fail_when([this](auto const& call, std::size_t) {
            std::unique_lock lock(mutex_);
            if (holding_ && call.kind == kind_) reached_ = true;
            released_.wait(lock, [this] { return !reached_; });
            return faulty_file_system::fault{};
        });
    }
    ~held_disk() { release(); }

    storage::file_system& system() noexcept { return system_; }

    void hold_at(call_kind kind) {
        std::lock_guard const lock(mutex_);
        kind_ = kind;
        holding_ = true;
    }

    void wait_held() {
        wait_until([this] {
            std::lock_guard const lock(mutex_);
            return reached_;
        });
    }

    void release() {
        {
            std::lock_guard const lock(mutex_);
            holding_ = reached_ = false;
        }
        released_.notify_all();
    }

 private:
    faulty_file_system system_;
    std::mutex mutex_;
    std::condition_variable released_;
    call_kind kind_ = call_kind::append;
    bool holding_ = false;
    bool reached_ = false;
};

}  // namespace audit_trail::test
