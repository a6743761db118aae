// Says which descriptors its children inherit. Run by descriptors_test.cpp.
//
//     lists_descriptors with URL TOKEN    through a sink that has sent a record over a connection that is kept
//     lists_descriptors without           with no sink at all
//     lists_descriptors list              what itself was started with
#include <spawn.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include <logferry/spdlog_sink.hpp>

namespace {

namespace fs = std::filesystem;

/// One line: what each open descriptor is, such as "pipe" or "socket"; a file by its path.
void list(const char* whose) {
    std::multiset<std::string> all;
    for (const auto& each : fs::directory_iterator("/proc/self/fd")) {
        std::error_code gone;  // the one that the list itself is read from
        const auto what = fs::read_symlink(each.path(), gone).string();
        if (!gone && what.find("/fd") == what.npos) all.insert(what.substr(0, what.find(':')));
    }
    std::string line = whose;
    for (const auto& each : all) line += " " + each;
    std::puts(line.c_str());
    std::fflush(stdout);
}

constexpr int too_late = 9;

/// Its wait status.
int list_of_child(const char* self, const char* whose) {
    char name[] = "list";
    char* const arguments[] = {const_cast<char*>(self), name, const_cast<char*>(whose), nullptr};
    pid_t child = 0;
    const auto start = std::chrono::steady_clock::now();
    if (std::string(whose) == "spawned") {
        posix_spawn(&child, self, nullptr, nullptr, arguments, environ);
    } else if (child = fork(); child == 0) {
        // A fork that took long has not waited for the worker to the end, and may find it at its files.
        if (std::chrono::steady_clock::now() - start > std::chrono::milliseconds(90)) _exit(too_late);
        if (std::string(whose) == "executed") execv(self, arguments);
        list(whose);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argv[1];
    if (mode == "list") {
        list(argv[2]);
        return 0;
    }
    std::shared_ptr<logferry::spdlog_sink> sink;
    if (mode == "with") {
        logferry::options options;
        options.destinations.push_back({logferry::logsfori{logferry::secret(argv[3]), argv[2]}});
        if (argc > 4) options.buffer.spool = argv[4];
        sink = std::make_shared<logferry::spdlog_sink>(std::move(options));
        spdlog::logger log("shop", sink);
        log.info("over a connection that is kept");
        if (sink->get_shipper()->drain(std::chrono::seconds(30)).delivered() != 1) return 1;
    }
    list("itself");
    for (const auto* whose : {"forked", "executed", "spawned"}) {
        while (WEXITSTATUS(list_of_child(argv[0], whose)) == too_late) {
        }
    }
    return 0;
}
