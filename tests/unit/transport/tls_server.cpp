#include "tls_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace logferry::support {

namespace {

/// Appends what is there, waiting for at least a byte. False at the end.
bool read_more(int fd, std::string& text) {
    std::array<char, 4096> piece;
    const auto count = ::read(fd, piece.data(), piece.size());
    if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
    return count > 0;
}

}  // namespace

self_signed_server::self_signed_server() {
    std::string pattern = (std::filesystem::temp_directory_path() / "self_signed_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = pattern;
    make_certificate();
    launch();
    await_port();
}

self_signed_server::~self_signed_server() {
    static_cast<void>(stop());
    std::filesystem::remove_all(directory_);
}

void self_signed_server::make_certificate() {
    const std::string command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 "
        "-keyout '" +
        directory_ + "/key.pem' -out '" + directory_ + "/cert.pem' 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("the openssl program made no certificate");
}

void self_signed_server::launch() {
    const std::string key = directory_ + "/key.pem";
    const std::string certificate = directory_ + "/cert.pem";
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        ::execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key.c_str(), "-cert",
                 certificate.c_str(), "-www", nullptr);
        ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
    if (pid_ < 0) throw std::runtime_error("no process for the openssl program");
}

/// The program prints "ACCEPT 127.0.0.1:40123" once it listens.
void self_signed_server::await_port() {
    const std::string announcement = "ACCEPT 127.0.0.1:";
    for (;;) {
        const std::size_t at = printed_.find(announcement);
        const std::size_t end = at == std::string::npos ? at : printed_.find('\n', at);
        if (end != std::string::npos) {
            port_ = printed_.substr(at + announcement.size(), end - at - announcement.size());
            return;
        }
        if (!read_more(output_, printed_)) throw std::runtime_error("the openssl program does not serve: " + printed_);
    }
}

std::string self_signed_server::stop() {
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
        while (read_more(output_, printed_)) {
        }
        ::waitpid(pid_, nullptr, 0);
        ::close(output_);
        pid_ = -1;
    }
    return printed_;
}

}  // namespace logferry::support
