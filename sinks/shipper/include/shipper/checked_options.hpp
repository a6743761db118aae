// Options to what a shipper is built from. Only the check makes it, so nothing invalid reaches running code.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <delivery/destination.hpp>
#include <journal/journal.hpp>
#include <journal/spool.hpp>
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

/// A forked child gets its own without anybody there to read an exception.
enum class opener : std::uint8_t { program, forked_child };

/// A whole configuration without problems.
class checked_options {
public:
    /// Throws `config_error` with everything that is wrong.
    explicit checked_options(const options& raw, opener by = opener::program);

    [[nodiscard]] const std::vector<checked_destination>& destinations() const noexcept { return destinations_; }
    /// Without the way to wake the consumer, which the shipper adds.
    [[nodiscard]] const journal::settings& buffer() const noexcept { return buffer_; }
    [[nodiscard]] std::size_t max_record() const noexcept { return max_record_; }
    /// Nothing without a spool.
    [[nodiscard]] const std::optional<journal::spool_settings>& spool() const noexcept { return spool_; }
    [[nodiscard]] std::size_t quarantine_size() const noexcept { return quarantine_size_; }
    [[nodiscard]] opener by() const noexcept { return by_; }

private:
    void add_destination(std::vector<config_problem>& found, const destination& d, const std::string& path,
                         const options& raw);

    std::vector<checked_destination> destinations_;
    journal::settings buffer_;
    std::size_t max_record_ = 0;
    std::optional<journal::spool_settings> spool_;
    std::size_t quarantine_size_ = 0;
    opener by_;
};

}  // namespace logferry::shipping
