// Programs that end without closing their sink.
#include "support/run_program.hpp"
#include "world.hpp"

namespace logferry::test {
namespace {

class exit_test : public world {
protected:
    /// Runs a program with two arguments; its wait status.
    static int run(const char* program, const std::string& first, const std::string& second) {
        // How the program ends is the question; what libcrypto keeps to the end of a process that never cleans
        // libcurl up is not ours to count. Nor may a report take so long that the process has ended before it.
        return support::run_program({program, first, second}, "detect_leaks=0:handle_segv=0");
    }

    /// Nobody answers in TLS there.
    std::string over_tls() {
        auto url = server.base_url("logsfori");
        return url.replace(0, 4, "https");
    }
};

TEST_F(exit_test, what_was_logged_arrives_although_the_registry_outlives_us) {
    EXPECT_EQ(run(LOGFERRY_ENDS_AT_EXIT, server.base_url("logsfori"), server.token("logsfori")), 0);
    ASSERT_GE(server.accepted("logsfori"), 1u);
    EXPECT_EQ(bodies("logsfori").front()["message"], "last words");
}

TEST_F(exit_test, over_tls_too_nothing_is_used_after_its_destruction) {
    // The worker is in the middle of OpenSSL when main returns. What counts is the end.
    for (int i = 0; i < 10; ++i) EXPECT_EQ(run(LOGFERRY_ENDS_AT_EXIT, over_tls(), server.token("logsfori")), 0);
}

TEST_F(exit_test, a_plugin_that_is_unloaded_ships_what_it_logged) {
    EXPECT_EQ(run(LOGFERRY_UNLOADS_PLUGIN, server.base_url("logsfori"), server.token("logsfori")), 0);
    EXPECT_EQ(server.accepted("logsfori"), 2u);
}

class bad_end : public exit_test, public ::testing::WithParamInterface<const char*> {};

TEST_P(bad_end, is_survived) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(run(LOGFERRY_ENDS_BADLY, over_tls(), GetParam()), 0);
}

INSTANTIATE_TEST_SUITE_P(exit_test, bad_end,
                         ::testing::Values("slowly", "held_up", "held_up_by_vendor", "without_budget", "while_opening",
                                           "reopening", "while_closing", "from_callback"),
                         [](const auto& test) { return std::string(test.param); });

// Not under the sanitizers of g++ 12; fork_test.hpp says why.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
INSTANTIATE_TEST_SUITE_P(exit_test_forking, bad_end,
                         ::testing::Values("forking_after_it", "forking_in_a_late_callback"),
                         [](const auto& test) { return std::string(test.param); });
#endif

}  // namespace
}  // namespace logferry::test
