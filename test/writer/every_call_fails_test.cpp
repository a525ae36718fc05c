// Tests P1, P2, P4, P5, P10 if any system call fails, once or from then on: every token completes, acknowledged events
// are in the trail, refused events are not, and the trail can be opened again.
#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/faulty_file_system.hpp"
#include "storage/simulated_disk.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"
#include "writer/disk_writer.hpp"

namespace audit_trail::test::every_call_fails_test {
namespace {

/// Lets one thread at a time use the simulated disk: the commit log is cleared on another thread.
class serialized_disk final : public forwarding_file_system {
 public:
    using forwarding_file_system::forwarding_file_system;

    void close(file_handle file) noexcept override {
        std::lock_guard const hold(mutex_);
        forwarding_file_system::close(file);
    }
    bool is_locked(file_handle file, error_code& ec) override {
        std::lock_guard const hold(mutex_);
        return forwarding_file_system::is_locked(file, ec);
    }

 private:
    void before_call(call_kind) override { mutex_.lock(); }
    void after_call() noexcept override { mutex_.unlock(); }

    std::mutex mutex_;
};

struct planned_fault {
    int error;
    bool persistent;
    std::size_t at_most;  // bytes that are written before the failure, as on a disk that becomes full
};

std::ostream& operator<<(std::ostream& out, planned_fault const& fault) {
    return out << "error " << fault.error << (fault.persistent ? " from call " : " at call ");
}

/// One append, flush or close, and its result.
struct call_made {
    std::string model_names;  // of its events, each followed by a comma
    std::size_t events = 0;
    durability wanted = durability::synced;
    int completions = 0;
    error_code answer;
    std::uint64_t first_id = 0;
};

auto note(call_made& call) {
    return [&call](error_code ec) {
        ++call.completions;
        call.answer = ec;
    };
}

/// A fixed sequence of calls on a disk whose n-th call fails.
class scenario {
 public:
    scenario() : disk_(1), serialized_(disk_), system_(serialized_) {
        options_.commit_log_bytes = 8192;
        options_.max_segment_bytes = 600;
        options_.max_open_segments = 2;
        options_.sync_threads = 1;
    }

    /// Returns false if there was no n-th call.
    bool run(planned_fault const& fault, std::size_t n) {
        arrange(fault, n);
        work();
        bool const reached = system_.calls().size() >= n;
        system_.fail_nothing();
        disk_.end_process();
        check_completions();
        check_trail("before the power cut", durability::written);
        disk_.cut_power(simulated_disk::loss::ordered);
        check_again();
        return reached;
    }

 private:
    void arrange(planned_fault const& fault, std::size_t n) {
        std::size_t made = 0;
        system_.fail_when([=, torn = false](auto const& call, std::size_t) mutable {
            ++made;
            faulty_file_system::fault const failure{fault.error};
            if (std::exchange(torn, false)) return failure;
            if (fault.persistent ? made < n : made != n) return faulty_file_system::fault{};
            if (call.kind != call_kind::append || fault.at_most == 0) return failure;
            torn = true;
            return faulty_file_system::fault{0, fault.at_most};
        });
    }

    void work() {
        asio::io_context context;
        error_code ec;
        writer trail = open_writer(system_, context.get_executor(), "/trail", options_, ec);
        if (ec) return;
        for (int n = 0; n != 24; ++n) {
            append(trail, n);
            if (n % 8 == 5) append_batch(trail, n);
            if (n % 8 == 7) trail.async_flush(n == 15 ? durability::written : durability::synced, note(made()));
            context.restart();
            if (n % 3 == 2) context.poll();
        }
        trail.async_close(note(made()));
        run_all(context);
    }

    call_made& made() { return calls_.emplace_back(); }

    event_draft draft(call_made& of, int n) {
        std::string const name = "m" + std::to_string(calls_.size()) + '.' + std::to_string(of.events++);
        of.model_names += name + ',';
        return {"domain", "category-" + std::to_string(n % 3), name, operation::create, "user"};
    }

    void append(writer& trail, int n) {
        call_made& call = made();
        call.wanted = n % 2 == 0 ? durability::written : durability::synced;
        trail.async_record(draft(call, n), call.wanted, [&call](error_code ec, receipt const& answer) {
            ++call.completions;
            call.answer = ec;
            call.first_id = answer.event_id;
        });
    }

