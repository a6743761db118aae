// Random lives of a destination, each step compared with an oracle that thinks in lists of records.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <unit/delivery/oracle.hpp>

namespace logferry::test {
namespace {

using namespace std::chrono_literals;

class life {
public:
    explicit life(std::uint64_t seed) : random_(seed), chosen_(chooses()) {}

    /// Returns what went wrong; empty when nothing did.
    std::string lives(int steps) {
        for (int i = 0; i < steps && wrong_.empty(); ++i) step();
        if (wrong_.empty()) dies();
        return wrong_;
    }

private:
    template <typename T>
    T pick(std::vector<T> from) {
        return from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(random_)];
    }
    bool happens(double probability) { return std::bernoulli_distribution(probability)(random_); }

    delivery::settings chooses() {
        delivery::settings s;
        s.min_level = level::info;
        s.in_flight = pick<std::size_t>({1, 1, 2, 5});
        s.batch_records = pick<std::size_t>({1, 2, 7, 20});
        s.batch_bytes = pick<std::size_t>({30, 60, 200});
        s.batch_age = pick<std::chrono::milliseconds>({0ms, 100ms, 1000ms});
        s.delivery.max_age = pick<std::chrono::milliseconds>({0ms, 0ms, 30s});
        if (s.batch_records > 1) {
            acme_.allowed.open = "[";
            acme_.allowed.separator = ", ";
            acme_.allowed.close = "]";
        }
        return s;
    }

    void step() {
        if (happens(0.5)) logs();
        if (happens(0.5)) passes_time();
        if (happens(0.02)) machine_.hurry();
        if (happens(0.01)) machine_.respond(last_tag_ + 1000, {}, now_);
        if (!out_.empty() && happens(0.6)) answers();
        sends();
    }

    void logs() {
        for (auto n = pick<int>({1, 1, 2, 5, 30}); n > 0; --n) {
            scripted_record r;
            r.text =
                pick<std::string>({"", "", "", "", "", "", "page ", "page ", "clip ", "filter ", "refuse ", "throw "});
            r.text += "#" + std::to_string(++logged_);
            r.text += std::string(pick<std::size_t>({0, 3, 10, happens(0.05) ? 250U : 20U}), 'x');
            r.lvl = happens(0.1) ? level::debug : level::warn;
            const auto at = now_.wall.time_since_epoch() - std::chrono::seconds(pick<int>({0, 0, 0, 20, 40}));
            r.time_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(at).count();
            source_.add(std::move(r));
        }
    }

    void passes_time() {
        auto t = pick<std::chrono::nanoseconds>({1ns, 1ms, 50ms, 1s, 5s});
        if (const auto wake = machine_.wake_at(); wake && *wake > now_.steady && happens(0.5)) t = *wake - now_.steady;
        now_.steady += t;
        now_.wall += t;
        if (happens(0.01)) now_.wall += pick<std::chrono::seconds>({-3600s, 3600s});
    }

    void sends() {
        while (wrong_.empty()) {
            const auto request = machine_.next_request(now_);
            if (!request) {
                wrong_ = oracle_.sees_nothing(now_, machine_.wake_at(), machine_.hungry(now_));
                return compares();
            }
            last_tag_ = request->tag;
            out_.push_back(*request);
            wrong_ = oracle_.sees_request(request->tag, request->body, now_);
            compares();
            if (happens(0.1)) return;
        }
    }

    void answers() {
        const auto which = std::uniform_int_distribution<std::size_t>(0, out_.size() - 1)(random_);
        const auto request = out_[which];
        out_.erase(out_.begin() + static_cast<std::ptrdiff_t>(which));
        const auto answer = rolls_answer();
        dice_ = std::uniform_real_distribution<double>(0, 1)(random_);
        acme_.says = answer.verdict;
        oracle_.sees_answer(request.tag, answer, dice_, now_);
        machine_.respond(request.tag, answer.response, now_);
        compares();
    }

    rolled_answer rolls_answer() {
        using pause = outcome::pause;
        rolled_answer a;
        a.verdict = happens(0.5)
                        ? delivered()
                        : pick<outcome>({delivered(1), retry(), retry(), retry(2), retry(3), refused(), refused(),
                                         too_large(), ambiguous(), paused(pause::auth), paused(pause::quota),
                                         paused(pause::rate), paused(pause::configuration)});
        if (a.verdict.what == outcome::verdict::retry && happens(0.4)) {
            a.response.failure = http_failure::closed_unused;
        }
        static const std::vector<std::pair<const char*, std::chrono::milliseconds>> wishes = {
            {"", -1ms}, {"", -1ms},       {"", -1ms},   {"", -1ms},    {"0", 0ms},
            {"3", 3s},  {"99999", 15min}, {"-1", -1ms}, {"soon", -1ms}};
        std::tie(a.response.retry_after, a.asked) = pick(wishes);
        return a;
    }

    /// Closes: whatever happens, it comes to rest by itself, and then everything left is given up.
    void dies() {
        machine_.begin_closing(now_);
        oracle_.begins_closing();
        for (int patience = 100'000; wrong_.empty(); --patience) {
            sends();
            if (out_.empty()) break;
            answers();
            if (patience == 0) wrong_ = "closing never ends";
        }
        if (!wrong_.empty()) return;
        wrong_ = oracle_.sees_nothing(now_, machine_.wake_at(), false);
        machine_.abandon();
        oracle_.is_abandoned();
        compares();
        if (wrong_.empty() && machine_.unsettled() != 0) wrong_ = "something is left after the end";
    }

    void compares() {
        if (wrong_.empty()) wrong_ = oracle_.compares(machine_.counts(), machine_.unsettled());
    }

    std::mt19937_64 random_;
    scripted_vendor acme_;
    delivery::settings chosen_;
    scripted_source source_;
    delivery::moment now_{delivery::steady_time(1h), delivery::wall_time(std::chrono::seconds(1'742'396'226))};
    double dice_ = 0;
    int logged_ = 0;
    std::uint64_t last_tag_ = 0;
    std::vector<delivery::request> out_;
    std::string wrong_;
    oracle oracle_{chosen_, acme_.allowed, source_};
    delivery::destination_machine machine_{acme_, source_, chosen_, [this] { return dice_; }, nullptr};
};

TEST(destination_model, holds_through_random_lives) {
    constexpr int lives = 400;
    constexpr int steps = 250;  // 100,000 in all
    const auto* const chosen = std::getenv("LOGFERRY_SEED");
    const std::uint64_t first = chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 1;
    for (std::uint64_t seed = first; seed < first + (chosen != nullptr ? 1 : lives); ++seed) {
        EXPECT_EQ(life(seed).lives(steps), "") << "run this life alone with LOGFERRY_SEED=" << seed;
    }
}

}  // namespace
}  // namespace logferry::test
