#include "support/raw_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace logferry::support {

namespace {

using clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(60);

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

std::size_t content_length(const std::string& head) {
    constexpr char name[] = "\r\ncontent-length:";
    const std::size_t at = lower(head).find(name);
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + sizeof name - 1));
}

}  // namespace

step read_request() { return {step::kind::read_request}; }
step read_bytes(std::size_t count) { return {step::kind::read_bytes, {}, count}; }
step send(std::string bytes) { return {step::kind::respond, std::move(bytes)}; }
step respond(std::function<std::string(const raw_request&)> make) {
    return {step::kind::respond, {}, 0, {}, std::move(make)};
}
step decide(std::function<reaction(const raw_request&)> choose) {
    return {step::kind::decide, {}, 0, {}, {}, std::move(choose)};
}
step drip(std::string bytes, std::chrono::milliseconds pause) { return {step::kind::drip, std::move(bytes), 0, pause}; }
step flood(std::string bytes) { return {step::kind::flood, std::move(bytes)}; }
step hold() { return {step::kind::hold}; }
step close_connection() { return {step::kind::close}; }
step reset_connection() { return {step::kind::reset}; }
step again() { return {step::kind::again}; }

std::string answer(int status, const std::string& body, const std::string& headers) {
    return "HTTP/1.1 " + std::to_string(status) + " As Told\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

script always(std::string response) { return {read_request(), send(std::move(response)), again()}; }

/// One client and how far its script has come.
class raw_server::connection {
public:
    connection(raw_server& owner, int fd, std::size_t number, const script& plays)
        : owner_(owner), fd_(fd), number_(number), script_(plays) {
        begin_step();
    }
    ~connection() { ::close(fd_); }

    [[nodiscard]] pollfd wants(clock::time_point at) const {
        const step::kind now = script_[at_].what;
        if (now == step::kind::read_request || now == step::kind::read_bytes) return {fd_, POLLIN, 0};
        // While pausing, and when holding, only the client's going away is of interest.
        if (holds() || due_ > at) return {fd_, POLLRDHUP, 0};
        return {fd_, POLLOUT, 0};
    }
    [[nodiscard]] std::optional<clock::time_point> due(clock::time_point at) const {
        const bool waits = script_[at_].what == step::kind::drip || due_ > at;
        return waits ? std::optional(due_) : std::nullopt;
    }

    /// Plays on as far as it goes without waiting. False: the connection is over.
    bool play(short happened) {
        if ((happened & POLLIN) != 0 && !receive()) return false;
        if ((happened & POLLIN) == 0 && (happened & (POLLRDHUP | POLLHUP | POLLERR)) != 0) return false;
        while (alive_ && play_step()) next_step();
        return alive_;
    }

private:
    [[nodiscard]] bool holds() const {
        const step::kind now = script_[at_].what;
        const bool done = ending_ == reaction::ending::hold && sent_ == outbox_.size();
        return now == step::kind::hold || (now == step::kind::decide && done);
    }

    /// True when the step is done.
    bool play_step() {
        const step& now = script_[at_];
        switch (now.what) {
            case step::kind::read_request:
                return take_request();
            case step::kind::read_bytes:
                return inbox_.size() >= now.count || request_size() != 0;
            case step::kind::respond:
                return push(outbox_.size());
            case step::kind::drip:
                return drip_one(now);
            case step::kind::decide:
                return clock::now() >= due_ && push(outbox_.size()) && end_as(ending_);
            case step::kind::flood:
                return flood_some();
            case step::kind::hold:
                return false;
            case step::kind::close:
                alive_ = false;
                return false;
            case step::kind::reset:
                reset();
                return false;
            case step::kind::again:
                return true;
        }
        return false;
    }

    void next_step() {
        at_ = script_[at_].what == step::kind::again ? 0 : at_ + 1;
        if (at_ == script_.size()) {
            at_ = 0;
            alive_ = false;
            return;
        }
        begin_step();
    }

    void begin_step() {
        const step& now = script_[at_];
        reaction first{now.bytes, now.pause, reaction::ending::go_on};
        if (now.make) first.bytes = now.make(last_);
        if (now.choose) first = now.choose(last_);
        outbox_ = std::move(first.bytes);
        ending_ = first.then;
        sent_ = 0;
        due_ = clock::now() + first.delay;
    }

    bool receive() {
        std::array<char, 64 * 1024> piece;
        const auto count = ::recv(fd_, piece.data(), piece.size(), 0);
        if (count > 0) inbox_.append(piece.data(), static_cast<std::size_t>(count));
        return count > 0 || (count < 0 && errno == EAGAIN);
    }

    [[nodiscard]] std::size_t head_size() const {
        const std::size_t end = inbox_.find("\r\n\r\n");
        return end == std::string::npos ? 0 : end + 4;
    }

    /// 0 as long as the request is not whole.
    [[nodiscard]] std::size_t request_size() const {
        const std::size_t head = head_size();
        if (head == 0) return 0;
        const std::size_t whole = head + content_length(inbox_.substr(0, head));
        return inbox_.size() < whole ? 0 : whole;
    }

    bool take_request() {
        const std::size_t whole = request_size();
        if (whole == 0) return false;
        const std::size_t head = head_size();
        last_ = {inbox_.substr(0, head), inbox_.substr(head, whole - head), number_};
        inbox_.erase(0, whole);
        owner_.note_request(last_);
        return true;
    }

    /// Sends up to the given place of the outbox. True when it got there.
    bool push(std::size_t until) {
        while (sent_ < until) {
            const auto count = ::send(fd_, outbox_.data() + sent_, until - sent_, MSG_NOSIGNAL);
            if (count < 0) {
                alive_ = errno == EAGAIN;
                return false;
            }
            sent_ += static_cast<std::size_t>(count);
        }
        return true;
    }

    bool drip_one(const step& now) {
        if (clock::now() >= due_ && push(sent_ + 1)) due_ = clock::now() + now.pause;
        return sent_ == outbox_.size();
    }

    /// True when the connection goes on.
    bool end_as(reaction::ending how) {
        if (how == reaction::ending::reset) reset();
        if (how == reaction::ending::close) alive_ = false;
        return how == reaction::ending::go_on;
    }

    bool flood_some() {
        if (push(outbox_.size())) sent_ = 0;
        return false;
    }

    void reset() {
        const linger at_once{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        alive_ = false;
    }

    raw_server& owner_;
    int fd_;
    std::size_t number_;
    const script& script_;
    std::size_t at_ = 0;
    bool alive_ = true;
    std::string inbox_;
    std::string outbox_;
    std::size_t sent_ = 0;
    reaction::ending ending_ = reaction::ending::go_on;
    clock::time_point due_;
    raw_request last_;
};

reserved_port::reserved_port()
    : socket_(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket")) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    checked(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), "bind");
    checked(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    number_ = ntohs(address.sin_port);
}

reserved_port::~reserved_port() {
    const int left = release();
    if (left >= 0) ::close(left);
}

std::string reserved_port::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(number_) + path;
}

int reserved_port::release() noexcept {
    for (const int each : fillers_) ::close(each);
    fillers_.clear();
    return std::exchange(socket_, -1);
}

void reserved_port::swallow_connections() {
    checked(::listen(socket_, 0), "listen");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(number_);
    // The first few get into the queue of a listener that never accepts; the one that is left hanging tells it is full.
    for (bool full = false; !full;) {
        const int filler = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
        fillers_.push_back(filler);
        ::connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        pollfd connected{filler, POLLOUT, 0};
        full = ::poll(&connected, 1, 100) == 0;
    }
}

raw_server::raw_server(std::vector<script> scripts, reserved_port&& at) : scripts_(std::move(scripts)) {
    for (const script& each : scripts_) {
        if (each.empty()) throw std::invalid_argument("a script without a step");
    }
    port_ = at.number();
    listener_ = at.release();
    checked(::listen(listener_, 512), "listen");
    stop_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
    thread_ = std::thread([this] { run(); });
}

raw_server::~raw_server() {
    ::eventfd_write(stop_, 1);
    thread_.join();
    open_.clear();
    ::close(listener_);
    ::close(stop_);
}

void raw_server::run() {
    for (;;) {
        std::vector<pollfd> watched{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
        int wait = -1;
        const auto now =
            clock::now();  // one for both questions, or a connection that has just come due asks for nothing
        for (const auto& each : open_) {
            watched.push_back(each->wants(now));
            if (const auto due = each->due(now)) {
                const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - now).count();
                const int milliseconds = static_cast<int>(std::max<decltype(left)>(left, 0));
                wait = wait < 0 ? milliseconds : std::min(wait, milliseconds);
            }
        }
        ::poll(watched.data(), watched.size(), wait);
        if (watched[0].revents != 0) return;

        std::size_t place = 2;
        const auto over = std::remove_if(open_.begin(), open_.end(), [&](const std::unique_ptr<connection>& each) {
            return !each->play(watched[place++].revents);
        });
        const auto ended = static_cast<std::size_t>(open_.end() - over);
        open_.erase(over, open_.end());
        if (watched[1].revents != 0) accept_one();

        const std::lock_guard lock(mutex_);
        ended_ += ended;
        changed_.notify_all();
    }
}

void raw_server::accept_one() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    const std::size_t number = accepted_++;
    open_.push_back(std::make_unique<connection>(*this, fd, number, scripts_[std::min(number, scripts_.size() - 1)]));
}

void raw_server::note_request(const raw_request& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
}

std::string raw_server::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<raw_request> raw_server::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::size_t raw_server::connections() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
}

bool raw_server::wait_for_connections(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return accepted_ >= count; });
}

bool raw_server::wait_for_requests(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return requests_.size() >= count; });
}

bool raw_server::wait_for_ended(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return ended_ >= count; });
}

}  // namespace logferry::support
