// One endpoint with the exchanges made for it so far; there are as many as were ever in flight at once.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "endpoint.hpp"
#include "exchange.hpp"

namespace logferry::transport {

/// It also sees to it that a connection shared by many requests comes to its end: libcurl asks how old a connection is
/// only when nothing goes over it, and over HTTP/2, with work at hand, something always does. So requests are held back
/// once it is old enough, until those in flight have come home.
///
/// Its exchanges refer to its options, so it stays where it is.
class pool {
public:
    using clock = std::chrono::steady_clock;

    /// Throws `std::runtime_error` for what cannot be used, and when libcurl refuses an option.
    /// `apart` keeps the connections of requests that go alone, `open` names all sockets; they and `all` must outlive
    /// the pool, and `open` the connections too.
    pool(endpoint_id id, const http_endpoint& to, const http_options& options, const connection_cache& apart,
         lines& all, descriptor_list& open);
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;

    /// What is lent from now on goes there.
    void update(const http_endpoint& to);

    /// An exchange that is not in flight. Throws when there is no memory for one more.
    [[nodiscard]] exchange& borrow();
    void give_back(exchange& home) noexcept;

    /// Takes `request` until `release`, if it must not start now.
    [[nodiscard]] bool hold_back(const post& request);
    /// The requests that need to be held back no longer; mostly none.
    [[nodiscard]] std::vector<post> release() noexcept;
    /// All that are held back.
    [[nodiscard]] std::vector<post> give_up() noexcept { return std::exchange(held_, {}); }

    [[nodiscard]] const std::vector<std::unique_ptr<exchange>>& all() const noexcept { return all_; }

private:
    void make_exchange();
    [[nodiscard]] bool at_rest() const noexcept { return idle_.size() == all_.size(); }

    endpoint_id id_;
    http_options options_;
    const connection_cache& apart_;
    lines& lines_;
    descriptor_list& open_;
    std::shared_ptr<const endpoint> to_;
    std::vector<std::unique_ptr<exchange>> all_;
    std::vector<exchange*> idle_;
    /// When libcurl will find the oldest connection that may be shared too old. Unknown: there is none.
    std::optional<clock::time_point> too_old_at_;
    std::vector<post> held_;
};

}  // namespace logferry::transport
