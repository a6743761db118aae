// A program as the README has it, which returns from main without closing anything. Run by exit_test.cpp.
//
//     ends_at_exit URL TOKEN       one record through the default logger, whose registry is older than the sink
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

#include <logferry/spdlog_sink.hpp>

namespace {

/// Logs while the program's statics and this thread's objects are destroyed.
struct late_words {
    // The registry is built here, and so destroyed after this object.
    late_words() { spdlog::default_logger(); }
    ~late_words() { spdlog::info("from a destructor"); }
};
late_words of_the_program;
thread_local late_words of_the_thread;

}  // namespace

int main(int, char** argv) {
    static_cast<void>(&of_the_thread);
    logferry::logsfori vendor{logferry::secret(argv[2]), argv[1]};
    logferry::options options;
    options.destinations.push_back({vendor});
    options.close_budget = std::chrono::seconds(30);
    const auto sink = std::make_shared<logferry::spdlog_sink>(std::move(options));
    sink->set_pattern("%v");
    sink->use_formatter(true);
    spdlog::default_logger()->sinks() = {sink};
    spdlog::info("last words");
    return 0;
}
