// An HTTP request as a record for Profound, and what becomes of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <logferry/vendors/profound.hpp>
#include "encoding.hpp"

namespace logferry::test {

/// 2024-01-11T12:00:00Z, the time in the example of the vendor's document.
inline constexpr std::int64_t noon = 1'704'974'400'000'000'000;

inline profound with_token() { return {secret("bot_PROFOUND_LOG_INGESTION_TOKEN")}; }

/// Adds the six required fields, any of which a test may replace: the last field of a name counts.
inline record_builder& request(record_builder& record) {
    record.message("GET /products").time_ns(noon);
    record.field("method", "GET").field("host", "example.com").field("path", "/products").field("status_code", 200);
    return record.field("ip", "192.168.1.1").field("user_agent", "Mozilla/5.0...");
}

/// What becomes of the request with one field replaced.
inline sent request_with(std::string_view key, value v, const profound& options = with_token()) {
    record_builder record;
    return send(*open(options), request(record).field(key, v));
}

/// That member of the entry; null when it is left out.
inline json member(std::string_view key, value v) {
    const auto s = request_with(key, v);
    EXPECT_EQ(s.result.what, encoded::result::ok) << s.result.reason;
    return s.body.value(std::string(key), json());
}

inline bool is_rejected(std::string_view key, value v) {
    const auto s = request_with(key, v);
    EXPECT_EQ(s.result.reason.empty(), s.result.what == encoded::result::ok);
    return s.result.what == encoded::result::rejected;
}

}  // namespace logferry::test
