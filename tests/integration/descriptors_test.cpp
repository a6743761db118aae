// What the children of a program with a sink inherit: nothing of the sink's.
#include "fork_test.hpp"

#include <array>
#include <cstdio>
#include <filesystem>

namespace logferry::test {
namespace {

class descriptors_test : public fork_test {
protected:
    /// What the program says: a line for each of its kinds of children, by kind.
    std::map<std::string, std::string> lists_of(const std::string& arguments) {
        std::ostringstream command;
        command << LOGFERRY_LISTS_DESCRIPTORS << ' ' << arguments;
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(::popen(command.str().c_str(), "r"), ::pclose);
        std::map<std::string, std::string> lists;
        std::array<char, 4096> line;
        while (std::fgets(line.data(), line.size(), out.get()) != nullptr) {
            const std::string text = line.data();
            lists[text.substr(0, text.find(' '))] = text.substr(text.find(' '));
        }
        return lists;
    }
    void expect_children_inherit_nothing(const std::string& more_arguments = "") {
        std::ostringstream arguments;
        arguments << "with " << server.base_url("logsfori") << ' ' << server.token("logsfori") << more_arguments;
        auto with = lists_of(arguments.str());
        const auto without = lists_of("without");
        ASSERT_EQ(without.size(), 4u);
        // Or else there was nothing to inherit.
        EXPECT_GT(with["itself"].size(), without.at("itself").size());
        with["itself"] = without.at("itself");
        EXPECT_EQ(with, without);
    }
};

TEST_F(descriptors_test, children_inherit_nothing) { expect_children_inherit_nothing(); }

TEST_F(descriptors_test, children_inherit_nothing_of_a_spool) {
    const auto spool = testing::TempDir() + "descriptors_test." + std::to_string(::getpid());
    expect_children_inherit_nothing(" " + spool);
    std::filesystem::remove_all(spool);
}

}  // namespace
}  // namespace logferry::test
