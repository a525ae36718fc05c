/// \file
/// A call of a writer function: exists from its initiation until its handler has run or was destroyed.
#pragma once

#include <atomic>
#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/writer_options.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/slist_hook.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace audit_trail::detail {

namespace asio = boost::asio;

class writer_core;

/// The position of a line in an operation's text, and of the names that determine its segment.
struct line_extent {
    std::size_t begin = 0;
    std::size_t size = 0;
    std::uint32_t domain_begin = 0;  // positions of names are relative to `begin`
    std::uint32_t category_begin = 0;
    std::uint8_t domain_size = 0;
    std::uint8_t category_size = 0;
    std::int64_t timestamp = 0;
};

/// The hook links the operations of a list. It belongs to the current owner of the operation.
struct alignas(64) operation
    : boost::intrusive::slist_base_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>> {
    enum class kind : std::uint8_t { append, flush, close, open };
    enum class ending : std::uint8_t { invoke, abandon };

    operation() = default;
    operation(operation const&) = delete;
    operation& operator=(operation const&) = delete;

    template <class Function>
    void for_each_line(Function&& function) const {
        if (line_count != 0) function(line);
        for (line_extent const& further : further_lines) function(further);
    }

    // See operation_phase.hpp in the writer's sources.
    std::atomic<std::uint64_t> phase{0};

    // The result.
    std::uint64_t first_id = 0;
    error_code error;

    // The request. The committer uses only the members from the hook to `text`. They are adjacent to keep the number of
    // cache lines low that two threads share.
    kind what = kind::append;
    durability wanted = durability::synced;
    std::uint32_t charged_events = 0;  // counted by `admission`
    std::size_t charged_bytes = 0;
    std::size_t line_count = 0;
    line_extent line;
    std::vector<line_extent> further_lines;  // of a batch append
    text_buffer text;

    // The handler (which has outstanding work on its executor), and the executor that it completes on.
    asio::any_io_executor executor;
    asio::execution_context* context = nullptr;  // the executor's
    void (*finish)(operation&, ending) = nullptr;
    void* handler = nullptr;
    writer_core* core = nullptr;
    std::shared_ptr<writer_core> opened;  // the result of kind::open

    // Used by the pool.
    static constexpr std::uint32_t not_pooled = ~std::uint32_t{0};
    std::uint32_t pool_index = not_pooled;
    std::atomic<std::uint32_t> pool_next{0};

    // Storage for small handlers.
    static constexpr std::size_t inline_handler_size = 128;
    alignas(std::max_align_t) std::byte inline_handler[inline_handler_size];
};

}  // namespace audit_trail::detail
