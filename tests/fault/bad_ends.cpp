#include "bad_ends.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <failpoint/failpoint.hpp>

#include "inherited_page.hpp"

namespace logferry::fault {

namespace {

// NOLINTNEXTLINE(misc-no-recursion): that is what it is for.
[[gnu::noinline]] int overflow_the_stack(int depth) {
    volatile char frame[4096];
    frame[depth % 4096] = 1;
    return depth < 0 ? depth : overflow_the_stack(depth + 1) + frame[depth % 4096];
}

void become_another_program() {
    std::string name = "/bin/true";
    char* const arguments[] = {name.data(), nullptr};
    char* const environment[] = {nullptr};
    ::execve(name.c_str(), arguments, environment);
}

}  // namespace

void end_by(const std::string& how) {
    if (how == "abort") std::abort();
    if (how == "segfault") std::raise(SIGSEGV);
    if (how == "bus_error") std::raise(SIGBUS);
    if (how == "stack_overflow") overflow_the_stack(0);
    if (how == "terminate") std::thread([] { throw std::runtime_error("nobody catches this"); }).join();
    if (how == "_exit") ::_exit(0);
    if (how == "quick_exit") std::quick_exit(0);
    if (how == "execve") become_another_program();
    std::_Exit(4);  // it did not work, or there is no such way
}

#ifdef LOGFERRY_FAILPOINTS

namespace {

std::string fatal_name;
std::atomic<std::uint64_t> visits_left{0};

void die_at_the_right_one(const char* name) noexcept {
    if (name != fatal_name || visits_left.fetch_sub(1) != 1) return;
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();  // not a step further, even if the signal takes a moment
}

void rest_at_the_right_one(const char* name) noexcept {
    if (name != fatal_name || visits_left.fetch_sub(1) != 1) return;
    auto& page = inherited_page();
    page.rests = true;
    while (!page.go_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    page.rests = false;
}

}  // namespace

bool die_at_failpoint(const std::string& name, std::uint64_t visit) {
    fatal_name = name;
    visits_left = visit;
    failpoint::visit = die_at_the_right_one;
    return true;
}

bool rest_at_failpoint(const std::string& name) {
    fatal_name = name;
    visits_left = 1;
    failpoint::visit = rest_at_the_right_one;
    return true;
}

#else

bool die_at_failpoint(const std::string&, std::uint64_t) { return false; }
bool rest_at_failpoint(const std::string&) { return false; }

#endif

}  // namespace logferry::fault
