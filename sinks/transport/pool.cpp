#include "pool.hpp"

namespace logferry::transport {

pool::pool(endpoint_id id, const http_endpoint& to, const http_options& options, const connection_cache& apart,
           lines& all, descriptor_list& open)
    : id_(id), options_(options), apart_(apart), lines_(all), open_(open), to_(std::make_shared<const endpoint>(to)) {
    // The first exchange is made here, so that a libcurl that refuses an option says so to whoever configures.
    make_exchange();
}

void pool::make_exchange() {
    idle_.reserve(all_.size() + 1);
    all_.push_back(std::make_unique<exchange>(id_, to_, options_, apart_, lines_, open_));
    idle_.push_back(all_.back().get());
}

void pool::update(const http_endpoint& to) {
    to_ = std::make_shared<const endpoint>(to);
    for (exchange* each : idle_) each->address(to_);
}

exchange& pool::borrow() {
    if (idle_.empty()) make_exchange();
    exchange& one = *idle_.back();
    if (one.to() != to_) one.address(to_);
    idle_.pop_back();
    return one;
}

void pool::give_back(exchange& home) noexcept {
    idle_.push_back(&home);
    if (too_old_at_ || !home.used_shared_connection()) return;
    // libcurl counts whole seconds, and wants one more than allowed.
    too_old_at_ = clock::now() + options_.connection_lifetime + std::chrono::seconds(1);
}

bool pool::hold_back(const post& request) {
    if (request.once || !too_old_at_ || clock::now() < *too_old_at_) return false;
    if (at_rest()) {
        too_old_at_.reset();
        return false;
    }
    held_.push_back(request);
    return true;
}

std::vector<post> pool::release() noexcept {
    if (held_.empty() || !at_rest()) return {};
    too_old_at_.reset();
    return std::exchange(held_, {});
}

}  // namespace logferry::transport
