// A vendor made from its options, records to encode with it, and answers to judge.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <logferry/options.hpp>
#include <logferry/vendor.hpp>
#include <nlohmann/json.hpp>
#include <support/record_builder.hpp>
#include <vendors/make_vendor.hpp>

namespace logferry::test {

/// What is wrong with the options, as `shipper::open` would list it.
inline std::vector<config_problem> problems_with(const vendor_options& options, bool allow_insecure = false) {
    std::vector<config_problem> problems;
    vendors::vendor_context context;
    context.allow_insecure = allow_insecure;
    context.path = "destinations[0].";
    const auto made = vendors::make_vendor(options, context, problems);
    EXPECT_EQ(made == nullptr, !problems.empty()) << "a vendor is made if, and only if, nothing is wrong";
    return problems;
}

/// The message of the only problem, which must be with `field`.
inline std::string only_problem_with(const vendor_options& options, std::string_view field) {
    const auto problems = problems_with(options);
    if (problems.size() != 1) {
        ADD_FAILURE() << problems.size() << " problems instead of one";
        return {};
    }
    EXPECT_EQ(problems[0].field, "destinations[0]." + std::string(field));
    return problems[0].message;
}

inline http_response answer(int status, std::string body = {}, std::string retry_after = {}) {
    http_response response;
    response.status = status;
    response.body = std::move(body);
    response.retry_after = std::move(retry_after);
    return response;
}

inline http_response no_answer(http_failure failure, std::string error = {}) {
    http_response response;
    response.failure = failure;
    response.error = std::move(error);
    return response;
}

/// Length as JavaScript counts it, for well-formed text.
inline std::size_t utf16_length(std::string_view text) {
    std::size_t units = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
    }
    return units;
}

class vendor_fixture : public ::testing::Test {
protected:
    using json = nlohmann::json;
    using verdict = outcome::verdict;
    using pause = outcome::pause;
    using result = encoded::result;

    void use(const vendor_options& options, const service_options& service = {}) {
        std::vector<config_problem> problems;
        vendors::vendor_context context;
        context.service = service;
        vendor_ = vendors::make_vendor(options, context, problems);
        for (const auto& p : problems) ADD_FAILURE() << p.field << ": " << p.message;
        if (!vendor_) throw std::logic_error("the vendor's options are wrong");
    }

    vendor& subject() { return *vendor_; }

    /// The body that the record makes, parsed; what `encode` said about it is in `last`.
    json sent(const record_view& record) {
        body_.clear();
        last = vendor_->encode(record, now, body_);
        EXPECT_EQ(last.what, result::ok) << last.reason;
        auto parsed = json::parse(body_, nullptr, false);
        EXPECT_FALSE(parsed.is_discarded()) << body_;
        return parsed;
    }
    json sent(record_builder& record) { return sent(record.view()); }
    json sent(record_builder&& record) { return sent(record.view()); }

    /// The bytes behind the last `sent`.
    [[nodiscard]] const std::string& raw() const { return body_; }

    [[nodiscard]] outcome judged(const http_response& response) const { return vendor_->judge(response, 1); }

    encoded last;
    std::chrono::steady_clock::time_point now{};

private:
    std::shared_ptr<vendor> vendor_;
    std::string body_;
};

}  // namespace logferry::test
