#include "writer/completion_run.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace audit_trail::detail {

class completion_run::turn {
 public:
    explicit turn(std::shared_ptr<completion_run> run) noexcept : run_(std::move(run)) {}
    turn(turn&&) noexcept = default;
    turn& operator=(turn&&) = delete;
    ~turn() {
        if (run_) run_->end_turn();
    }

    void operator()() {
        auto const run = std::move(run_);
        run->end_turn();
        run->run();
    }

 private:
    std::shared_ptr<completion_run> run_;
};

void completion_run::add(operation_list&& done) {
    std::size_t missing = 0;
    {
        std::lock_guard const lock(mutex_);
        append(waiting_, std::move(done));
        missing = reserve_turns(1);
    }
    post_turns(missing);
}

void completion_run::seal() {
    std::size_t missing = 0;
    {
        std::lock_guard const lock(mutex_);
        sealed_ = true;
        missing = reserve_turns((waiting_.size() + handlers_per_turn - 1) / handlers_per_turn);
    }
    post_turns(missing);
}

void completion_run::run() {
    std::size_t missing = 0;
    std::exception_ptr thrown;
    for (std::size_t n = 0; n != handlers_per_turn; ++n) {
        operation* const op = take(missing);
        if (op == nullptr) break;
        post_turns(missing);
        try {
            op->finish(*op, operation::ending::invoke);
        } catch (...) {
            handle_exception(thrown);
        }
    }
    {
        // The executor may have discarded the next turn.
        std::lock_guard const lock(mutex_);
        missing = reserve_turns(1);
    }
    post_turns(missing);
    if (thrown) std::rethrow_exception(thrown);
}

/// An exception of a handler ends the turn at once, and the next turn calls the next handler. But a sealed run must not
/// need further turns: functions that were posted later would overtake its handlers. So a turn of a sealed run calls
/// all its handlers, and throws at its end. Requires: called while the exception is caught.
void completion_run::handle_exception(std::exception_ptr& thrown) {
    if (!is_sealed()) throw;
    if (thrown) return throw_later(std::current_exception());
    thrown = std::current_exception();
}

void completion_run::throw_later(std::exception_ptr thrown) noexcept {
    try {
        asio::post(executor_, [thrown] { std::rethrow_exception(thrown); });
    } catch (...) {
        // The executor throws, so the exception cannot be reported.
    }
}

bool completion_run::is_sealed() {
    std::lock_guard const lock(mutex_);
    return sealed_;
}

operation* completion_run::take(std::size_t& missing) {
    std::lock_guard const lock(mutex_);
    if (waiting_.empty()) return nullptr;
    operation& op = take_first(waiting_);
    missing = reserve_turns(1);
    return &op;
}

std::size_t completion_run::reserve_turns(std::size_t wanted) noexcept {
    if (waiting_.empty() || turns_ >= wanted) return 0;
    return wanted - std::exchange(turns_, wanted);
}

/// If the executor throws, the turn is lost. If it was the last one, the waiting handlers are destroyed with the run.
void completion_run::post_turn() noexcept {
    turn next(shared_from_this());
    try {
        asio::post(executor_, std::move(next));
    } catch (...) {
    }
}

void completion_run::end_turn() noexcept {
    std::lock_guard const lock(mutex_);
    --turns_;
}

}  // namespace audit_trail::detail
