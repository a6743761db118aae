// Bytes that are no record, or no longer one: refused or read within their bounds. AddressSanitizer watches the bounds.
#include <memory>
#include <random>

#include "record_fixture.hpp"

namespace logferry::record {
namespace {

std::vector<std::byte> some_record() {
    const field fields[] = {{"text", "hello"}, {"n", 1},    {"u", std::uint64_t{2}},
                            {"f", 1.5},        {"b", true}, {"j", value::json("{}")}};
    record_input input;
    input.logger = "shop";
    input.message = "a message";
    input.source = {"file.cpp", "function", 3};
    input.fields = fields;
    input.field_count = std::size(fields);
    return flatten(input);
}

// On the heap and of the exact size, so that a byte too far is seen.
std::optional<std::size_t> read_everything(bytes flat) {
    const auto exact = std::make_unique<std::byte[]>(flat.size());
    std::copy(flat.begin(), flat.end(), exact.get());
    const auto view = parse({exact.get(), flat.size()}, {});
    if (!view) return std::nullopt;
    std::size_t sum = 0;
    const auto touch = [&sum](std::string_view text) {
        for (const char c : text) sum += static_cast<unsigned char>(c);
    };
    for (const auto part : {view->logger, view->message, view->source.file, view->source.function}) touch(part);
    for (const auto& f : view->fields) {
        touch(f.key);
        touch(f.val.text());
        sum += f.val.uint64() + (f.val.boolean() ? 1 : 0);
    }
    return sum;
}

TEST(corrupt, is_not_what_was_just_written) { EXPECT_TRUE(read_everything(some_record())); }

TEST(corrupt, is_every_truncation) {
    const auto flat = some_record();
    for (std::size_t size = 0; size < flat.size(); ++size) {
        EXPECT_FALSE(read_everything(bytes(flat).first(size))) << size << " of " << flat.size() << " bytes";
    }
}

TEST(corrupt, is_every_prolongation) {
    auto flat = some_record();
    for (int i = 0; i < 20; ++i) {
        flat.push_back(std::byte{0});
        EXPECT_FALSE(read_everything(flat));
    }
}

TEST(corrupt, is_a_level_that_no_record_has) {
    auto flat = some_record();
    for (int lvl = static_cast<int>(level::off); lvl < 256; ++lvl) {
        flat[34] = static_cast<std::byte>(lvl);
        EXPECT_FALSE(read_everything(flat));
    }
}

TEST(corrupt, are_lengths_whose_sum_overflows) {
    auto flat = some_record();
    // A message of 4 GiB less one, and fields to match: their sum would be small again in 32 bits.
    for (std::size_t i = 16; i < 24; ++i) flat[i] = std::byte{0xFF};
    EXPECT_FALSE(read_everything(flat));
}

TEST(corrupt, are_fields_that_are_none) {
    const auto whole = some_record();
    const auto fields_at = whole.size() - std::to_integer<std::size_t>(whole[20]);
    const auto with = [&](std::size_t offset, int byte) {
        auto flat = whole;
        flat[fields_at + offset] = static_cast<std::byte>(byte);
        return read_everything(flat).has_value();
    };
    EXPECT_TRUE(with(0, 0));
    EXPECT_FALSE(with(0, 6)) << "no such kind";
    EXPECT_FALSE(with(0, 1)) << "a number of five bytes";
    EXPECT_FALSE(with(0, 4)) << "a truth of five bytes";
    EXPECT_FALSE(with(1, 1)) << "this byte is 0";
    EXPECT_FALSE(with(2, 200)) << "a key that is longer than all fields";
    EXPECT_FALSE(with(4, 200)) << "a value that is longer than all fields";
    EXPECT_FALSE(with(7, 0xFF)) << "a value of 4 GiB";
}

TEST(corrupt, is_survived_wherever_it_hits) {
    const unsigned seed = 8086;
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto whole = some_record();
    int refused = 0;
    for (int i = 0; i < 50'000; ++i) {
        auto flat = whole;
        for (auto hits = random() % 4 + 1; hits > 0; --hits) flat[random() % flat.size()] = std::byte(random());
        if (random() % 4 == 0) flat.resize(random() % (flat.size() + 1));
        if (!read_everything(flat)) ++refused;
    }
    EXPECT_GT(refused, 1000);
}

TEST(corrupt, is_survived_when_it_is_all_there_is) {
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::vector<std::byte> noise(random() % 200);
        for (auto& b : noise) b = random() % 2 ? std::byte{0} : std::byte(random());
        read_everything(noise);
    }
}

}  // namespace
}  // namespace logferry::record
