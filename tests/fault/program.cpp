#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <new>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace logferry::fault {

namespace {

/// A program that says nothing for so long has hung.
constexpr std::chrono::milliseconds patience = std::chrono::seconds(90);

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

struct pipe_ends {
    int read = -1;
    int write = -1;
};

pipe_ends make_pipe() {
    int ends[2];
    checked(::pipe2(ends, O_CLOEXEC), "pipe2");
    return {ends[0], ends[1]};
}

/// What posix_spawn changes between fork and exec: descriptors, and the signals as a shell would leave them.
class spawn_plan {
public:
    spawn_plan() {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
        sigset_t all;
        sigset_t none;
        sigfillset(&all);
        sigemptyset(&none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~spawn_plan() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }
    spawn_plan(const spawn_plan&) = delete;
    spawn_plan& operator=(const spawn_plan&) = delete;

    void pass(int descriptor, int as) { ::posix_spawn_file_actions_adddup2(&files, descriptor, as); }

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
};

nlohmann::json object_of(std::initializer_list<setting> settings) {
    auto object = nlohmann::json::object();
    for (const auto& [option, value] : settings) object[option] = value;
    return object;
}

}  // namespace

page_memory::page_memory() : descriptor_(checked(::memfd_create("fault", MFD_CLOEXEC), "memfd_create")) {
    checked(::ftruncate(descriptor_, sizeof(shared_page)), "ftruncate");
    void* const at = ::mmap(nullptr, sizeof(shared_page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    if (at == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    page_ = new (at) shared_page;
}

page_memory::~page_memory() {
    ::munmap(page_, sizeof(shared_page));
    ::close(descriptor_);
}

program::program(std::initializer_list<setting> settings) : program(object_of(settings)) {}

program::program(const nlohmann::json& settings, std::shared_ptr<page_memory> memory) : memory_(std::move(memory)) {
    // Who writes an order to a program that has died is told so by the write.
    std::signal(SIGPIPE, SIG_IGN);
    page().over = false;
    const auto to_child = make_pipe();
    const auto from_child = make_pipe();
    spawn_plan plan;
    plan.pass(to_child.read, STDIN_FILENO);
    plan.pass(from_child.write, STDOUT_FILENO);
    plan.pass(memory_->descriptor(), page_descriptor);
    std::string name = LOGFERRY_FAULT_CHILD;
    std::string text = settings.dump();
    std::vector<char*> arguments = {name.data(), text.data(), nullptr};
    const int error = ::posix_spawn(&pid_, name.c_str(), &plan.files, &plan.attributes, arguments.data(), environ);
    for (const int each : {to_child.read, from_child.write}) ::close(each);
    orders_ = to_child.write;
    answers_ = from_child.read;
    if (error != 0) throw std::system_error(error, std::generic_category(), name);
    ready_ = answered();
}

program::~program() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(orders_);
    ::close(answers_);
}

/// Reads one line. False: the program has ended instead.
bool program::answered() {
    for (char last = 0; last != '\n';) {
        pollfd watched{answers_, POLLIN, 0};
        const int ready = ::poll(&watched, 1, static_cast<int>(patience.count()));
        if (ready == 0) throw std::runtime_error("the program under test hangs");
        if (ready > 0 && ::read(answers_, &last, 1) == 0) return false;
    }
    return true;
}

void program::order(const std::string& words) {
    const std::string line = words + "\n";
    checked(static_cast<int>(::write(orders_, line.data(), line.size())), "order");
    if (!answered()) throw std::runtime_error("the program under test died while it was told to " + words);
}

void program::log(std::uint64_t records, int threads) {
    order("log " + std::to_string(records) + " " + std::to_string(threads));
}

std::chrono::milliseconds program::drain(std::chrono::milliseconds deadline) {
    order("drain " + std::to_string(deadline.count()));
    return std::chrono::milliseconds(page().waited_ms);
}

std::chrono::milliseconds program::close(std::chrono::milliseconds budget) {
    order("close " + std::to_string(budget.count()));
    return std::chrono::milliseconds(page().waited_ms);
}

const ledger& program::stats() {
    order("stats");
    return page().books;
}

bool program::wait_until(const std::function<bool(const ledger&)>& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + patience / 2;
    while (!wanted(stats())) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two looks, not instead of one
    }
    return true;
}

int program::end_by(const std::string& order) {
    const std::string line = order + "\n";
    // A program that is gone already says so in its status.
    if (::write(orders_, line.data(), line.size()) > 0) static_cast<void>(answered());
    return await_end();
}

int program::kill() {
    ::kill(pid_, SIGKILL);
    return await_end();
}

int program::await_end() {
    // The pipe's other end is closed when the program is gone.
    while (answered()) {
    }
    int status = -1;
    checked(::waitpid(pid_, &status, 0), "waitpid");
    pid_ = -1;
    return status;
}

}  // namespace logferry::fault
