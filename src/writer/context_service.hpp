/// \file
/// What happens to writers when an execution context that their handlers wait in is destroyed (P10).
#pragma once

#include <boost/asio/execution_context.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/fork_registry.hpp"

namespace audit_trail::detail {

namespace asio = boost::asio;

class writer_core;

/// The writers that have handlers in one context. Outlives the context where a writer does.
class context_watch {
 public:
    void add(std::shared_ptr<writer_core> core);
    /// The writer has ended. Gives up the hold on it, which may destroy it, and only then forgets it.
    void remove(writer_core const* core);
    void wait_removed(writer_core const* core);
    std::vector<std::shared_ptr<writer_core>> writers() const;

 private:
    bool holds(writer_core const* core) const;

    mutable std::mutex mutex_;
    std::condition_variable removed_;
    std::vector<std::shared_ptr<writer_core>> writers_;  // null while one is being destroyed
};

class context_service final : public asio::execution_context::service, private storage::fork_participant {
 public:
    using key_type = context_service;
    inline static asio::execution_context::id id;

    explicit context_service(asio::execution_context& context);
    ~context_service() override;

    std::shared_ptr<context_watch> const& watch() const noexcept { return watch_; }

 private:
    /// Destroys the handlers and waits until what was let in is committed.
    void shutdown() override;

    void before_fork() noexcept override {}
    void after_fork_in_parent() noexcept override {}
    void after_fork_in_child() noexcept override;

    std::shared_ptr<context_watch> watch_ = std::make_shared<context_watch>();
};

}  // namespace audit_trail::detail
