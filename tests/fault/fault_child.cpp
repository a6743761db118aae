// The program under test: an application that logs through spdlog. It gets its settings as an argument, its orders line
// by line on standard input, and answers each with a line when it is done. What it did is in the shared page.
//
//     log COUNT THREADS     logs the next COUNT records; on the main thread if THREADS is 0
//     keep_logging THREADS  logs until the program's end, or until there is more than enough
//     log_without_system_calls COUNT
//                           a thread logs the next COUNT records (and one more), and is killed if it asks the system
//                           for anything but to wake another thread
//     drain MS, close MS    as the shipper's members; `stats` too: the ledger is then in the page
//     set_secret TEXT       gives the destination a new credential
//     fork COUNT HOW        a child logs the next COUNT records, and ends as forking.hpp says
//     leave_last_record     a fatal signal makes it log one more, as last_record.hpp says
//     die HOW               ends at once, as bad_ends.hpp says
//     return, exit          the two ways to end: out of main, and by std::exit
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "application.hpp"
#include "bad_ends.hpp"

namespace logferry::fault {
namespace {

/// Never destroyed, for threads and destructors may be logging until the very end.
application* running = nullptr;
bool logs_at_every_end = false;

void say_last_words() {
    if (running && logs_at_every_end) running->log_next();
}

// Statics are destroyed in the reverse order: the one declared first comes last.
struct final_ledger {
    ~final_ledger() {
        if (running) running->note_final_ledger();
    }
} comes_last;
speaks_when_destroyed of_the_program;
thread_local speaks_when_destroyed of_the_main_thread;

/// Becomes another user before there is any thread, and learns where to die, or to rest.
bool live_as(const nlohmann::json& settings) {
    if (settings.contains("user") && ::setuid(settings.at("user").get<uid_t>()) != 0) return false;
    const auto resting_place = settings.value("rest_at", "");
    if (!resting_place.empty()) return rest_at_failpoint(resting_place);
    const auto point = settings.value("die_at", "");
    return point.empty() || die_at_failpoint(point, settings.value("die_after", std::uint64_t{1}));
}

bool start(const nlohmann::json& settings) {
    try {
        running = new application(settings);
    } catch (const config_error& problem) {
        const std::string text = problem.what();
        auto& place = inherited_page().books.last_error;
        text.copy(place.data(), place.size() - 1);
    }
    return running != nullptr;
}

}  // namespace

speaks_when_destroyed::~speaks_when_destroyed() { say_last_words(); }

}  // namespace logferry::fault

// This program leaves threads behind when it ends, and its children start their own; that is what it is for.
extern "C" const char* __tsan_default_options() { return "report_thread_leaks=0:atexit_sleep_ms=0:die_after_fork=0"; }

int main(int, char** argv) {
    using namespace logferry::fault;
    const auto settings = nlohmann::json::parse(argv[1]);
    logs_at_every_end = settings.value("logs_at_every_end", false);
    static_cast<void>(&of_the_main_thread);
    std::atexit(say_last_words);
    if (!live_as(settings)) return 3;
    if (!start(settings)) return 2;
    std::atexit(say_last_words);

    std::cout << "ready" << std::endl;
    std::string order;
    for (bool more = true; more && std::getline(std::cin, order);) {
        more = running->obey(order);
        std::cout << "done" << std::endl;
    }
    return 0;
}
