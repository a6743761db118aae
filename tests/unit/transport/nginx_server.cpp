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
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace logferry::support {

namespace {

std::string new_directory(const char* name) {
    std::string pattern = (std::filesystem::temp_directory_path() / name).string() + "_XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    return pattern;
}

constexpr const char* make_certificates = R"(
  set -e
  key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'
  for name in ca stranger; do
    openssl req -x509 $key -subj /CN=$name -keyout $name.key -out $name.pem
  done
  for subject in server:127.0.0.1 client:shop; do
    name=${subject%%:*}
    openssl req -x509 -CA ca.pem -CAkey ca.key $key -subj /CN=${subject#*:} -addext subjectAltName=IP:127.0.0.1 \
      -addext basicConstraints=critical,CA:FALSE -keyout $name.key -out $name.pem
  done
  cat client.pem client.key > client.both
  openssl pkcs8 -topk8 -in client.key -passout pass:hush -out client.locked
  mkdir ca && cp ca.pem ca && openssl rehash ca
)";

}  // namespace

test_certificates::test_certificates() : directory_(new_directory("certificates")) {
    std::string command = "cd ";
    command.append(directory_).append(" && exec >/dev/null 2>&1").append(make_certificates);
    if (std::system(command.c_str()) != 0) throw std::runtime_error("the openssl program made no certificates");
}

test_certificates::~test_certificates() { std::filesystem::remove_all(directory_); }

nginx_server::nginx_server(const test_certificates& certificates, const std::string& directives,
                           const std::string& answer)
    : directory_(new_directory("nginx")) {
    reserve_port();
    configure(certificates, directives, answer);
    launch();
    await_start();
}

nginx_server::~nginx_server() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    ::close(output_);
    ::close(reservation_);
    std::filesystem::remove_all(directory_);
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

void nginx_server::configure(const test_certificates& certificates, const std::string& directives,
                             const std::string& answer) {
    std::ofstream(directory_ + "/nginx.conf")
        << "daemon off; master_process off; error_log stderr notice; pid " << directory_ << "/pid;\n"
        << "events { worker_connections 512; }\n"
        << "http {\n"
        << "  log_format requests '$request_method $server_protocol $status';\n"
        << "  access_log " << directory_ << "/access.log requests;\n"
        << "  client_body_temp_path " << directory_ << "; proxy_temp_path " << directory_ << "; fastcgi_temp_path "
        << directory_ << "; uwsgi_temp_path " << directory_ << "; scgi_temp_path " << directory_ << ";\n"
        << "  server {\n"
        << "    listen " << authority() << " ssl http2 reuseport;\n"
        << "    ssl_certificate " << certificates.path("server.pem") << ";\n"
        << "    ssl_certificate_key " << certificates.path("server.key") << ";\n"
        << "    " << directives << "\n"
        << "    location / { return 200 '" << answer << "'; }\n"
        << "  }\n"
        << "}\n";
}

void nginx_server::launch() {
    const std::string configuration = directory_ + "/nginx.conf";
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(ends[1], STDERR_FILENO);
        ::execlp("nginx", "nginx", "-p", directory_.c_str(), "-e", "stderr", "-c", configuration.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
    if (pid_ < 0) throw std::runtime_error("no process for nginx");
}

/// It listens before it says what limits the system sets it.
void nginx_server::await_start() {
    std::string said;
    while (said.find("getrlimit") == std::string::npos) {
        std::array<char, 1024> piece;
        const auto count = ::read(output_, piece.data(), piece.size());
        if (count <= 0) throw std::runtime_error("nginx does not serve: " + said);
        said.append(piece.data(), static_cast<std::size_t>(count));
    }
}

std::string nginx_server::access_log() const {
    std::ifstream in(directory_ + "/access.log");
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace logferry::support
