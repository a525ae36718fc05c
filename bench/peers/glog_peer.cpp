#include <gflags/gflags.h>
#include <glog/logging.h>

#include "peers/members.hpp"
#include "peers/peers.hpp"
#include "support/sample_events.hpp"

namespace bench {
namespace {

/// Rolling is disabled: file names contain the second, so glog cannot roll twice in a second.
void begin(std::filesystem::path const& directory) {
    FLAGS_log_prefix = false;
    google::SetCommandLineOption("drop_log_memory", "false");  // otherwise glog drops the file from the page cache
    FLAGS_stderrthreshold = google::GLOG_FATAL;
    google::InitGoogleLogging("audit");
    google::SetLogDestination(google::GLOG_INFO, (directory / "audit.").c_str());
    google::SetLogSymlink(google::GLOG_INFO, "");
}

}  // namespace

std::uint64_t google_log(std::filesystem::path const& directory, std::uint64_t events) {
    begin(directory);
    for (std::uint64_t n = 0; n != events; ++n) {
        auto const draft = sample_event(n, 1);
        LOG(INFO) << members_of(n + 1, draft);
    }
    google::ShutdownGoogleLogging();
    return events;
}

}  // namespace bench
