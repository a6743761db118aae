// What becomes of records that a vendor will never take.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "told_world.hpp"

namespace logferry::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class letters_world : public told_world {
protected:
    letters_world() { std::remove(path.c_str()); }
    ~letters_world() override { std::remove(path.c_str()); }

    [[nodiscard]] options with_file(vendor_options to) {
        auto opts = quiet({{std::move(to)}});
        opts.dead_letters.file = path;
        return opts;
    }
    [[nodiscard]] std::string text() const {
        std::stringstream all;
        all << std::ifstream(path, std::ios::binary).rdbuf();
        return all.str();
    }
    [[nodiscard]] std::vector<json> lines() const {
        std::vector<json> all;
        std::ifstream in(path, std::ios::binary);
        for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
        return all;
    }

    const std::string path = testing::TempDir() + "letters_kept_" + std::to_string(::getpid());
};

class letters_kept : public letters_world, public testing::WithParamInterface<std::string> {};

// The vendor's answer repeats the credential, as one that echoes the request would.
TEST_P(letters_kept, with_status_and_reason_and_without_the_credential) {
    const auto credential = server.token(GetParam());
    server.fail_next(GetParam(),
                     {.status = 422, .body = R"({"status": false, "message": "bad token )" + credential + "\"}"});
    const auto to = shipper::open(with_file(vendor(GetParam())));
    submit(*to, level::warn);
    const auto book = settled(*to);
    EXPECT_EQ(book.rejected, 1u);
    EXPECT_EQ(book.dead_lettered, 1u);
    EXPECT_EQ(book.dead_letters_lost, 0u);
    to->close(seconds(10));

    ASSERT_EQ(lines().size(), 1u);
    const auto line = lines()[0];
    EXPECT_EQ(line["status"], 422);
    EXPECT_EQ(line["destination"], GetParam());
    EXPECT_EQ(line["vendor"], GetParam());
    EXPECT_NE(line["reason"], "");
    EXPECT_EQ(line["record"]["level"], "warn");
    EXPECT_THAT(line["record"]["message"].get<std::string>(), HasSubstr("0 mmm"));
    EXPECT_EQ(line["record"]["fields"][2], json::parse(R"({"key": "path", "value": "/products/0"})"));
    EXPECT_THAT(text(), Not(HasSubstr(credential)));
    ASSERT_THAT(events(event::kind::spilled), ElementsAre(HasSubstr(path)));
    EXPECT_THAT(events(event::kind::spilled)[0], Not(HasSubstr(credential)));
}

TEST_P(letters_kept, in_no_file_when_there_is_none) {
    server.fail_next(GetParam(), {.status = 422});
    const auto to = shipper::open(quiet({{vendor(GetParam())}}));
    submit(*to, level::info);
    const auto book = settled(*to);
    EXPECT_EQ(book.rejected, 1u);
    EXPECT_EQ(book.dead_lettered, 0u);
    EXPECT_EQ(book.dead_letters_lost, 1u);
    EXPECT_TRUE(events(event::kind::spilled).empty());
}

INSTANTIATE_TEST_SUITE_P(vendors, letters_kept,
                         testing::Values("logsfori", "logsh", "logsentry", "profound", "logwire"), name_of);

class letters_file : public letters_world {};

TEST_F(letters_file, that_cannot_be_used_is_told_and_the_loss_counted) {
    std::ofstream(path) << "somebody else's\n";
    std::filesystem::permissions(path, std::filesystem::perms(0644));
    server.fail_next("logwire", {.status = 422}, 3);
    const auto to = shipper::open(with_file(vendor("logwire")));
    for (int i = 0; i < 3; ++i) submit(*to, level::info);
    const auto book = settled(*to);
    EXPECT_EQ(book.rejected, 3u);
    EXPECT_EQ(book.dead_lettered, 0u);
    EXPECT_EQ(book.dead_letters_lost, 3u);
    EXPECT_THAT(events(event::kind::spilled), ElementsAre(HasSubstr("its mode must be 0600")));
    EXPECT_EQ(text(), "somebody else's\n");
}

TEST_F(letters_file, is_shared_by_two_shippers_of_one_program) {
    constexpr int each = 8;
    for (const auto* name : {"logsfori", "logwire"}) server.fail_next(name, {.status = 422}, each);
    const auto one = shipper::open(with_file(vendor("logsfori")));
    const auto two = shipper::open(with_file(vendor("logwire")));
    for (int i = 0; i < each; ++i) {
        submit(*one, level::info);
        submit(*two, level::info);
    }
    EXPECT_EQ(settled(*one).dead_lettered + settled(*two).dead_lettered, std::uint64_t{2 * each});
    EXPECT_EQ(lines().size(), std::size_t{2 * each});
}

}  // namespace
}  // namespace logferry::test
