// Random lives of a destination, each step compared with an oracle that thinks in lists of records.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
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

    [[nodiscard]] int steps() const { return steps_; }
    [[nodiscard]] const destination_stats& counts() const { return machine_.counts(); }

    /// Returns what went wrong; empty when nothing did.
    std::string lives(int steps) {
        for (; steps_ < steps && wrong_.empty(); ++steps_) step();
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
        s.in_flight = pick<std::size_t>({1, 1, 2, 5, 16});
        s.batch_records = pick<std::size_t>({1, 2, 7, 20});
        s.batch_bytes = pick<std::size_t>({30, 60, 200});
        s.batch_age = pick<std::chrono::milliseconds>({0ms, 100ms, 1000ms});
        s.delivery.max_age = pick<std::chrono::milliseconds>({0ms, 0ms, 30s});
        s.gzip = happens(0.5);
        s.receipts = happens(0.5);
        bad_weather_ = pick<double>({0.02, 0.3, 0.3, 0.6});
        if (s.batch_records > 1) {
            for (auto& v : vendors_) {
                v.allowed.open = "[";
                v.allowed.separator = ", ";
                v.allowed.close = "]";
            }
        }
        return s;
    }

    void step() {
        if (happens(0.5)) logs();
        if (happens(0.5)) passes_time();
        if (happens(0.02)) machine_.hurry();
        if (happens(0.01)) machine_.respond(last_tag_ + 1000, {}, now_);
        if (happens(0.03)) changes_weather();
        if (happens(0.02)) uses_another();
        if (happens(0.1) && source_.taken() > 0) loses();
        if (!out_.empty() && happens(0.6)) answers();
        sends();
    }

    /// Most of what a vendor does it does for a while: nothing but failures, nothing but refusals, or all is well.
    void changes_weather() {
        using verdict = outcome::verdict;
        weather_ = pick<std::optional<verdict>>({std::nullopt, std::nullopt, std::nullopt, verdict::delivered,
                                                 verdict::retry, verdict::rejected, verdict::split});
    }

    void uses_another() {
        current_ ^= 1;
        vendors_[current_].credential = pick<std::string>({"", "~k", "~key", "~another key"});
        oracle_.sees_use(vendors_[current_].credential, now_);
        machine_.use(vendors_[current_], now_);
        compares();
    }

    /// The buffer needs the room of a record that was taken.
    void loses() {
        const auto newest = source_.taken();
        const auto oldest = newest > 30 ? newest - 30 : 1;
        const auto number = std::uniform_int_distribution<std::uint64_t>(oldest, newest)(random_);
        if (!source_.settled(number)) source_.lose(number);
    }

    void logs() {
        for (auto n = happens(0.03) ? 30 : pick<int>({1, 1, 1, 2, 5}); n > 0; --n) {
            scripted_record r;
            r.text =
                pick<std::string>({"", "", "", "", "", "", "page ", "page ", "clip ", "filter ", "refuse ", "throw "});
            r.text += "#" + std::to_string(++logged_);
            r.text += std::string(pick<std::size_t>({0, 3, 10, happens(0.05) ? 250U : 20U}), 'x');
            r.lvl = happens(0.1) ? level::debug : level::warn;
            for (auto fields = pick<int>({0, 0, 0, 1, 2}); fields > 0; --fields) r.fields.push_back("f");
            r.own = happens(0.03);
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
            wrong_ = oracle_.sees_request(*request, now_);
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
        for (auto& v : vendors_) v.says = answer.verdict;
        oracle_.sees_answer(request.tag, answer, dice_, now_);
        machine_.respond(request.tag, answer.response, now_);
        compares();
    }

    rolled_answer rolls_answer() {
        rolled_answer a;
        a.verdict = rolls_verdict();
        if (a.verdict.what == outcome::verdict::retry && happens(0.3)) {
            a.response.failure = pick<http_failure>({http_failure::closed_unused, http_failure::aborted});
        }
        if (a.verdict.what == outcome::verdict::rejected) a.response.status = pick<int>({400, 404, 415, 422});
        if (a.verdict.what == outcome::verdict::delivered && happens(0.3)) a.verdict.receipt = "hash";
        static const std::vector<std::pair<const char*, std::chrono::milliseconds>> wishes = {
            {"", -1ms}, {"", -1ms},       {"", -1ms},   {"", -1ms},    {"0", 0ms},
            {"3", 3s},  {"99999", 15min}, {"-1", -1ms}, {"soon", -1ms}};
        std::tie(a.response.retry_after, a.asked) = pick(wishes);
        return a;
    }

    outcome rolls_verdict() {
        using pause = outcome::pause;
        if (weather_ && happens(0.9)) {
            switch (*weather_) {
                case outcome::verdict::retry:
                    return retry(pick<std::uint32_t>({1, 2, 3}));
                case outcome::verdict::rejected:
                    return refused();
                case outcome::verdict::split:
                    return too_large();
                default:
                    return delivered();
            }
        }
        if (!happens(bad_weather_)) return delivered();
        auto perhaps_quota = paused(pause::quota);
        perhaps_quota.tries = 1;
        return pick<outcome>({delivered(1), retry(), retry(), retry(1), retry(2), retry(3), refused(), refused(),
                              too_large(), too_large(), ambiguous(), paused(pause::auth), paused(pause::quota),
                              perhaps_quota, paused(pause::rate), paused(pause::configuration)});
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
    scripted_vendor vendors_[2];
    std::size_t current_ = 0;
    /// How often an answer is a bad one, and what answers mostly are at the moment.
    double bad_weather_ = 0;
    std::optional<outcome::verdict> weather_;
    delivery::settings chosen_;
    scripted_source source_;
    scripted_letters letters_;
    const bool keeps_letters_ = happens(0.5);
    delivery::moment now_{delivery::steady_time(1h), delivery::wall_time(std::chrono::seconds(1'742'396'226))};
    double dice_ = 0;
    int steps_ = 0;
    int logged_ = 0;
    std::uint64_t last_tag_ = 0;
    std::vector<delivery::request> out_;
    std::string wrong_;
    oracle oracle_{chosen_, vendors_[0].allowed, source_, keeps_letters_};
    delivery::destination_machine machine_{
        vendors_[0], source_, chosen_, [this] { return dice_; }, nullptr, keeps_letters_ ? &letters_ : nullptr};
};

std::vector<std::uint64_t> seeds_that_failed_once() {
    std::ifstream list(LOGFERRY_FAILED_SEEDS);
    EXPECT_TRUE(list) << LOGFERRY_FAILED_SEEDS << " is missing";
    std::vector<std::uint64_t> seeds;
    for (std::string line; std::getline(list, line);) {
        if (!line.empty() && line[0] != '#') seeds.push_back(std::stoull(line));
    }
    return seeds;
}

/// What happened in several lives.
struct experience {
    int steps = 0;
    destination_stats sum;

    void add(const life& one) {
        const auto& c = one.counts();
        steps += one.steps();
        sum.delivered += c.delivered;
        sum.filtered += c.filtered;
        sum.rejected += c.rejected;
        sum.dead_lettered += c.dead_lettered;
        sum.dead_letters_lost += c.dead_letters_lost;
        sum.loss_reports += c.loss_reports;
        sum.retries += c.retries;
        for (std::size_t i = 0; i < drop_reason_count; ++i) sum.dropped[i] += c.dropped[i];
    }
};

/// Lives one life. A seed that fails is printed and kept.
void live(std::uint64_t seed, experience& all) {
    constexpr int steps = 250;
    life one(seed);
    const auto wrong = one.lives(steps);
    all.add(one);
    if (wrong.empty()) return;
    std::ofstream(LOGFERRY_NEW_FAILED_SEEDS, std::ios::app) << seed << '\n';
    ADD_FAILURE() << wrong << "\nin step " << one.steps() << " of the life with seed " << seed
                  << "; run it alone with LOGFERRY_SEED=" << seed << "\nThe seed was added to "
                  << LOGFERRY_NEW_FAILED_SEEDS << "; add it to " << LOGFERRY_FAILED_SEEDS;
}

TEST(destination_model, holds_through_the_lives_that_failed_once) {
    experience all;
    for (const auto seed : seeds_that_failed_once()) live(seed, all);
}

TEST(destination_model, holds_through_random_lives) {
    experience all;
    if (const auto* const seed = std::getenv("LOGFERRY_SEED")) return live(std::strtoull(seed, nullptr, 10), all);
    constexpr std::uint64_t lives = 1000;
    for (std::uint64_t seed = 1; seed <= lives; ++seed) live(seed, all);
    std::cout << all.steps << " steps in " << lives << " lives\n";
    EXPECT_GE(all.steps, 100'000);

    // Lives in which nothing much happens prove nothing.
    for (const auto happened :
         {&destination_stats::delivered, &destination_stats::filtered, &destination_stats::rejected,
          &destination_stats::dead_lettered, &destination_stats::dead_letters_lost, &destination_stats::loss_reports,
          &destination_stats::retries}) {
        EXPECT_GT(all.sum.*happened, lives / 4);
    }
    for (const auto why : {drop_reason::full, drop_reason::expired, drop_reason::gave_up, drop_reason::ambiguous,
                           drop_reason::at_close}) {
        const auto n = all.sum.dropped[static_cast<std::size_t>(why)];
        std::cout << n << " dropped: " << to_string(why) << "\n";
        // Poison takes two witnesses, and few lives are that long.
        EXPECT_GT(n, lives / (why == drop_reason::gave_up ? 50 : 4)) << to_string(why);
    }
}

}  // namespace
}  // namespace logferry::test
