// logferry-emulator: the vendors' APIs on loopback, as a program. Ends by itself.
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>

#include <logferry/emulator.hpp>

namespace {

// One line whatever the bytes, and nothing that a terminal would act on.
std::string printable(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    return text;
}

void print(const logferry::emulated_request& request) {
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    std::cout << request.vendor << ' ' << request.status << ' ';
    if (!request.problem.empty()) std::cout << "REFUSED (" << printable(request.problem) << ") ";
    std::cout << printable(request.body) << std::endl;
}

void introduce(const logferry::emulator& server) {
    for (const auto& vendor : logferry::emulator::vendors()) {
        std::cout << vendor << ": base_url " << server.base_url(vendor) << " token " << server.token(vendor) << '\n';
    }
    std::cout << "received so far: http://127.0.0.1:" << server.port() << "/received" << std::endl;
}

// For a shell to source: what an application would find in its environment. Complete when it appears under its name.
void write_environment(const logferry::emulator& server, const std::string& path) {
    const auto unfinished = path + ".part";
    {
        std::ofstream out(unfinished);
        out << "EMULATOR_URL=http://127.0.0.1:" << server.port() << '\n';
        for (const auto& vendor : logferry::emulator::vendors()) {
            std::string name = vendor;
            for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            out << name << "_URL='" << server.base_url(vendor) << "'\n";
            out << name << "_TOKEN='" << server.token(vendor) << "'\n";
        }
    }
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) throw std::runtime_error("cannot write " + path);
}

void summarise(const logferry::emulator& server) {
    for (const auto& vendor : logferry::emulator::vendors()) {
        std::cout << vendor << ": " << server.accepted(vendor) << " records accepted in " << server.requests(vendor)
                  << " requests\n";
    }
}

// Blocked before any thread starts, so that only `wait_for_end` receives them.
sigset_t block_ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void wait_for_end(const sigset_t& signals, int seconds) {
    const timespec limit{.tv_sec = seconds, .tv_nsec = 0};
    sigtimedwait(&signals, nullptr, &limit);
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app(
        "Speaks the APIs of LogsForI, Logsh, LogSentry, Profound and Logwire on 127.0.0.1, and checks what arrives");
    logferry::emulator_options options;
    bool quiet = false;
    int seconds = 600;
    app.add_option("--port", options.port, "Port to listen on; 0 chooses a free one")->capture_default_str();
    std::string environment;
    app.add_option("--env", environment, "Write base URLs and tokens to this file, as NAME_URL and NAME_TOKEN");
    app.add_flag("--quiet", quiet, "Do not print each request");
    app.add_option("--for", seconds, "End after this many seconds")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    app.add_option("--logsh-description-limit", options.logsh_description_limit, "UTF-16 units of a Logsh description")
        ->check(CLI::Range(1, 250))
        ->capture_default_str();
    app.add_flag("!--no-profound-gzip", options.profound_gzip, "Refuse gzipped bodies for Profound with 415");
    CLI11_PARSE(app, argc, argv);

    if (!quiet) options.on_request = print;
    const auto signals = block_ending_signals();
    const logferry::emulator server(options);
    introduce(server);
    if (!environment.empty()) write_environment(server, environment);
    wait_for_end(signals, seconds);
    summarise(server);
} catch (const std::exception& error) {
    std::fprintf(stderr, "logferry-emulator: %s\n", error.what());
    return 1;
}
