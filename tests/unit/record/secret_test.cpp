// A credential: where it comes from, and that it does not show.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <logferry/secret.hpp>

namespace logferry {
namespace {

class secret_test : public ::testing::Test {
protected:
    secret_test() {
        std::string name = ::testing::TempDir() + "logferry_secret_XXXXXX";
        directory = ::mkdtemp(name.data());
        path = directory + "/token";
    }
    ~secret_test() override {
        ::unsetenv(variable);
        ::unlink(path.c_str());
        ::rmdir(directory.c_str());
    }

    secret from_file_with(std::string_view content) {
        std::ofstream(path, std::ios::binary) << content;
        return secret::from_file(path);
    }
    secret from_env_with(const char* content) {
        ::setenv(variable, content, 1);
        return secret::from_env(variable);
    }

    static constexpr const char* variable = "LOGFERRY_TEST_SECRET";
    std::string directory, path;
};

TEST_F(secret_test, gives_the_credential_to_who_asks_for_it) {
    const secret s("bot_123");
    EXPECT_EQ(s.reveal(), "bot_123");
    EXPECT_FALSE(s.empty());
    EXPECT_EQ(s.problem(), "");
}

TEST_F(secret_test, prints_as_stars_whatever_it_holds) {
    const auto printed = [](const secret& s) {
        std::ostringstream out;
        out << s;
        return out.str();
    };
    EXPECT_EQ(printed(secret("bot_123")), "***");
    EXPECT_EQ(printed(secret()), "***");
    EXPECT_EQ(printed(secret::from_env("LOGFERRY_NO_SUCH_VARIABLE")), "***");
}

TEST_F(secret_test, is_missing_without_a_problem_when_nobody_gave_one) {
    EXPECT_TRUE(secret().empty());
    EXPECT_EQ(secret().reveal(), "");
    EXPECT_EQ(secret().problem(), "");
}

TEST_F(secret_test, is_a_problem_when_it_is_given_empty) {
    EXPECT_TRUE(secret("").empty());
    EXPECT_EQ(secret("").problem(), "the credential is empty");
}

TEST_F(secret_test, comes_from_the_environment) {
    EXPECT_EQ(from_env_with("from env").reveal(), "from env");
    ::setenv(variable, "changed", 1);
    const auto read_now = secret::from_env(variable);
    ::setenv(variable, "changed again", 1);
    EXPECT_EQ(read_now.reveal(), "changed");
}

TEST_F(secret_test, names_the_variable_that_is_not_there) {
    const auto unset = secret::from_env(variable);
    EXPECT_TRUE(unset.empty());
    EXPECT_EQ(unset.problem(), "environment variable LOGFERRY_TEST_SECRET is not set");
    const auto blank = from_env_with("");
    EXPECT_TRUE(blank.empty());
    EXPECT_EQ(blank.problem(), "environment variable LOGFERRY_TEST_SECRET is empty");
}

TEST_F(secret_test, comes_from_a_file_without_its_last_newline) {
    EXPECT_EQ(from_file_with("token").reveal(), "token");
    EXPECT_EQ(from_file_with("token\n").reveal(), "token");
    EXPECT_EQ(from_file_with("token\r\n").reveal(), "token");
    EXPECT_EQ(from_file_with("token\n\n").reveal(), "token\n");
    EXPECT_EQ(from_file_with("token\r").reveal(), "token\r");
    EXPECT_EQ(from_file_with("two\nlines\n").reveal(), "two\nlines");
    EXPECT_EQ(from_file_with(std::string_view("nul\0nul", 7)).reveal(), std::string_view("nul\0nul", 7));
}

TEST_F(secret_test, names_the_file_that_gives_none) {
    EXPECT_EQ(secret::from_file(path).problem(), "file " + path + " cannot be read");
    EXPECT_EQ(secret::from_file(directory).problem(), "file " + directory + " cannot be read");
    EXPECT_EQ(from_file_with("").problem(), "file " + path + " is empty");
    EXPECT_EQ(from_file_with("\n").problem(), "file " + path + " is empty");
    EXPECT_TRUE(from_file_with("\n").empty());
}

TEST_F(secret_test, takes_a_file_of_64_kib_and_no_byte_more) {
    const std::string most(64 * 1024, 's');
    EXPECT_EQ(from_file_with(most).reveal(), most);
    const auto more = from_file_with(most + "s");
    EXPECT_TRUE(more.empty());
    EXPECT_EQ(more.problem(), "file " + path + " is larger than 64 KiB");
}

TEST_F(secret_test, never_tells_the_credential_in_a_problem) {
    const auto s = from_file_with(std::string(70'000, 's'));
    EXPECT_EQ(s.problem().find("ss"), std::string_view::npos);
}

TEST_F(secret_test, is_shared_by_its_copies) {
    auto original = std::make_unique<secret>("shared");
    const secret copy = *original;
    EXPECT_EQ(copy.reveal().data(), original->reveal().data());
    original.reset();
    EXPECT_EQ(copy.reveal(), "shared");
}

}  // namespace
}  // namespace logferry
