/// \file
/// Tests standard output in the state in which other processes may have left it.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <thread>

#include "cli/output.hpp"

namespace test::output_test {
namespace {

using namespace audit_trail::cli;

/// A pipe that replaces standard output.
class output_pipe {
 public:
    explicit output_pipe(int flags) {
        int ends[2];
        BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC | flags) == 0);
        reading_end_ = ends[0];
        before_ = ::dup(STDOUT_FILENO);
        ::dup2(ends[1], STDOUT_FILENO);
        ::close(ends[1]);
    }
    ~output_pipe() { ::close(reading_end_); }

    std::size_t fill() {
        std::string const some(4096, 'x');
        std::size_t count = 0;
        while (::write(STDOUT_FILENO, some.data(), some.size()) > 0) count += some.size();
        return count;
    }
    void restore() { ::dup2(before_, STDOUT_FILENO), ::close(before_); }

    std::string read_all() {
        ::fcntl(reading_end_, F_SETFL, 0);
        std::string all;
        char chunk[4096];
        for (ssize_t count; (count = ::read(reading_end_, chunk, sizeof chunk)) > 0;) {
            all.append(chunk, static_cast<std::size_t>(count));
        }
        return all;
    }

 private:
    int reading_end_;
    int before_;
};

/// Whether a thread of this process sleeps.
bool is_waiting(long thread) {
    std::ifstream about("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string number, name, state;
    about >> number >> name >> state;
    return state == "S";
}

BOOST_AUTO_TEST_CASE(a_full_non_blocking_output_is_waited_for) {
    output_pipe pipe(O_NONBLOCK);
    std::size_t const before = pipe.fill();
    std::string all;
    std::atomic<bool> flushed = false;
    std::thread reader([&, writing = ::syscall(SYS_gettid)] {
        while (!flushed && !is_waiting(writing)) std::this_thread::yield();
        all = pipe.read_all();
    });
    output out;
    std::string const text(200'000, 'y');
    out.add(text);
    auto const ec = out.flush_fully();
    flushed = true;
    pipe.restore();
    reader.join();
    BOOST_TEST(!ec, ec.message());
    BOOST_TEST((all == std::string(before, 'x') + text));
}

}  // namespace
}  // namespace test::output_test
