#include "gzip.hpp"

#include <random>

#include <gmock/gmock.h>

#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// What a server makes of it.
std::string decoded(const std::string& compressed) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string in = compressed;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    std::string out;
    std::string piece(64 * 1024, '\0');
    int result = Z_OK;
    while (result == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = static_cast<uInt>(piece.size());
        result = inflate(&stream, Z_NO_FLUSH);
        out.append(piece.data(), piece.size() - stream.avail_out);
    }
    EXPECT_EQ(result, Z_STREAM_END);
    EXPECT_EQ(stream.avail_in, 0u);
    inflateEnd(&stream);
    return out;
}

std::string batch(std::size_t records) {
    std::string text = "[";
    for (std::size_t i = 0; i < records; ++i)
        text += R"({"level":"info","message":"order )" + std::to_string(i * 7919) + R"( paid"},)";
    text.back() = ']';
    return text;
}

std::string noise(std::size_t size) {
    std::mt19937 random(1);
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
}

TEST(gzip_encoder, gives_what_decodes_to_the_original_body_after_body) {
    gzip_encoder encoder;
    std::string out;
    for (const std::string& body :
         {batch(1000), std::string(), std::string("x"), noise(300'000), batch(1), batch(50)}) {
        encoder.compress(body, out);
        EXPECT_TRUE(decoded(out) == body) << body.size();
    }
}

TEST(gzip_encoder, makes_json_much_smaller) {
    gzip_encoder encoder;
    std::string out;
    const std::string body = batch(1000);
    encoder.compress(body, out);
    EXPECT_LT(out.size(), body.size() / 3);
}

TEST(gzip_encoder, uses_the_same_memory_again) {
    gzip_encoder encoder;
    std::string out;
    encoder.compress(batch(1000), out);
    const char* const memory = out.data();
    for (int i = 0; i < 10; ++i) encoder.compress(batch(900), out);
    EXPECT_EQ(out.data(), memory);
}

class gzip_request_test : public transport_test {
protected:
    void start_compressed(endpoint_id to, std::string_view body, std::uint64_t tag = 0) {
        transport_->start({.to = to, .body = body, .tag = tag, .gzip = true});
    }
};

TEST_F(gzip_request_test, carries_a_body_that_decodes_to_the_original_and_says_so) {
    raw_server server(always(answer(200)));
    const std::string body = batch(1000);
    start_compressed(endpoint(server.url()), body);
    EXPECT_EQ(finish(1)[0].response.status, 200);

    const raw_request got = server.requests().at(0);
    EXPECT_THAT(got.head, HasSubstr("\r\nContent-Encoding: gzip\r\n"));
    EXPECT_THAT(got.head, HasSubstr("\r\nContent-Type: text/plain\r\n"));
    EXPECT_THAT(got.head, HasSubstr("\r\nContent-Length: " + std::to_string(got.body.size()) + "\r\n"));
    EXPECT_TRUE(decoded(got.body) == body);
}

TEST_F(gzip_request_test, leaves_the_next_one_alone) {
    raw_server server(always(answer(200)));
    const auto to = endpoint(server.url());
    start_compressed(to, "first");
    finish(1);
    EXPECT_EQ(post(to, "second").status, 200);
    EXPECT_THAT(server.requests().at(1).head, Not(HasSubstr("Content-Encoding")));
    EXPECT_EQ(server.requests().at(1).body, "second");
}

TEST_F(gzip_request_test, is_in_flight_beside_others) {
    raw_server server(always(answer(200)));
    const auto to = endpoint(server.url());
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < 16; ++i) bodies.push_back(batch(i + 1));
    for (std::size_t i = 0; i < bodies.size(); ++i) start_compressed(to, bodies[i], i);
    finish(bodies.size());

    std::vector<std::string> arrived;
    for (const raw_request& each : server.requests()) arrived.push_back(decoded(each.body));
    EXPECT_THAT(arrived, ::testing::UnorderedElementsAreArray(bodies));
}

}  // namespace
}  // namespace logferry::transport
