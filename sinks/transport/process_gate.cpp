#include <transport/process_gate.hpp>

#include <time.h>

#include <atomic>

namespace logferry::transport {

namespace {

enum class door : int { open, shut, shut_for_good };

constinit std::atomic<door> state{door::open};
constinit std::atomic<int> threads_inside{0};
constinit std::atomic<int> threads_in_libcurl{0};

// Of the running thread. A child's only thread may have forked inside.
constinit thread_local int depth = 0;
constinit thread_local int depth_in_libcurl = 0;

constexpr timespec between_looks{0, 50'000};

/// Either a thread that comes sees how the door is, or whoever shut it sees the thread.
template <typename LetsIn>
void enter(std::atomic<int>& threads, process_gate::manners m, const LetsIn& lets_in) {
    while (threads.fetch_add(1), !lets_in(state.load())) {
        threads.fetch_sub(1);
        const auto seen = state.load();
        if (seen == door::shut_for_good && m == process_gate::manners::polite) throw process_gate::shut_for_good();
        if (!lets_in(seen)) state.wait(seen);
    }
}

void wait_until_empty(const std::atomic<int>& threads, std::chrono::milliseconds longest) noexcept {
    const auto deadline = std::chrono::steady_clock::now() + longest;
    while (threads.load() > 0 && std::chrono::steady_clock::now() < deadline) ::nanosleep(&between_looks, nullptr);
}

}  // namespace

process_gate::inside::inside(manners m) noexcept(false) {
    if (depth == 0) enter(threads_inside, m, [](door d) { return d == door::open; });
    ++depth;
}

process_gate::inside::~inside() {
    if (--depth == 0) threads_inside.fetch_sub(1);
}

process_gate::in_libcurl::in_libcurl(manners m) noexcept(false) : no_fork_(m) {
    // Whoever comes from inside has a fork waiting already.
    if (depth_in_libcurl == 0) enter(threads_in_libcurl, m, [](door d) { return d != door::shut_for_good; });
    ++depth_in_libcurl;
}

process_gate::in_libcurl::~in_libcurl() {
    if (--depth_in_libcurl == 0) threads_in_libcurl.fetch_sub(1);
}

void process_gate::shut() noexcept {
    auto expected = door::open;
    state.compare_exchange_strong(expected, door::shut);
    wait_until_empty(threads_inside, patience);
}

void process_gate::open() noexcept {
    auto expected = door::shut;
    if (state.compare_exchange_strong(expected, door::open)) state.notify_all();
}

void process_gate::open_in_child() noexcept {
    threads_inside.store(depth > 0 ? 1 : 0);
    threads_in_libcurl.store(depth_in_libcurl > 0 ? 1 : 0);
    auto expected = door::shut;
    state.compare_exchange_strong(expected, door::open);
}

void process_gate::shut_for_good_after(std::chrono::milliseconds longest) noexcept {
    state.store(door::shut_for_good);
    state.notify_all();
    wait_until_empty(threads_in_libcurl, longest);
}

}  // namespace logferry::transport
