#include "event_loop.hpp"

#include <algorithm>
#include <climits>
#include <iterator>
#include <new>
#include <utility>

namespace logferry::transport {

namespace {

using std::chrono::milliseconds;

// The longest wait where nothing else would end it.
constexpr int blind_wait = 100;

/// Rounded up, for a rest of microseconds would otherwise be spun away.
int milliseconds_until(event_loop::clock::time_point time) {
    const auto left = std::chrono::ceil<milliseconds>(time - event_loop::clock::now()).count();
    return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
}

short poll_events(int wanted) noexcept {
    return static_cast<short>(((wanted & CURL_POLL_IN) != 0 ? POLLIN : 0) |
                              ((wanted & CURL_POLL_OUT) != 0 ? POLLOUT : 0));
}

/// Trouble is for libcurl to find by reading and writing, which tells what it is.
int curl_events(short ready) noexcept {
    constexpr int trouble = POLLERR | POLLHUP;
    return ((ready & (POLLIN | trouble)) != 0 ? CURL_CSELECT_IN : 0) |
           ((ready & (POLLOUT | trouble)) != 0 ? CURL_CSELECT_OUT : 0);
}

}  // namespace

pollfd* poll_set::find(int fd) noexcept {
    const auto found =
        std::find_if(watched_.begin(), watched_.end(), [fd](const pollfd& each) { return each.fd == fd; });
    return found == watched_.end() ? nullptr : &*found;
}

bool poll_set::watch(int fd, short events) noexcept {
    if (pollfd* const known = find(fd)) {
        known->events = events;
        return true;
    }
    try {
        watched_.push_back({fd, events, 0});
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

void poll_set::forget(int fd) noexcept {
    pollfd* const known = find(fd);
    if (known == nullptr) return;
    *known = watched_.back();
    watched_.pop_back();
}

std::span<const pollfd> poll_set::wait(int milliseconds) {
    ready_.clear();
    if (::poll(watched_.data(), watched_.size(), milliseconds) > 0) {
        std::copy_if(watched_.begin(), watched_.end(), std::back_inserter(ready_),
                     [](const pollfd& each) { return each.revents != 0; });
    }
    return ready_;
}

event_loop::event_loop(waker& wake_up) : wake_up_(wake_up) {
    if (!sockets_.watch(wake_up_.fd(), POLLIN)) throw std::bad_alloc();
    multi_.set_callback<CURLMOPT_SOCKETFUNCTION>(&on_socket);
    multi_.set_pointer<CURLMOPT_SOCKETDATA>(this);
    multi_.set_callback<CURLMOPT_TIMERFUNCTION>(&on_timer);
    multi_.set_pointer<CURLMOPT_TIMERDATA>(this);
}

void event_loop::run_due() {
    if (due_ > clock::now()) return;
    due_ = clock::time_point::max();  // libcurl sets it anew
    act(CURL_SOCKET_TIMEOUT, 0);
}

bool event_loop::wait(clock::time_point until) {
    int time = milliseconds_until(std::min(until, due_));
    if (std::exchange(out_of_memory_, false)) {
        // What is ready stays ready. Without a wait of our own the worker would spin until there is memory again.
        pollfd alone{wake_up_.fd(), POLLIN, 0};
        ::poll(&alone, 1, std::min(time, blind_wait));
        time = 0;
    }
    bool woken = wake_up_.lost();
    if (woken) time = std::min(time, blind_wait);
    for (const pollfd& each : sockets_.wait(time)) {
        if (each.fd == wake_up_.fd() && !wake_up_.lost()) {
            wake_up_.clear();
            if (wake_up_.lost()) sockets_.forget(each.fd);
            woken = true;
        } else if ((each.revents & POLLNVAL) != 0) {
            sockets_.forget(each.fd);  // closed behind our back, and would be "ready" for ever
        } else {
            // An earlier one of these may have closed this socket, or put another in its place. libcurl does not mind
            // being told of a socket that it does not know, nor of one that turns out not to be ready.
            act(each.fd, curl_events(each.revents));
        }
    }
    return woken;
}

void event_loop::act(curl_socket_t socket, int events) noexcept {
    const process_gate::in_libcurl stay;
    int running = 0;
    if (curl_multi_socket_action(multi_.get(), socket, events, &running) != CURLM_OK) out_of_memory_ = true;
}

/// Called by libcurl from within many of its functions, also when a handle is removed or a connection closed. A socket
/// that cannot be watched is left to libcurl's own timers: its request goes slowly, or ends in a timeout.
int event_loop::on_socket(CURL*, curl_socket_t socket, int wanted, void* self, void*) noexcept {
    auto& me = *static_cast<event_loop*>(self);
    if (wanted == CURL_POLL_REMOVE) {
        me.sockets_.forget(socket);
    } else if (!me.sockets_.watch(socket, poll_events(wanted))) {
        me.out_of_memory_ = true;
    }
    return 0;
}

/// libcurl must not be called from here, so the time is only noted.
int event_loop::on_timer(CURLM*, long time, void* self) noexcept {
    static_cast<event_loop*>(self)->due_ = time < 0 ? clock::time_point::max() : clock::now() + milliseconds(time);
    return 0;
}

}  // namespace logferry::transport
