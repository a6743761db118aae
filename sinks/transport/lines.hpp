// Which request is on which connection. libcurl takes all connections to a host for HTTP/2 when one of them is, and
// then puts several requests at once on one that is HTTP/1.1, where each takes the next answer for its own (seen
// in 7.88, for a host behind which some servers speak HTTP/2 and some do not). Such answers must not be believed.
#pragma once

#include <algorithm>
#include <vector>

namespace logferry::transport {

class exchange;

/// Thread rule: one thread at a time.
class lines {
public:
    /// Calls `meets(other)` for each exchange that is out over the connection with this local port.
    template <typename Meets>
    void enter(exchange& one, int port, Meets meets) {
        leave(one);
        for (const auto& o : out_) {
            if (o.port == port) meets(*o.who);
        }
        out_.push_back({&one, port});
    }
    void leave(const exchange& one) noexcept {
        std::erase_if(out_, [&one](const on_line& o) { return o.who == &one; });
    }

    /// An answer could not be told from another's. From now on no connection is to be shared.
    void note_mix_up() noexcept { mixed_up_ = true; }
    [[nodiscard]] bool mixed_up() const noexcept { return mixed_up_; }

private:
    struct on_line {
        exchange* who;
        int port;
    };
    std::vector<on_line> out_;
    bool mixed_up_ = false;
};

}  // namespace logferry::transport
