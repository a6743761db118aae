// The credential among the options, found to be replaced.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vendors/credential.hpp>
#include "profound_request.hpp"

namespace logferry::test {
namespace {

struct where {
    vendor_options options;
    std::string field;
};

std::vector<where> vendors_with_field() {
    return {{logsfori{secret("old")}, "token"},
            {logsh{"shop", secret("old")}, "api_key"},
            {logsentry{12, secret("old")}, "token"},
            {profound{secret("old")}, "api_key"},
            {logwire{"https://logs.example.org", "42", secret("old")}, "token"}};
}

TEST(credential_of, is_what_the_vendor_sends) {
    for (auto& [options, field] : vendors_with_field()) {
        auto changed = options;
        auto* credential = vendors::credential_of(changed);
        ASSERT_NE(credential, nullptr);
        EXPECT_EQ(credential->reveal(), "old");
        *credential = secret("new");

        record_builder record;
        request(record);  // Profound takes nothing else
        const auto sends = [&](const vendor_options& with) {
            const auto made = open(with);
            std::string all;
            made->encode(record.view(), {}, all);
            for (const auto& h : made->endpoint().headers) all += h.value + '\n';
            return all;
        };
        EXPECT_NE(sends(changed).find("new"), std::string::npos) << field;
        EXPECT_EQ(sends(changed).find("old"), std::string::npos) << field;
        EXPECT_NE(sends(options).find("old"), std::string::npos) << "the copy alone was changed";
    }
}

TEST(credential_of, is_checked_again_under_the_fields_name) {
    for (auto& [options, field] : vendors_with_field()) {
        *vendors::credential_of(options) = secret("line\nbreak");
        EXPECT_NE(only_problem_with(options, field).find("control byte"), std::string::npos);
        EXPECT_EQ(vendors::credential_field(options), field);
    }
}

TEST(credential_of, is_not_known_of_an_applications_own_vendor) {
    vendor_options own = open(logsfori{secret("t")});
    EXPECT_EQ(vendors::credential_of(own), nullptr);
    EXPECT_EQ(vendors::credential_field(own), "");
}

}  // namespace
}  // namespace logferry::test
