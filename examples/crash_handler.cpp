// Last words: a program whose handler of fatal signals leaves one more record. The spool keeps it, with all that was
// logged before and not sent yet, and the next run sends it.
//
//     crash_handler SPOOL            opens the spool, sends what is in it, and ends
//     crash_handler SPOOL crash      logs, crashes, and leaves the rest to the next run
//
// The credential and, for tests, the address come from the environment: LOGSH_TOKEN, LOGSH_URL.
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>

#include <logferry/spdlog_sink.hpp>

namespace {

// There before the handler is installed, and until it is removed.
logferry::shipper* last_words_to = nullptr;

// A handler may call what is async-signal-safe and nothing else: no spdlog, no std::string, no malloc. `crash_write` is
// made for it, even if the signal came in the middle of a log call.
void on_fatal_signal(int signal) {
    last_words_to->crash_write(signal == SIGABRT ? "aborted" : "crashed: segmentation fault");
    // SA_RESETHAND has put the default action back: now the signal kills, with a core dump where these are wanted.
    std::raise(signal);
}

void install_crash_handler(logferry::shipper& to) {
    last_words_to = &to;
    // A stack of its own, for the usual one may be what has run out. It is the main thread's; every other thread that
    // may crash in this way needs one too.
    static char stack[64 * 1024];
    stack_t spare{};
    spare.ss_sp = stack;
    spare.ss_size = sizeof stack;
    sigaltstack(&spare, nullptr);

    struct sigaction action {};
    action.sa_handler = on_fatal_signal;
    action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
    sigaction(SIGSEGV, &action, nullptr);
    sigaction(SIGABRT, &action, nullptr);
}

void remove_crash_handler() {
    for (const int each : {SIGSEGV, SIGABRT}) std::signal(each, SIG_DFL);
}

logferry::options options_of(const char* spool) {
    logferry::logsh vendor{.workspace = "example", .api_key = logferry::secret::from_env("LOGSH_TOKEN")};
    if (const char* const url = std::getenv("LOGSH_URL")) vendor.base_url = url;
    logferry::options options;
    options.destinations.push_back({vendor});
    options.buffer.spool = spool;
    return options;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 2) {
        std::fputs("usage: crash_handler SPOOL [crash]\n", stderr);
        return 2;
    }
    const auto sink = std::make_shared<logferry::spdlog_sink>(options_of(argv[1]));
    install_crash_handler(*sink->get_shipper());
    spdlog::logger log("example", sink);

    if (argc > 2 && std::string_view(argv[2]) == "crash") {
        log.info("all is well");
        std::abort();  // as an assertion that fails
    }
    const auto stats = sink->get_shipper()->drain(std::chrono::seconds(10));
    std::printf("found %llu records of an earlier run, sent %llu\n",
                static_cast<unsigned long long>(stats.destinations[0].recovered),
                static_cast<unsigned long long>(stats.delivered()));
    remove_crash_handler();
    // What was found but not read yet is not pending.
    return stats.pending() == 0 && stats.spool.backlog_segments == 0 ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "crash_handler: %s\n", e.what());
    return 1;
}
