// Options to what a shipper is built from. Only the check makes it, so nothing invalid reaches running code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <delivery/destination.hpp>
#include <journal/journal.hpp>
#include <logferry/options.hpp>
#include <logferry/vendor.hpp>
#include <vendors/make_vendor.hpp>

namespace logferry::shipping {

/// One destination, ready to be used.
struct checked_destination {
    std::string name;
    /// What the vendor was made from.
    vendor_options options;
    vendors::vendor_context context;
    std::shared_ptr<vendor> to;
    delivery::settings chosen;
    http_options http;
};

/// A whole configuration without problems.
class checked_options {
public:
    /// Throws `config_error` with everything that is wrong.
    explicit checked_options(const options& raw);

    [[nodiscard]] const std::vector<checked_destination>& destinations() const noexcept { return destinations_; }
    /// Without the way to wake the consumer, which the shipper adds.
    [[nodiscard]] const journal::settings& buffer() const noexcept { return buffer_; }
    [[nodiscard]] std::size_t max_record() const noexcept { return max_record_; }

private:
    void add_destination(std::vector<config_problem>& found, const destination& d, const std::string& path,
                         const options& raw);

    std::vector<checked_destination> destinations_;
    journal::settings buffer_;
    std::size_t max_record_ = 0;
};

}  // namespace logferry::shipping
