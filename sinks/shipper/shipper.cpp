#include <logferry/shipper.hpp>

#include <csignal>
#include <mutex>
#include <thread>

#include <pthread.h>

#include <shipper/engine.hpp>
#include <shipper/exit_guard.hpp>
#include <transport/curl_transport.hpp>

namespace logferry {

namespace {

using shipping::engine;

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

std::thread start_worker(const std::shared_ptr<engine>& works) {
    const signals_blocked quiet;
    std::thread worker([works] { works->run(); });
    pthread_setname_np(worker.native_handle(), "logferry");
    return worker;
}

}  // namespace

struct shipper::core {
    // A worker that is held up by a callback that does not return, or that ends all this from within one: the thread
    // keeps the engine alive and ends when it can.
    ~core() {
        if (worker.joinable()) worker.detach();
    }

    std::shared_ptr<engine> works;
    std::chrono::milliseconds close_budget;
    std::mutex thread_mutex;
    std::thread worker;
};

std::shared_ptr<shipper> shipper::open(options opts) {
    // In this order: OpenSSL registers its clean-up when libcurl is initialised, and what is registered later runs
    // earlier.
    transport::initialise_curl();
    shipping::close_all_at_exit();
    const shipping::checked_options checked(opts);
    auto c = std::make_unique<core>();
    c->close_budget = opts.close_budget;
    c->works = std::make_shared<engine>(checked, std::move(opts));
    shipping::close_at_exit(c->works, c->close_budget);
    c->worker = start_worker(c->works);
    return std::shared_ptr<shipper>(new shipper(std::move(c)));
}

shipper::shipper(std::unique_ptr<core> c) : core_(std::move(c)) {}

shipper::~shipper() { close(); }

bool shipper::submit(const record_input& record) noexcept { return core_->works->submit(record); }

void shipper::nudge() noexcept { core_->works->nudge(); }

shipper_stats shipper::drain(std::chrono::milliseconds deadline) { return core_->works->drain(deadline); }

shipper_stats shipper::close() { return close(core_->close_budget); }

shipper_stats shipper::close(std::chrono::milliseconds budget) {
    auto& works = *core_->works;
    // In a forked child the thread stayed with the parent, and so do its records.
    if (works.forked()) return {};
    if (works.close(budget)) {
        const std::lock_guard lock(core_->thread_mutex);
        if (core_->worker.joinable()) core_->worker.join();
    }
    return works.stats();
}

shipper_stats shipper::stats() const { return core_->works->stats(); }

void shipper::set_secret(std::string_view destination, secret credential) {
    core_->works->set_secret(destination, std::move(credential));
}

void shipper::note_async_hop() noexcept { core_->works->note_async_hop(); }

}  // namespace logferry
