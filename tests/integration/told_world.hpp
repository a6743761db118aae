// A world in which records are lost on purpose: a tiny buffer, a vendor that refuses the credential until the test
// gives the right one, and the reports of the losses as each vendor got them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "world.hpp"

namespace logferry::test {

/// For suites whose parameter is the name of a vendor.
inline std::string name_of(const testing::TestParamInfo<std::string>& vendor) { return vendor.param; }

/// What a vendor was told of losses.
struct loss_report {
    std::uint64_t lost = 0;
    std::string reasons;
    std::string levels;
    std::string from;
    std::string to;
};

class told_world : public world {
protected:
    /// A vendor with the right credential, or another one that looks like it.
    [[nodiscard]] vendor_options vendor(const std::string& name, const secret& credential) const {
        if (name == "logsfori") return logferry::logsfori{credential, server.base_url(name)};
        if (name == "logsh") return logferry::logsh{"Shop", credential, server.base_url(name)};
        if (name == "logsentry") return logferry::logsentry{12, credential, server.base_url(name)};
        if (name == "profound") return logferry::profound{credential, server.base_url(name)};
        return logferry::logwire{server.base_url(name), "channel", credential};
    }
    [[nodiscard]] vendor_options vendor(const std::string& name) const { return vendor(name, token(name)); }
    [[nodiscard]] static std::string wrong_text() { return "logsh.co_wrong-hunter2"; }
    [[nodiscard]] static secret wrong() { return secret(wrong_text()); }

    /// Nothing ends a pause of these options but a new credential.
    [[nodiscard]] options patient(vendor_options to) {
        auto opts = quiet({{std::move(to)}});
        opts.delivery.pause_min = std::chrono::hours(1);
        opts.delivery.pause_max = std::chrono::hours(2);
        return opts;
    }
    [[nodiscard]] options tiny(vendor_options to) {
        auto opts = patient(std::move(to));
        opts.buffer.size = 256 * 1024;
        return opts;
    }

    static constexpr std::int64_t first_time = 1'742'379'826'000'000'000;  // 2025-03-19T10:23:46Z

    /// One record of about a kilobyte that every vendor takes, Profound included, a millisecond after the one before.
    bool submit(shipper& to, level lvl) {
        const auto path = "/products/" + std::to_string(submitted_);
        const std::array<field, 8> fields = {{{"method", "GET"},
                                              {"host", "shop.example"},
                                              {"path", path},
                                              {"status_code", 200},
                                              {"ip", "192.0.2.1"},
                                              {"user_agent", "test"},
                                              {"bytes_sent", submitted_},
                                              {"duration_ms", 1}}};
        const auto message = std::to_string(submitted_) + " " + std::string(700, 'm');
        record_input record;
        record.lvl = lvl;
        record.time_ns = time_of(submitted_++);
        record.message = message;
        record.fields = fields.data();
        record.field_count = fields.size();
        return to.submit(record);
    }
    [[nodiscard]] static std::int64_t time_of(std::uint64_t number) {
        return first_time + static_cast<std::int64_t>(number) * 1'000'000;
    }
    /// Submits until `count` records were refused at the door.
    void submit_until_refused(shipper& to, level lvl, std::uint64_t count) {
        for (int i = 0; refused_[static_cast<std::size_t>(lvl)] < count; ++i) {
            ASSERT_LT(i, 100'000) << "the buffer does not fill";
            const auto number = submitted_;
            if (submit(to, lvl)) continue;
            ++refused_[static_cast<std::size_t>(lvl)];
            if (first_refused_ == 0) first_refused_ = number;
            last_refused_ = number;
        }
    }

    /// What the vendor keeps of a record's fields.
    [[nodiscard]] static json free_form(const std::string& vendor, const json& body) {
        if (vendor == "logsfori") return body["extra"];
        if (vendor == "logsh") return body["metadata"];
        if (vendor == "logsentry") return json::parse(body["context"].get<std::string>());
        return body["custom_references"];
    }
    /// Some vendors have texts only.
    [[nodiscard]] static std::uint64_t number(const json& n) {
        return n.is_string() ? std::stoull(n.get<std::string>()) : n.get<std::uint64_t>();
    }
    /// The reports that the vendor took. Profound has none.
    [[nodiscard]] std::vector<loss_report> reports(const std::string& vendor) const {
        std::vector<loss_report> found;
        for (const auto& request : server.received(vendor)) {
            if (request.accepted == 0 || vendor == "profound") continue;
            const auto fields = free_form(vendor, json::parse(request.body));
            if (!fields.contains("lost")) continue;
            found.push_back({number(fields["lost"]), fields["lost_reasons"], fields["lost_levels"], fields["lost_from"],
                             fields["lost_to"]});
        }
        return found;
    }
    [[nodiscard]] static std::uint64_t dropped(const destination_stats& of, drop_reason why) {
        return of.dropped[static_cast<std::size_t>(why)];
    }

    std::uint64_t submitted_ = 0;
    std::array<std::uint64_t, level_count> refused_{};
    std::uint64_t first_refused_ = 0;
    std::uint64_t last_refused_ = 0;
};

}  // namespace logferry::test
