#include <shipper/worker_thread.hpp>

#include <csignal>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace logferry::shipping {

namespace {

// Whoever has nothing else to do is gone within microseconds of the end of its function.
constexpr auto between_looks = std::chrono::microseconds(50);

/// Blocks signals for the thread that is started meanwhile, and gives the caller back exactly the mask it had.
/// The faults stay open: a blocked SIGSEGV kills without a handler, and the program may have one.
class signals_blocked {
public:
    signals_blocked() {
        sigset_t all;
        sigfillset(&all);
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, fault);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t before_;
};

void* live(void* life) {
    const std::unique_ptr<std::function<void()>> mine(static_cast<std::function<void()>*>(life));
    (*mine)();
    return nullptr;
}

}  // namespace

worker_thread::~worker_thread() {
    if (joinable_ && home_.is_here()) pthread_detach(thread_);
}

void worker_thread::start(std::function<void()> life) {
    auto given = std::make_unique<std::function<void()>>(std::move(life));
    const std::lock_guard lock(mutex_);
    const signals_blocked quiet;
    if (const int error = pthread_create(&thread_, nullptr, live, given.get()); error != 0) {
        throw std::system_error(error, std::generic_category(), "logferry's worker thread");
    }
    static_cast<void>(given.release());
    joinable_ = true;
    pthread_setname_np(thread_, "logferry");
}

bool worker_thread::join(std::chrono::steady_clock::time_point until) noexcept {
    // The lock may be held for ever in a forked child.
    if (!home_.is_here()) return true;
    for (;;) {
        if (const std::unique_lock lock(mutex_, std::try_to_lock); lock) {
            // Not pthread_timedjoin_np, which goes by a clock that can be set.
            if (joinable_ && pthread_tryjoin_np(thread_, nullptr) == 0) joinable_ = false;
            if (!joinable_) return true;
            if (pthread_equal(thread_, pthread_self()) != 0) return false;
        }
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(between_looks);
    }
}

}  // namespace logferry::shipping
