// Spools that earlier releases wrote are read for ever. The files in golden/ were made once, by a program that knew
// docs/spool-format.md and nothing else, and never change.
#include <filesystem>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>

#include "recovery_fixture.hpp"

namespace logferry::journal {
namespace {

/// Lines of hexadecimal bytes, and of "zeroes <how many>".
spool_writer::bytes golden(const std::string& name) {
    std::ifstream file(std::filesystem::path(LOGFERRY_GOLDEN_FILES) / name);
    if (!file) throw std::runtime_error("a golden file is missing");
    spool_writer::bytes bytes;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        if (line.starts_with("zeroes ")) {
            bytes.resize(bytes.size() + std::stoul(line.substr(7)));
            continue;
        }
        for (std::size_t i = 0; i < line.size(); i += 2) {
            bytes.push_back(static_cast<std::byte>(std::stoul(line.substr(i, 2), nullptr, 16)));
        }
    }
    return bytes;
}

class golden_test : public recovery_test {
protected:
    golden_test() : middle(256, ' ') { std::iota(middle.begin(), middle.end(), '\0'); }

    void put_version_1() {
        os.put_file(path("18a9d3c200000000-0000000000000003.segment"), golden("v1.segment.txt"));
        os.put_file(path("18a9d3c200000000.cursors"), golden("v1.cursors.txt"));
    }

    std::string middle;
};

TEST_F(golden_test, reads_version_1) {
    put_version_1();
    ASSERT_EQ(os.bytes(path("18a9d3c200000000-0000000000000003.segment")).size(), 4096u + 65536u);
    const auto process = live({"logsh", "otlp", "new"});
    EXPECT_EQ(read_all(*process->old, 0), (texts{"", middle, "größe"})) << "the first and the last were settled";
    const texts all{"first", "", middle, "größe", "last, settled before"};
    EXPECT_EQ(read_all(*process->old, 1), all);
    EXPECT_EQ(read_all(*process->old, 2), all);
    const auto& counts = process->old->counts();
    EXPECT_EQ(counts.unfinished_records, 1u);
    EXPECT_EQ(counts.damaged_places, 0u);
    EXPECT_EQ(counts.foreign_files, 0u);
    EXPECT_EQ(left(), texts{});
}

TEST_F(golden_test, keeps_the_ids_of_version_1) {
    put_version_1();
    const auto process = live({"otlp"});
    std::vector<position> places;
    std::uint64_t journal_id = 0;
    for (entry e; process->old->cursor(0).next(e, journal_id);) places.push_back(e.at);
    EXPECT_EQ(journal_id, 0x0123456789abcdefu);
    EXPECT_EQ(places, (std::vector<position>{0x30000, 0x30020, 0x30070, 0x301f0, 0x30210}));
}

}  // namespace
}  // namespace logferry::journal
