// Options to what a shipper is built from. Only the check makes it, so nothing invalid reaches running code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <delivery/destination.hpp>
#include <journal/journal.hpp>
#include <logferry/options.hpp>
#include <logferry/vendor.hpp>

namespace logferry::shipping {

/// One destination, ready to be used.
struct checked_destination {
    std::string name;
    std::shared_ptr<vendor> to;
    delivery::settings chosen;
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
    std::vector<checked_destination> destinations_;
    journal::settings buffer_;
    std::size_t max_record_ = 0;
};

}  // namespace logferry::shipping
