// What several producers cost each other: one atomic add for each record, as the journal has it, beside chunks that
// each thread reserves for itself and fills with plain stores. Nanoseconds to append 200 bytes, the variants in turn.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <journal/journal.hpp>

namespace {

using clock_type = std::chrono::steady_clock;
using logferry::journal::importance;
using logferry::journal::journal;
using logferry::journal::stride;

constexpr std::size_t payload = 200;
constexpr int burst = 400'000;  // of all threads, so that they meet for some milliseconds; 86 MB
constexpr int rounds = 11;

void append(journal& to, const char* text) {
    const auto room = to.reserve(payload, importance::high);
    if (room.data == nullptr) std::abort();
    std::memcpy(room.data, text, payload);
    to.commit(room);
}

/// A thread's own piece of the journal. The records inside have heads like the journal's own.
class chunk {
public:
    chunk(journal& of, std::size_t size) : of_(of), size_(size) {}
    ~chunk() { finish(); }
    chunk(const chunk&) = delete;
    chunk& operator=(const chunk&) = delete;

    void append(const char* text) {
        if (used_ + stride(payload) > size_) renew();
        auto* const head = room_.data + used_;
        std::memcpy(head + sizeof(logferry::journal::record_head), text, payload);
        std::atomic_ref<std::uint64_t>(*reinterpret_cast<std::uint64_t*>(head))
            .store(payload | logferry::journal::committed, std::memory_order_release);
        used_ += stride(payload);
        // As the journal does after each commit: is the consumer asleep?
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }

private:
    void renew() {
        finish();
        room_ = of_.reserve(size_, importance::high);
        if (room_.data == nullptr) std::abort();
        used_ = 0;
    }
    void finish() {
        if (room_.data != nullptr) of_.commit(room_);
        room_.data = nullptr;
    }

    journal& of_;
    const std::size_t size_;
    std::size_t used_ = ~std::size_t{0} / 2;
    logferry::journal::reservation room_;
};

struct variant {
    std::string name;
    std::function<void(journal&, int)> append_many;
    std::vector<double> samples = {};

    [[nodiscard]] double median() {
        std::nth_element(samples.begin(), samples.begin() + rounds / 2, samples.end());
        return samples[rounds / 2];
    }
};

double run(const variant& v, int threads) {
    logferry::journal::settings chosen;
    // The journal prefaults its first segment, which takes it all: it is contention that is measured, not page faults.
    chosen.segment_size = 128 << 20;
    chosen.size = 4 * chosen.segment_size;
    journal to(chosen);
    to.add_cursor();
    std::vector<double> cost(static_cast<std::size_t>(threads));
    // Spins: who has to be woken first would find the others done.
    std::atomic<int> missing{threads};
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t) {
        running.emplace_back([&, t] {
            missing.fetch_sub(1);
            while (missing.load() > 0) std::this_thread::yield();
            const auto begin = clock_type::now();
            v.append_many(to, burst / threads);
            cost[static_cast<std::size_t>(t)] =
                std::chrono::duration<double, std::nano>(clock_type::now() - begin).count() / (burst / threads);
        });
    }
    for (auto& thread : running) thread.join();
    return *std::max_element(cost.begin(), cost.end());
}

void measure(int threads) {
    static const std::string text(payload, 'x');
    std::vector<variant> variants;
    variants.push_back({"one add a record", [](journal& to, int count) {
                            for (int i = 0; i < count; ++i) append(to, text.data());
                        }});
    for (const std::size_t kib : {4, 16, 64}) {
        variants.push_back({"chunks of " + std::to_string(kib) + " KiB", [kib](journal& to, int count) {
                                chunk mine(to, kib * 1024);
                                for (int i = 0; i < count; ++i) mine.append(text.data());
                            }});
    }
    for (int round = 0; round <= rounds; ++round) {
        for (auto& v : variants) {
            const auto cost = run(v, threads);
            if (round > 0) v.samples.push_back(cost);
        }
    }
    for (auto& v : variants) {
        std::printf("%d thread%s  %-18s %6.1f ns\n", threads, threads == 1 ? " " : "s", v.name.c_str(), v.median());
    }
}

}  // namespace

int main() {
    for (const int threads : {1, 2, 4, 8}) measure(threads);
}
