// The program logferry-emulator, as its user sees it.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include <gmock/gmock.h>

#include "emulator_fixture.hpp"
#include "gzipped.hpp"

namespace logferry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A run of the program, its output read line by line.
class program {
public:
    explicit program(std::vector<std::string> arguments) {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
        arguments.insert(arguments.begin(), LOGFERRY_EMULATOR);
        std::vector<char*> raw;
        for (auto& argument : arguments) raw.push_back(argument.data());
        raw.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::dup2(ends[1], STDERR_FILENO);
            ::close(ends[0]);
            ::close(ends[1]);
            ::execv(LOGFERRY_EMULATOR, raw.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        output_ = ::fdopen(ends[0], "r");
    }
    ~program() {
        if (!ended_) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        std::fclose(output_);
    }
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    /// Reads on to the first line that holds `part`, and gives it back; empty at the end of the output.
    std::string line_with(const std::string& part) {
        std::array<char, 4096> line{};
        while (std::fgets(line.data(), line.size(), output_) != nullptr) {
            if (std::string_view(line.data()).find(part) != std::string_view::npos) return line.data();
        }
        return {};
    }
    std::string rest() {
        std::string text;
        for (int c = 0; (c = std::fgetc(output_)) != EOF;) text += static_cast<char>(c);
        return text;
    }
    void interrupt(int signal) const { ::kill(pid_, signal); }
    int exit_code() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        ended_ = true;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_ = -1;
    std::FILE* output_ = nullptr;
    bool ended_ = false;
};

std::string word_after(const std::string& line, const std::string& label) {
    std::istringstream words(line);
    for (std::string word; words >> word;) {
        if (word == label && words >> word) return word;
    }
    return {};
}

http_answer push(const std::string& base_url, const std::string& token) {
    const auto body = json{{"token", token}, {"message", "one\n\x1B[31mtwo"}}.dump(1);
    return http_client().post(base_url + "/push-log", body, {"Content-Type: application/json"});
}

TEST(emulator_program, says_where_it_is_and_prints_what_comes) {
    program run({"--for", "60"});
    const auto line = run.line_with("logsfori:");
    const auto base_url = word_after(line, "base_url");
    EXPECT_EQ(push(base_url, word_after(line, "token")).status, 202);
    const auto printed = run.line_with("logsfori 202");
    EXPECT_THAT(printed, HasSubstr("\"message\""));
    EXPECT_THAT(printed, HasSubstr("\"token\"")) << "the body is on one line";
    EXPECT_EQ(push(base_url, "wrong").status, 403);
    EXPECT_THAT(run.line_with("logsfori 403"), HasSubstr("REFUSED (the token is invalid or missing)"));
    run.interrupt(SIGTERM);
    EXPECT_THAT(run.rest(), HasSubstr("logsfori: 1 records accepted in 2 requests"));
    EXPECT_EQ(run.exit_code(), 0);
}

TEST(emulator_program, can_be_quiet) {
    program run({"--quiet", "--for", "60"});
    const auto line = run.line_with("logsfori:");
    push(word_after(line, "base_url"), word_after(line, "token"));
    run.interrupt(SIGINT);
    EXPECT_THAT(run.rest(), Not(HasSubstr("logsfori 202")));
    EXPECT_EQ(run.exit_code(), 0);
}

TEST(emulator_program, takes_gzip_for_profound_unless_told_not_to) {
    const auto status_of_gzip = [](std::vector<std::string> arguments) {
        program run(std::move(arguments));
        const auto line = run.line_with("profound:");
        const emulator any;
        auto good = good_request_for(any, "profound");
        good.headers.back() = "x-api-key: " + word_after(line, "token");
        good.headers.emplace_back("Content-Encoding: gzip");
        return http_client().post(word_after(line, "base_url") + good.path, gzipped(good.body), good.headers).status;
    };
    EXPECT_EQ(status_of_gzip({"--for", "60"}), 200);
    EXPECT_EQ(status_of_gzip({"--for", "60", "--no-profound-gzip"}), 415);
}

TEST(emulator_program, ends_by_itself) {
    program run({"--for", "1"});
    EXPECT_THAT(run.rest(), HasSubstr("logwire: 0 records accepted"));
    EXPECT_EQ(run.exit_code(), 0);
}

TEST(emulator_program, says_why_it_cannot_start) {
    const emulator taken;
    program run({"--port", std::to_string(taken.port())});
    EXPECT_THAT(run.rest(), HasSubstr("cannot bind to 127.0.0.1:" + std::to_string(taken.port())));
    EXPECT_EQ(run.exit_code(), 1);
}

}  // namespace
}  // namespace logferry
