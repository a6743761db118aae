// The fuzzer's oracle on a fixed sequence of spoilt documents, in every build. tests/fuzz/run looks further.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fuzz/config_oracle.hpp>

namespace logferry::config {
namespace {

constexpr int spoilt_documents = 4000;

std::vector<std::string> corpus() {
    std::vector<std::string> texts;
    for (const auto& file : std::filesystem::recursive_directory_iterator(LOGFERRY_TEST_DOCUMENTS)) {
        if (!file.is_regular_file()) continue;
        std::ifstream in(file.path(), std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    // The same for the same seed, in whatever order the directory is.
    std::sort(texts.begin(), texts.end());
    return texts;
}

class spoiler {
public:
    explicit spoiler(std::vector<std::string> texts) : texts_(std::move(texts)) {}

    std::string next() {
        auto text = texts_[below(texts_.size())];
        for (auto changes = 1 + below(4); changes > 0; --changes) change(text);
        return text;
    }

private:
    std::size_t below(std::size_t end) { return random_() % end; }

    void change(std::string& text) {
        static constexpr std::array<std::string_view, 20> pieces = {
            "{",    "}",        "[",         "]",    ",",
            ":",    "\"",       "\\u0000",   "null", "-1",
            "1e99", "\"5s\"",   "\"env:X\"", "true", "{}",
            "[[[[", "\xC3\xA9", "\xFF",      "\n=",  "\"vendor\":\"logsh\","};
        const auto at = below(text.size() + 1);
        const auto& other = texts_[below(texts_.size())];
        switch (below(5)) {
            case 0:
                text.insert(at, pieces[below(pieces.size())]);
                break;
            case 1:
                text.erase(at, below(40));
                break;
            case 2:
                text.insert(at, other, below(other.size() + 1), below(100));
                break;
            case 3:
                text.resize(at);
                break;
            default:
                text.insert(at, 1, static_cast<char>(below(256)));
        }
    }

    std::vector<std::string> texts_;
    std::minstd_rand random_{20260};
};

TEST(reading_a_configuration, survives_any_text) {
    const auto texts = corpus();
    ASSERT_GT(texts.size(), 50U);
    for (const auto& text : texts) EXPECT_EQ(fault_in_reading(text), "") << text;
    spoiler spoilt(texts);
    for (int i = 0; i < spoilt_documents; ++i) {
        const auto text = spoilt.next();
        ASSERT_EQ(fault_in_reading(text), "") << "document " << i << ":\n" << text;
    }
}

TEST(reading_a_configuration, survives_settings) {
    for (const auto* text :
         {"Vendor=logsh\nWorkspace=shop\nApiKey=env:HOME", "Vendor=logsh\nVendor=logsh", "=", "\n\n",
          "Vendor=logsfori\nToken=x\nSeverities={\"warn\":", "Vendor=profound\nApiKey=x\nRedact=,,,"}) {
        EXPECT_EQ(fault_in_reading(text), "") << text;
    }
}

}  // namespace
}  // namespace logferry::config
