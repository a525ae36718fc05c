#include <fstream>
#include <mutex>
#include <stdexcept>

#include "peers/members.hpp"
#include "peers/peers.hpp"
#include "support/sample_events.hpp"

namespace bench {

std::uint64_t locked_stream(std::filesystem::path const& directory, std::uint64_t events) {
    std::ofstream file(directory / "audit.jsonl", std::ios::binary);
    std::mutex mutex;
    for (std::uint64_t n = 0; n != events; ++n) {
        auto const draft = sample_event(n, 1);
        std::lock_guard const lock(mutex);
        file << members_of(n + 1, draft) << '\n';
    }
    file.close();
    if (!file) throw std::runtime_error("the file can't be written");
    return events;
}

}  // namespace bench