    void append_batch(writer& trail, int n) {
        call_made& call = made();
        std::vector<event_draft> drafts;
        for (int i = 0; i != 4; ++i) drafts.push_back(draft(call, n + i));
        trail.async_append_batch(std::move(drafts), [&call](error_code ec, std::vector<event> const& answer) {
            ++call.completions;
            call.answer = ec;
            if (!ec) call.first_id = answer.front().event_id;
        });
    }

    void check_completions() const {
        for (call_made const& call : calls_) {
            BOOST_TEST(call.completions == 1);
            bool const tells = call.answer == condition::not_written || call.answer == condition::outcome_unknown;
            if (call.answer && !tells)
                BOOST_ERROR("the error does not say whether the event was written: " << call.answer.message());
        }
    }

    /// Returns the ids in the files, by model name.
    std::map<std::string, std::uint64_t> stored() const {
        std::map<std::string, std::uint64_t> ids;
        std::set<std::uint64_t> seen;
        for (auto const& [path, text] : disk_.files()) {
            if (!path.starts_with("domain/")) continue;
            for (std::size_t begin = 0; begin < text.size();) {
                std::size_t const end = text.find('\n', begin);
                if (end == text.npos) break;  // torn; the next opening repairs it
                std::string const line = text.substr(begin, end - begin);
                begin = end + 1;
                constexpr std::string_view before_name = R"("model_name":")";
                std::size_t const name_at = line.find(before_name) + before_name.size();
                std::uint64_t const id = id_of_line(line);
                ids[line.substr(name_at, line.find('"', name_at) - name_at)] = id;
                if (!seen.insert(id).second) BOOST_ERROR("id " << id << " stands twice");
            }
        }
        return ids;
    }

    void check_trail(char const* when, durability survives) const {
        auto const ids = stored();
        for (call_made const& call : calls_) {
            std::uint64_t id = call.first_id;
            for (std::size_t begin = 0; begin < call.model_names.size();) {
                std::string const name = call.model_names.substr(begin, call.model_names.find(',', begin) - begin);
                begin += name.size() + 1;
                auto const found = ids.find(name);
                bool const is_there = found != ids.end();
                if (!call.answer && call.wanted >= survives && !is_there) BOOST_ERROR(name << " is lost " << when);
                if (!call.answer && is_there && found->second != id) BOOST_ERROR(name << " has another id " << when);
                if (call.answer == condition::not_written && is_there) BOOST_ERROR(name << " is there " << when);
                ++id;
            }
        }
    }

    /// Another process opens the trail and continues.
    void check_again() {
        asio::io_context context;
        error_code ec;
        writer trail = open_writer(system_, context.get_executor(), "/trail", options_, ec);
        BOOST_TEST_REQUIRE(!ec, "the trail does not open again: " << ec.message());
        check_trail("after the power was gone", durability::synced);
        std::uint64_t next = 0;
        trail.async_record({"domain", "category-0", "mlast", operation::create, "user"},
                           [&](error_code failure, receipt const& answer) {
                               BOOST_TEST(!failure);
                               next = answer.event_id;
                           });
        trail.async_close([](error_code failure) { BOOST_TEST(!failure); });
        context.run();
        for (auto const& [name, id] : stored()) {
            if (name != "mlast" && id >= next) BOOST_ERROR(name << " has id " << id << ", and the next is " << next);
        }
    }

    simulated_disk disk_;
    serialized_disk serialized_;
    faulty_file_system system_;
    writer_options options_;
    std::list<call_made> calls_;
};

constexpr planned_fault planned_faults[] = {{EIO, false, 0},    {EIO, true, 0},     {ENOSPC, false, 0},
                                            {ENOSPC, true, 0},  {ENOSPC, false, 7}, {ENOSPC, true, 50},
                                            {EMFILE, false, 0}, {EMFILE, true, 0}};

}  // namespace

BOOST_AUTO_TEST_CASE(p01_p02_p04_p05_p10_any_call_fails) {
    for (planned_fault const& fault : planned_faults) {
        std::size_t n = 1;
        for (bool reached = true; reached; ++n) {
            BOOST_TEST_CONTEXT(fault << n) {
                reached = scenario().run(fault, n);
            }
        }
        BOOST_TEST(n > 100u);
        BOOST_TEST_MESSAGE(fault << n);
    }
}

}  // namespace audit_trail::test::every_call_fails_test
