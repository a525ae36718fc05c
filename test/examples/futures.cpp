// Threads that block on futures: an import with several workers. Each waits until its event is on stable storage.
//
//     futures ROOT WORKERS EVENTS      (each worker records EVENTS events)
//
// A future becomes ready on the writer's executor. So the workers must not be the threads of that executor: if all of
// them waited, none would be left to complete a future. Here the writer has a pool of one thread for itself.
#include <audit_trail.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <deque>
#include <future>
#include <iostream>
#include <string>

namespace asio = boost::asio;

using answer = std::future<audit_trail::receipt>;

audit_trail::event_draft make_draft(int worker, int number) {
    audit_trail::event_draft draft("import", "records", "record-" + std::to_string(number),
                                   audit_trail::operation::create, "worker-" + std::to_string(worker));
    draft.with_payload(audit_trail::payload::from_create({{"number", number}}));
    return draft;
}

/// Keeps up to 16 events under way: they share batches, so each waits for fewer syncs. Returns the last id.
std::uint64_t import_records(audit_trail::writer& trail, int worker, int events) {
    std::deque<answer> under_way;
    std::uint64_t last_id = 0;
    for (int n = 0; n != events || !under_way.empty();) {
        if (n != events && under_way.size() < 16) {
            under_way.push_back(trail.async_record(make_draft(worker, n++), asio::use_future));
            continue;
        }
        last_id = under_way.front().get().event_id;  // throws system_error if the event was refused
        under_way.pop_front();
    }
    return last_id;
}

int main(int, char** arguments) {
    int const workers = std::atoi(arguments[2]);
    int const events = std::atoi(arguments[3]);

    asio::thread_pool completions(1);
    audit_trail::writer trail = audit_trail::writer::open(completions, arguments[1]);
    asio::thread_pool pool(static_cast<std::size_t>(workers));
    std::deque<std::future<std::uint64_t>> results;
    for (int worker = 0; worker != workers; ++worker) {
        auto const work = [&, worker] { return import_records(trail, worker, events); };
        results.push_back(asio::post(pool, asio::use_future(work)));
    }

    int exit_code = 0;
    for (auto& result : results) {
        try {
            std::cout << "a worker has finished with event " << result.get() << '\n';
        } catch (boost::system::system_error const& failure) {
            std::cerr << "a worker has failed: " << failure.what() << '\n';
            exit_code = 1;
        }
    }
    trail.async_close(asio::use_future).get();
    return exit_code;
}
