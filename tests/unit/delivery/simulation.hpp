// A server and the destinations that send to it, simulated event by event: no clock, no threads, the same every time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <utility>

#include <delivery/concurrency.hpp>

namespace logferry::test {

using sim_time = delivery::duration;  ///< since the simulation began

inline double seconds(sim_time t) { return std::chrono::duration<double>(t).count(); }
inline sim_time scaled(sim_time t, double factor) {
    return sim_time(static_cast<sim_time::rep>(static_cast<double>(t.count()) * factor));
}

/// Chance that does not depend on the standard library's distributions.
class dice {
public:
    explicit dice(std::uint64_t seed) : bits_(seed) {}
    double in(double low, double high) {
        return low + (high - low) * static_cast<double>(bits_() >> 11) / 9007199254740992.0;
    }
    bool once_in(int times) { return in(0, times) < 1; }

private:
    std::mt19937_64 bits_;
};

struct sim_answer {
    sim_time latency{};
    bool well = true;
};

/// What a server makes of a request that arrives `now`, as one of `in_flight` at the server.
using sim_server = std::function<sim_answer(sim_time now, std::size_t in_flight)>;

/// What a destination has to send: `burst` requests each `period`, or always more than it can.
struct sim_load {
    std::size_t burst = 0;
    sim_time period{};
};

struct sim_figures {
    std::size_t delivered = 0;
    std::size_t failed = 0;
    double goodput = 0;         ///< deliveries per second
    double mean_in_flight = 0;  ///< over time
    std::size_t most_in_flight = 0;
    std::size_t lowest_limit = 0;
    std::size_t limit = 0;    ///< at the end
    std::size_t waiting = 0;  ///< requests offered and not yet sent, at the end
};

/// Failed requests are sent again at once; a real destination waits, so this is harder on the limit.
class simulation {
public:
    explicit simulation(sim_server server) : server_(std::move(server)) {}

    /// Returns the destination's number, from 0 on.
    std::size_t add(std::size_t most, sim_load load = {}) {
        clients_.emplace_back(most, load);
        offer(clients_.size() - 1);
        return clients_.size() - 1;
    }

    /// Runs for a time, and forgets the figures of the time before.
    void run(sim_time length) {
        began_ = now_;
        for (auto& c : clients_) c.forget();
        const auto end = now_ + length;
        send();
        while (!events_.empty() && events_.begin()->first <= end) {
            advance(events_.begin()->first);
            // All that happens at one moment is seen before anything new is sent, as a worker sees it.
            while (!events_.empty() && events_.begin()->first == now_) {
                const auto happen = std::move(events_.begin()->second);
                events_.erase(events_.begin());
                happen();
            }
            send();
        }
        advance(end);
    }

    [[nodiscard]] sim_figures figures(std::size_t number = 0) const {
        const auto& c = clients_.at(number);
        auto f = c.seen;
        const auto length = seconds(now_ - began_);
        f.goodput = static_cast<double>(f.delivered) / length;
        f.mean_in_flight = c.request_seconds / length;
        f.limit = c.limit.limit();
        f.waiting = c.waiting;
        return f;
    }

private:
    struct client {
        client(std::size_t most, sim_load offered) : limit(most), load(offered) { forget(); }

        void forget() {
            seen = {};
            seen.lowest_limit = limit.limit();
            request_seconds = 0;
        }

        delivery::concurrency limit;
        sim_load load;
        std::size_t waiting = 0;
        std::size_t in_flight = 0;
        sim_figures seen;
        double request_seconds = 0;
    };

    void offer(std::size_t number) {
        auto& c = clients_[number];
        if (c.load.burst == 0) return;
        c.waiting += c.load.burst;
        events_.emplace(now_ + c.load.period, [this, number] { offer(number); });
    }

    void advance(sim_time to) {
        for (auto& c : clients_) c.request_seconds += static_cast<double>(c.in_flight) * seconds(to - now_);
        now_ = to;
    }

    /// Every destination sends what it may, one request each in turn.
    void send() {
        for (bool more = true; more;) {
            more = false;
            for (auto& c : clients_) {
                const bool has_work = c.load.burst == 0 || c.waiting > 0;
                if (!has_work || c.in_flight >= c.limit.limit()) continue;
                send_one(c);
                more = true;
            }
        }
    }

    void send_one(client& c) {
        if (c.load.burst != 0) --c.waiting;
        const auto tag = ++newest_;
        c.seen.most_in_flight = std::max(c.seen.most_in_flight, ++c.in_flight);
        c.limit.left(tag, c.in_flight);
        const auto answer = server_(now_, ++at_server_);
        events_.emplace(now_ + answer.latency, [this, &c, tag, answer] { take(c, tag, answer); });
    }

    void take(client& c, std::uint64_t tag, sim_answer answer) {
        --at_server_;
        --c.in_flight;
        if (answer.well) {
            ++c.seen.delivered;
            c.limit.delivered(tag, answer.latency);
        } else {
            ++c.seen.failed;
            if (c.load.burst != 0) ++c.waiting;
            c.limit.failed(tag);
        }
        c.seen.lowest_limit = std::min(c.seen.lowest_limit, c.limit.limit());
    }

    sim_server server_;
    std::deque<client> clients_;                             ///< stays where it is while it grows
    std::multimap<sim_time, std::function<void()>> events_;  ///< of one moment in the order in which they were planned
    sim_time now_{};
    sim_time began_{};
    std::size_t at_server_ = 0;
    std::uint64_t newest_ = 0;
};

}  // namespace logferry::test
