#include <logferry/emulator.hpp>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "fault_queue.hpp"
#include "http_server.hpp"
#include "request_log.hpp"
#include "vendor_apis.hpp"

namespace logferry {
namespace {

using namespace emulation;

std::size_t index_of(std::string_view vendor) {
    const auto& all = vendor_apis();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].name == vendor) return i;
    }
    throw std::invalid_argument("emulator: no vendor is called \"" + std::string(vendor) + "\"");
}

bool has_path(const vendor_api& api, const std::string& path) {
    return std::find(api.paths.begin(), api.paths.end(), path) != api.paths.end();
}

reply fault_reply(const emulated_fault& fault) {
    return {.status = fault.status, .body = fault.body, .headers = fault.headers};
}

}  // namespace

struct emulator::server {
    explicit server(emulator_options given)
        : options(std::move(given)),
          log(options.keep, options.keep_bytes),
          faults(vendor_apis().size()),
          http(options.port, [this](const http_request& incoming) { return route(incoming); }) {}

    ~server() {
        const std::lock_guard lock(delay_mutex);
        stopping = true;
        delay_over.notify_all();
    }

    http_reply route(const http_request& incoming) {
        const auto& all = vendor_apis();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (has_path(all[i], incoming.path))
                return incoming.method == "POST" ? exchange(i, incoming) : not_post(i, incoming);
        }
        if (incoming.method != "GET") return nothing_here();
        if (incoming.path == "/received") return received(incoming);
        if (incoming.path == "/counts") return {.body = counts()};
        // Where LogSentry and Logwire send a request without a token: a client that follows is told 200 in HTML.
        if (incoming.path == "/login") {
            return {.body = "<!DOCTYPE html><title>Login</title>",
                    .headers = {{"Content-Type", "text/html; charset=utf-8"}}};
        }
        return nothing_here();
    }

    static http_reply nothing_here() { return {.status = 404, .body = R"({"message":"Not Found"})"}; }

    http_reply not_post(std::size_t vendor, const http_request& incoming) {
        const reply refusal{.status = 405,
                            .body = R"({"message":"Method Not Allowed"})",
                            .headers = {{"Allow", "POST"}},
                            .problem = "the method must be POST"};
        record(vendor, incoming, refusal);
        return {.status = refusal.status, .body = refusal.body, .headers = refusal.headers};
    }

    http_reply exchange(std::size_t vendor, const http_request& incoming) {
        const auto fault = faults[vendor].take();
        const bool judged = !fault || fault->after_accepting || fault->status == 0;
        auto outcome = judged ? judge(vendor, incoming) : reply{};
        if (fault) play(*fault, outcome);
        record(vendor, incoming, outcome);
        if (fault) wait(fault->delay);
        return {.status = outcome.status,
                .body = std::move(outcome.body),
                .headers = std::move(outcome.headers),
                .hang_up = fault && fault->hang_up};
    }

    [[nodiscard]] reply judge(std::size_t vendor, const http_request& incoming) const {
        const auto& api = vendor_apis()[vendor];
        return api.answer({.path = incoming.path, .headers = incoming.headers, .body = incoming.body},
                          {.token = api.token,
                           .logsh_description_limit = options.logsh_description_limit,
                           .profound_gzip = options.profound_gzip});
    }

    // Puts the fault's answer in the place of the real one, which keeps its count.
    static void play(const emulated_fault& fault, reply& outcome) {
        if (fault.hang_up) {
            outcome = {.accepted = outcome.accepted, .problem = "fault: hung up"};
        } else if (fault.status != 0) {
            const auto accepted = outcome.accepted;
            outcome = fault_reply(fault);
            outcome.accepted = accepted;
            outcome.problem = "fault: answered " + std::to_string(fault.status);
        }
    }

    void record(std::size_t vendor, const http_request& incoming, const reply& outcome) {
        emulated_request seen{.vendor = vendor_apis()[vendor].name,
                              .path = incoming.path,
                              .headers = incoming.headers,
                              .body = incoming.body,
                              .status = outcome.status,
                              .answer = outcome.body,
                              .accepted = outcome.accepted,
                              .problem = outcome.problem};
        if (options.on_request) options.on_request(seen);
        log.add(vendor, std::move(seen));
    }

    void wait(std::chrono::milliseconds delay) {
        std::unique_lock lock(delay_mutex);
        delay_over.wait_for(lock, delay, [this] { return stopping; });
    }

    http_reply received(const http_request& incoming) const {
        std::string vendor;
        std::size_t first = std::numeric_limits<std::size_t>::max();
        for (const auto& [name, value] : incoming.query) {
            if (name == "vendor") vendor = value;
            if (name == "first") std::from_chars(value.data(), value.data() + value.size(), first);
        }
        const auto known = [&](const vendor_api& api) { return api.name == vendor; };
        const auto& all = vendor_apis();
        if (!vendor.empty() && std::none_of(all.begin(), all.end(), known)) return nothing_here();
        auto requests = log.kept(vendor);
        if (requests.size() > first) requests.resize(first);
        return {.body = to_json(requests)};
    }

    [[nodiscard]] std::string counts() const {
        auto all = nlohmann::ordered_json::object();
        for (std::size_t i = 0; i < vendor_apis().size(); ++i) {
            all[vendor_apis()[i].name] = {{"requests", log.requests(i)}, {"accepted", log.accepted(i)}};
        }
        return all.dump();
    }

    const emulator_options options;
    request_log log;
    std::vector<fault_queue> faults;
    std::mutex delay_mutex;
    std::condition_variable delay_over;
    bool stopping = false;
    http_server http;  // last: its threads use all of the above
};

emulator::emulator(emulator_options options) : server_(std::make_unique<server>(std::move(options))) {}
emulator::~emulator() = default;

std::uint16_t emulator::port() const noexcept { return server_->http.port(); }

const std::vector<std::string>& emulator::vendors() {
    static const auto names = [] {
        std::vector<std::string> all;
        for (const auto& api : vendor_apis()) all.push_back(api.name);
        return all;
    }();
    return names;
}

std::string emulator::base_url(std::string_view vendor) const {
    return "http://127.0.0.1:" + std::to_string(port()) + vendor_apis()[index_of(vendor)].base;
}

std::string emulator::token(std::string_view vendor) const { return vendor_apis()[index_of(vendor)].token; }
std::size_t emulator::accepted(std::string_view vendor) const { return server_->log.accepted(index_of(vendor)); }
std::size_t emulator::requests(std::string_view vendor) const { return server_->log.requests(index_of(vendor)); }

std::vector<emulated_request> emulator::received(std::string_view vendor) const {
    return server_->log.kept(vendor_apis()[index_of(vendor)].name);
}

std::string emulator::received_json(std::string_view vendor) const {
    if (!vendor.empty()) index_of(vendor);
    return to_json(server_->log.kept(vendor));
}

bool emulator::wait_for(std::string_view vendor, std::size_t count, std::chrono::milliseconds timeout) const {
    return server_->log.wait_for(index_of(vendor), count, timeout);
}

void emulator::fail_next(std::string_view vendor, emulated_fault fault, std::size_t times) {
    server_->faults[index_of(vendor)].add(std::move(fault), times);
}

}  // namespace logferry
