// Programs that end without closing their sink.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "world.hpp"

namespace logferry::test {
namespace {

class exit_test : public world {
protected:
    /// Runs the program; its wait status.
    int run(const std::string& url, const std::string& credential) {
        const auto child = fork();
        if (child == 0) {
            // How the program ends is the question; what libcrypto keeps to the end of a process that never cleans
            // libcurl up is not ours to count.
            setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
            execl(LOGFERRY_ENDS_AT_EXIT, LOGFERRY_ENDS_AT_EXIT, url.c_str(), credential.c_str(), nullptr);
            _exit(127);
        }
        int status = -1;
        waitpid(child, &status, 0);
        return status;
    }
};

TEST_F(exit_test, what_was_logged_arrives_although_the_registry_outlives_us) {
    EXPECT_EQ(run(server.base_url("logsfori"), server.token("logsfori")), 0);
    ASSERT_GE(server.accepted("logsfori"), 1u);
    EXPECT_EQ(bodies("logsfori").front()["message"], "last words");
}

TEST_F(exit_test, over_tls_too_nothing_is_used_after_its_destruction) {
    // Nobody answers in TLS there, so the worker is in the middle of OpenSSL when main returns. What counts is the end.
    for (int i = 0; i < 10; ++i) {
        auto url = server.base_url("logsfori");
        url.replace(0, 4, "https");
        EXPECT_EQ(run(url, server.token("logsfori")), 0);
    }
}

}  // namespace
}  // namespace logferry::test
