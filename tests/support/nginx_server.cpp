#include "nginx_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace logferry::support {

namespace {

std::string new_directory(const char* name) {
    std::string pattern = (std::filesystem::temp_directory_path() / name).string() + "_XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    return pattern;
}

// A certificate of 0 days ends as it begins: expired at once. To end before is what newer versions of openssl refuse.
constexpr const char* make_certificates = R"(
  set -e
  key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  by_ca='-CA ca.pem -CAkey ca.key'
  here='-addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE'
  for name in ca stranger; do
    openssl req -x509 $key -days 2 -subj /CN=$name -keyout $name.key -out $name.pem
  done
  for subject in server:127.0.0.1 client:shop; do
    name=${subject%%:*}
    openssl req -x509 $by_ca $key -days 2 -subj /CN=${subject#*:} $here -keyout $name.key -out $name.pem
  done
  openssl req -x509 -CA stranger.pem -CAkey stranger.key $key -days 2 -subj /CN=127.0.0.1 $here \
    -keyout unknown.key -out unknown.pem
  openssl req -x509 $key -days 2 -subj /CN=127.0.0.1 $here -keyout self.key -out self.pem
  openssl req -x509 $by_ca $key -days 2 -subj /CN=elsewhere.example -addext subjectAltName=DNS:elsewhere.example \
    -keyout elsewhere.key -out elsewhere.pem
  openssl req $key -subj /CN=127.0.0.1 $here -keyout expired.key -out expired.request
  openssl x509 -req $by_ca -days 0 -copy_extensions copy -in expired.request -out expired.pem
  cat client.pem client.key > client.both
  openssl pkcs8 -topk8 -in client.key -passout pass:hush -out client.locked
  mkdir ca && cp ca.pem ca && openssl rehash ca
)";

std::size_t count_of(std::string_view what, std::string_view text) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
    return count;
}

std::string proxied(const nginx_setup& setup) {
    if (setup.upstream == 0) return setup.answer;
    return "proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection '';";
}

}  // namespace

test_certificates::test_certificates() : directory_(new_directory("certificates")) {
    std::string command = "cd ";
    command.append(directory_).append(" && exec >/dev/null 2>&1").append(make_certificates);
    if (std::system(command.c_str()) != 0) throw std::runtime_error("the openssl program made no certificates");
}

test_certificates::~test_certificates() { std::filesystem::remove_all(directory_); }

nginx_server::nginx_server(const test_certificates& certificates, const nginx_setup& setup)
    : certificates_(certificates), directory_(new_directory("nginx")) {
    reserve_port();
    configure(setup);
    launch();
    await_worker(++workers_);
}

nginx_server::~nginx_server() {
    stop();
    ::close(reservation_);
    std::filesystem::remove_all(directory_);
}

void nginx_server::stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
    listener_.join();
}

void nginx_server::reload(const nginx_setup& setup) {
    configure(setup);
    ::kill(pid_, SIGHUP);
    await_worker(++workers_);
}

/// nginx takes no port 0, but shares the port of a socket that is bound to one and does not listen.
void nginx_server::reserve_port() {
    reservation_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (::setsockopt(reservation_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        ::bind(reservation_, plain, size) != 0 || ::getsockname(reservation_, plain, &size) != 0)
        throw std::runtime_error("no port for nginx");
    port_ = ntohs(address.sin_port);
}

void nginx_server::configure(const nginx_setup& setup) const {
    std::ofstream out(directory_ + "/nginx.conf");
    out << "daemon off; worker_processes 1; error_log stderr notice; pid " << directory_ << "/pid;\n";
    // Another user could not enter the directory.
    if (::geteuid() == 0) out << "user root;\n";
    out << "events { worker_connections 512; }\n"
        << "http {\n"
        << "  log_format requests '$connection $server_protocol $status';\n"
        << "  access_log " << directory_ << "/access.log requests;\n"
        << "  client_body_temp_path " << directory_ << "/body; proxy_temp_path " << directory_ << "/proxy;\n"
        << "  fastcgi_temp_path " << directory_ << "/fastcgi; uwsgi_temp_path " << directory_ << "/uwsgi;\n"
        << "  scgi_temp_path " << directory_ << "/scgi;\n";
    if (setup.upstream != 0)
        out << "  upstream upstream { server 127.0.0.1:" << setup.upstream << "; keepalive 64; }\n";
    out << "  server {\n"
        << "    listen " << authority() << " ssl " << (setup.http2 ? "http2 " : "") << "reuseport;\n"
        << "    ssl_certificate " << certificates_.path(setup.certificate + ".pem") << ";\n"
        << "    ssl_certificate_key " << certificates_.path(setup.certificate + ".key") << ";\n"
        << "    " << setup.directives << "\n"
        << "    location / { " << proxied(setup) << " }\n"
        << "  }\n"
        << "}\n";
}

void nginx_server::launch() {
    const std::string configuration = directory_ + "/nginx.conf";
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
        // It takes its workers along, which a killed one would leave behind.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        ::dup2(ends[1], STDERR_FILENO);
        ::execlp("nginx", "nginx", "-p", directory_.c_str(), "-e", "stderr", "-c", configuration.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(ends[1]);
    if (pid_ < 0) throw std::runtime_error("no process for nginx");
    listener_ = std::thread([this, output = ends[0]] { listen_to(output); });
}

/// Reads to the end, lest nginx wait for room in the pipe.
void nginx_server::listen_to(int output) {
    std::array<char, 4096> piece;
    for (;;) {
        const auto count = ::read(output, piece.data(), piece.size());
        const std::lock_guard lock(mutex_);
        silent_ = count <= 0;
        if (!silent_) said_.append(piece.data(), static_cast<std::size_t>(count));
        heard_.notify_all();
        if (silent_) break;
    }
    ::close(output);
}

/// The sockets listen before the first worker starts, and each worker takes over those of the one before.
void nginx_server::await_worker(std::size_t number) {
    const std::string_view announcement = "start worker process ";
    std::unique_lock lock(mutex_);
    const bool serves = heard_.wait_for(lock, std::chrono::seconds(30), [&] {
        return silent_ || count_of("[emerg]", said_) > 0 || count_of(announcement, said_) >= number;
    });
    if (serves && count_of(announcement, said_) >= number) return;
    const std::string said = said_;
    lock.unlock();
    stop();
    throw std::runtime_error("nginx does not serve: " + said);
}

std::vector<nginx_request> nginx_server::requests() const {
    std::ifstream in(directory_ + "/access.log");
    std::vector<nginx_request> all;
    for (nginx_request each; in >> each.connection >> each.protocol >> each.status;) all.push_back(each);
    return all;
}

}  // namespace logferry::support
