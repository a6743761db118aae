#include <shipper/exit_guard.hpp>

#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

namespace logferry::shipping {

namespace {

struct open_engine {
    std::weak_ptr<engine> works;
    std::chrono::milliseconds budget;
};

struct registry {
    std::mutex mutex;
    std::vector<open_engine> engines;
};

// Never destroyed: threads may open and close shippers until the very end.
registry& all() {
    static auto* const engines = new registry;
    return *engines;
}

void close_all() {
    std::vector<open_engine> open;
    {
        const std::lock_guard lock(all().mutex);
        open = std::exchange(all().engines, {});
    }
    std::vector<std::shared_ptr<engine>> closing;
    for (const auto& [weak, budget] : open) {
        auto works = weak.lock();
        // A forked child has the objects but not the threads.
        if (!works || works->forked()) continue;
        works->begin_close(budget);
        closing.push_back(std::move(works));
    }
    for (const auto& works : closing) works->close(engine::longest_budget);
}

}  // namespace

void close_all_at_exit() {
    static const int registered = std::atexit([] { close_all(); });
    static_cast<void>(registered);
}

void close_at_exit(const std::shared_ptr<engine>& works, std::chrono::milliseconds budget) {
    auto& engines = all();
    const std::lock_guard lock(engines.mutex);
    std::erase_if(engines.engines, [](const open_engine& e) { return e.works.expired(); });
    engines.engines.push_back({works, budget});
}

}  // namespace logferry::shipping
