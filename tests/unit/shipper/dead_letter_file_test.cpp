// The file of the records that no vendor takes: what stands in it, and which files are refused.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <shipper/dead_letter_file.hpp>
#include <support/record_builder.hpp>

namespace logferry::shipping {
namespace {

using nlohmann::json;
using result = dead_letter_file::result;
using testing::HasSubstr;

class dead_letter_file_test : public testing::Test {
protected:
    dead_letter_file_test() {
        std::string pattern = testing::TempDir() + "dead_letters_XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
        folder = pattern;
        path = folder / "letters";
    }
    ~dead_letter_file_test() override { std::filesystem::remove_all(folder); }

    [[nodiscard]] dead_letter_file file(std::size_t max_bytes = 1 << 20) const {
        return dead_letter_file({path.string(), max_bytes});
    }
    dead_letter_file::answer append(test::record_builder& record, std::string_view reason = "unknown field") const {
        return append(file(), record, reason);
    }
    static dead_letter_file::answer append(const dead_letter_file& to, test::record_builder& record,
                                           std::string_view reason = "unknown field") {
        const auto view = record.view();
        return to.append("audit", "logsentry", {&view, 422, reason});
    }
    dead_letter_file::answer append(std::string_view message) const {
        test::record_builder record;
        record.message(message);
        return append(record);
    }
    /// Each line, parsed; a line that is no JSON throws.
    static std::vector<json> lines(const std::filesystem::path& of) {
        std::vector<json> all;
        std::ifstream in(of, std::ios::binary);
        for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
        return all;
    }
    [[nodiscard]] std::vector<json> lines() const { return lines(path); }
    [[nodiscard]] json only_line() const {
        const auto all = lines();
        EXPECT_EQ(all.size(), 1u);
        return all.empty() ? json() : all.front();
    }
    [[nodiscard]] mode_t mode() const {
        struct stat is {};
        EXPECT_EQ(::stat(path.c_str(), &is), 0);
        return is.st_mode & 07777;
    }
    void expect_refused(std::string_view why) const {
        const auto answer = append("refused");
        EXPECT_EQ(answer.what, result::failed);
        EXPECT_THAT(answer.problem, HasSubstr(std::string(why)));
    }

