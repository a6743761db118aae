// A vendor that reads every record and sends none, so that the worker does its work beside the producers and no network
// decides a figure.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <logferry/options.hpp>
#include <logferry/vendor.hpp>

namespace bench {

class filtering_vendor final : public logferry::vendor {
public:
    std::string_view name() const noexcept override { return "filtering"; }
    const logferry::vendor_limits& limits() const noexcept override { return limits_; }
    const logferry::http_endpoint& endpoint() const noexcept override { return endpoint_; }
    logferry::encoded encode(const logferry::record_view& record, std::chrono::steady_clock::time_point,
                             std::string&) override {
        bytes_ += record.message.size();
        logferry::encoded result;
        result.what = logferry::encoded::result::filtered;
        return result;
    }
    logferry::outcome judge(const logferry::http_response&, std::size_t) const override { return {}; }

private:
    logferry::vendor_limits limits_;
    logferry::http_endpoint endpoint_{"http://127.0.0.1:9/", {}};
    std::size_t bytes_ = 0;
};

/// Options with that vendor; a spool where `spool` is not empty.
inline logferry::options filtering(const std::string& spool = {}) {
    logferry::options options;
    options.destinations.push_back({std::static_pointer_cast<logferry::vendor>(std::make_shared<filtering_vendor>())});
    options.buffer.spool = spool;
    return options;
}

}  // namespace bench