    std::filesystem::path folder;
    std::filesystem::path path;
};

TEST_F(dead_letter_file_test, without_a_path_keeps_nothing) {
    test::record_builder record;
    EXPECT_EQ(append(dead_letter_file({}), record).what, result::off);
}

TEST_F(dead_letter_file_test, holds_the_record_and_why_it_is_there) {
    test::record_builder record;
    record.lvl(level::err).logger("shop").message("payment failed").thread(77).source("pay.cpp", 12, "pay");
    record.time_ns(1'742'379'826'123'456'789);
    EXPECT_EQ(append(record).what, result::kept);
    auto line = only_line();
    EXPECT_THAT(line["at"].get<std::string>(), testing::MatchesRegex("20..-..-..T..:..:..\\....Z"));
    line.erase("at");
    EXPECT_EQ(line, json::parse(R"({
        "destination": "audit", "vendor": "logsentry", "status": 422, "reason": "unknown field",
        "record": {"record_id": "0123456789abcdef000000000000002a", "time": "2025-03-19T10:23:46.123456789Z",
                   "level": "error", "logger": "shop", "message": "payment failed", "thread_id": 77,
                   "source": {"file": "pay.cpp", "line": 12, "function": "pay"}, "fields": []}})"));
}

TEST_F(dead_letter_file_test, keeps_fields_of_every_type_in_their_order_and_twice_if_they_came_twice) {
    test::record_builder record;
    record.field("s", "text").field("i", std::int64_t{INT64_MIN}).field("u", std::uint64_t{UINT64_MAX});
    record.field("f", 2.5).field("b", true).field("j", value::json(R"({"a":[1,null]})")).field("s", "again");
    record.field("broken", value::json("{\"a\":")).field("nan", std::numeric_limits<double>::quiet_NaN());
    ASSERT_EQ(append(record).what, result::kept);
    const auto fields = only_line()["record"]["fields"];
    ASSERT_EQ(fields.size(), 9u);
    const auto expect = [&](std::size_t i, std::string_view key, const json& val) {
        EXPECT_EQ(fields[i]["key"], key);
        EXPECT_EQ(fields[i]["value"], val) << key;
    };
    expect(0, "s", "text");
    // Integers that a double would round travel as text.
    EXPECT_THAT(fields[1]["value"].dump(), HasSubstr("-9223372036854775808"));
    EXPECT_THAT(fields[2]["value"].dump(), HasSubstr("18446744073709551615"));
    expect(3, "f", 2.5);
    expect(4, "b", true);
    expect(5, "j", json::parse(R"({"a":[1,null]})"));
    expect(6, "s", "again");
    expect(7, "broken", "{\"a\":");
    EXPECT_FALSE(fields[8]["value"].is_number());
}

TEST_F(dead_letter_file_test, is_one_line_of_valid_json_whatever_bytes_the_record_holds) {
    std::string every_byte;
    for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
    test::record_builder record;
    record.logger(every_byte).message("\n\r" + every_byte).source(every_byte, 1, every_byte);
    record.field(every_byte, every_byte).field("", "\xed\xa0\x80");
    ASSERT_EQ(append(record, every_byte).what, result::kept);
    const auto line = only_line();
    EXPECT_THAT(line["record"]["message"].get<std::string>(), HasSubstr(" !\"#$%&'()*+,-./0123456789"));
    EXPECT_EQ(line["record"]["message"].get<std::string>().substr(0, 2), "\n\r");
}

TEST_F(dead_letter_file_test, tells_of_a_record_whose_bytes_are_gone) {
    EXPECT_EQ(file().append("audit", "logsentry", {nullptr, 0, "too large"}).what, result::kept);
    const auto line = only_line();
    EXPECT_TRUE(line["record"].is_null());
    EXPECT_EQ(line["status"], 0);
    EXPECT_EQ(line["reason"], "too large");
}

TEST_F(dead_letter_file_test, is_the_owners_alone_whatever_the_umask) {
    const auto before = ::umask(0);
    append("private");
    ::umask(before);
    EXPECT_EQ(mode(), 0600u);
}

TEST_F(dead_letter_file_test, is_appended_to) {
    append("first");
    EXPECT_EQ(append("second").what, result::kept);
    ASSERT_EQ(lines().size(), 2u);
    EXPECT_EQ(lines()[0]["record"]["message"], "first");
    EXPECT_EQ(lines()[1]["record"]["message"], "second");
}

TEST_F(dead_letter_file_test, is_made_anew_after_it_was_moved_away) {
    const auto to = file();
    test::record_builder record;
    append(to, record);
    std::filesystem::rename(path, folder / "moved");
    EXPECT_EQ(append(to, record).what, result::kept);
    EXPECT_EQ(lines().size(), 1u);
    EXPECT_EQ(lines(folder / "moved").size(), 1u);
    EXPECT_EQ(mode(), 0600u);
}

TEST_F(dead_letter_file_test, grows_no_further_than_its_cap) {
    constexpr std::size_t cap = 4096;
    const auto to = file(cap);
    test::record_builder record;
    record.message(std::string(300, 'm'));
    std::size_t kept = 0;
    while (append(to, record).what == result::kept) ++kept;
    EXPECT_EQ(append(to, record).what, result::full);
    EXPECT_EQ(append(to, record).problem, "");
    EXPECT_EQ(lines().size(), kept);
    const auto line = std::filesystem::file_size(path) / kept;
    EXPECT_LE(std::filesystem::file_size(path), cap);
    EXPECT_GT(std::filesystem::file_size(path) + line, cap) << "there was no room for one more";

    std::filesystem::remove(path);
    EXPECT_EQ(append(to, record).what, result::kept) << "there is room again";
}

TEST_F(dead_letter_file_test, takes_a_line_that_just_fits) {
    append("a");
    const auto line = std::filesystem::file_size(path);
    test::record_builder record;
    record.message("a");
    EXPECT_EQ(append(file(2 * line), record).what, result::kept);
    EXPECT_EQ(append(file(3 * line - 1), record).what, result::full);
}

TEST_F(dead_letter_file_test, refuses_a_symbolic_link) {
    const auto elsewhere = folder / "elsewhere";
    std::ofstream(elsewhere) << "";
    std::filesystem::create_symlink(elsewhere, path);
    expect_refused("symbolic links");
    EXPECT_EQ(std::filesystem::file_size(elsewhere), 0u);
}

TEST_F(dead_letter_file_test, refuses_a_symbolic_link_to_nowhere) {
    std::filesystem::create_symlink(folder / "not_there_yet", path);
    expect_refused("symbolic links");
    EXPECT_FALSE(std::filesystem::exists(folder / "not_there_yet"));
}

TEST_F(dead_letter_file_test, refuses_a_directory) {
    std::filesystem::create_directory(path);
    expect_refused("directory");
}

TEST_F(dead_letter_file_test, refuses_a_fifo_without_waiting_for_a_reader) {
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(append("nobody reads").what, result::failed);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(reader, 0);
    expect_refused("not a regular file");
    char byte = 0;
    EXPECT_EQ(::read(reader, &byte, 1), 0) << "nothing was written";
    ::close(reader);
}

TEST_F(dead_letter_file_test, refuses_a_device) {
    path = "/dev/full";
    expect_refused("not a regular file");
}

TEST_F(dead_letter_file_test, refuses_a_file_that_others_may_read_or_write) {
    for (const mode_t bits : {0640, 0604, 0620, 0602, 0610}) {
        std::filesystem::remove(path);
        append("first");
        ::chmod(path.c_str(), bits);
        expect_refused("its mode must be 0600");
        EXPECT_EQ(lines().size(), 1u) << std::oct << bits;
    }
}

TEST_F(dead_letter_file_test, refuses_a_file_with_a_second_name) {
    append("first");
    std::filesystem::create_hard_link(path, folder / "second_name");
    expect_refused("more than one name");
    EXPECT_EQ(lines().size(), 1u);
}

TEST_F(dead_letter_file_test, refuses_a_file_of_another_user) {
    append("first");
    if (::chown(path.c_str(), 65534, 65534) != 0) GTEST_SKIP() << "only root can give a file away";
    expect_refused("belongs to another user");
}

TEST_F(dead_letter_file_test, says_that_there_is_no_such_folder) {
    path = folder / "missing" / "letters";
    expect_refused("No such file or directory");
}

/// No file of this process grows beyond so many bytes while it lives.
class size_limit {
public:
    explicit size_limit(rlim_t bytes) : signal_before_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~size_limit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_before_);
    }
    size_limit(const size_limit&) = delete;
    size_limit& operator=(const size_limit&) = delete;

private:
    rlimit before_{};
    void (*signal_before_)(int);
};

TEST_F(dead_letter_file_test, leaves_no_half_line_when_there_is_no_more_space) {
    append("first");
    const auto before = std::filesystem::file_size(path);
    dead_letter_file::answer half;
    dead_letter_file::answer nothing;
    {
        const size_limit limit(before + 10);
        half = append("no room for all of this");
    }
    {
        const size_limit limit(before);
        nothing = append("no room for a byte of this");
    }
    EXPECT_EQ(half.what, result::failed);
    EXPECT_THAT(half.problem, HasSubstr("no room for the whole line"));
    EXPECT_EQ(nothing.what, result::failed);
    EXPECT_THAT(nothing.problem, HasSubstr("File too large"));
    EXPECT_EQ(std::filesystem::file_size(path), before);

    EXPECT_EQ(append("second").what, result::kept);
    EXPECT_EQ(lines().size(), 2u);
}

TEST_F(dead_letter_file_test, is_shared_by_processes_that_append_at_once) {
    constexpr int processes = 2;
    constexpr int each = 300;
    std::vector<pid_t> children;
    for (int p = 0; p < processes; ++p) {
        children.push_back(::fork());
        if (children.back() != 0) continue;
        bool all_kept = true;
        for (int i = 0; i < each; ++i) {
            const auto message = std::to_string(p) + "-" + std::to_string(i) + std::string(std::size_t(i) * 7, 'x');
            all_kept = append(message).what == result::kept && all_kept;
        }
        ::_exit(all_kept ? 0 : 1);
    }
    for (const auto child : children) {
        int status = -1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(lines().size(), std::size_t{processes * each});
}

}  // namespace
}  // namespace logferry::shipping
