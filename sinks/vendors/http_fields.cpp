#include <vendors/http_fields.hpp>

#include <algorithm>
#include <array>

namespace logferry::vendors {
namespace {

struct known_name {
    std::string_view name;
    http_slot slot = http_slot::method;
    std::uint8_t rank = 0;  // 1 for the best; the template has 0
};

constexpr std::string_view original_method_name = "http.request.method_original";

/// Profound's own names before OpenTelemetry's, current before deprecated.
constexpr std::array names_by_rank = {
    known_name{"method", http_slot::method, 1},
    known_name{"http.request.method", http_slot::method, 2},
    known_name{"http.method", http_slot::method, 3},
    known_name{"host", http_slot::host, 1},
    known_name{"server.address", http_slot::host, 2},
    known_name{"http.request.header.host", http_slot::host, 3},
    known_name{"http.host", http_slot::host, 4},
    known_name{"path", http_slot::path, 1},
    known_name{"url.path", http_slot::path, 2},
    known_name{"http.target", http_slot::path, 3},
    known_name{"status_code", http_slot::status_code, 1},
    known_name{"http.response.status_code", http_slot::status_code, 2},
    known_name{"http.status_code", http_slot::status_code, 3},
    known_name{"ip", http_slot::ip, 1},
    known_name{"client.address", http_slot::ip, 2},
    known_name{"network.peer.address", http_slot::ip, 3},
    known_name{"http.client_ip", http_slot::ip, 4},
    known_name{"user_agent", http_slot::user_agent, 1},
    known_name{"user_agent.original", http_slot::user_agent, 2},
    known_name{"http.user_agent", http_slot::user_agent, 3},
    known_name{"query_params", http_slot::query_params, 1},
    known_name{"url.query", http_slot::query_params, 2},
    known_name{"referer", http_slot::referer, 1},
    known_name{"http.request.header.referer", http_slot::referer, 2},
    known_name{"bytes_sent", http_slot::bytes_sent, 1},
    known_name{"http.response.body.size", http_slot::bytes_sent, 2},
    known_name{"http.response.size", http_slot::bytes_sent, 3},
    known_name{"duration_ms", http_slot::duration_ms, 1},
};
static_assert(std::all_of(names_by_rank.begin(), names_by_rank.end(),
                          [](const known_name& n) { return n.rank >= 1 && n.rank < http_fields::places_per_slot; }));

/// A name's length tells it from nearly every other.
constexpr auto names_by_length = [] {
    auto names = names_by_rank;
    std::sort(names.begin(), names.end(),
              [](const known_name& a, const known_name& b) { return a.name.size() < b.name.size(); });
    return names;
}();
constexpr std::size_t longest_name = names_by_length.back().name.size();

/// Where the names of each length begin in `names_by_length`.
constexpr auto begin_of_length = [] {
    std::array<std::uint8_t, longest_name + 2> begin{};
    for (std::size_t length = 0; length < begin.size(); ++length) {
        begin[length] =
            static_cast<std::uint8_t>(std::count_if(names_by_length.begin(), names_by_length.end(),
                                                    [length](const known_name& n) { return n.name.size() < length; }));
    }
    return begin;
}();

const known_name* find_name(std::string_view key) noexcept {
    if (key.size() > longest_name) return nullptr;
    for (auto i = begin_of_length[key.size()]; i != begin_of_length[key.size() + 1]; ++i) {
        if (names_by_length[i].name == key) return &names_by_length[i];
    }
    return nullptr;
}

}  // namespace

void http_fields::assign(const record_view& record) noexcept {
    present_ = 0;
    for (const auto& f : record.fields) {
        if (const auto* known = find_name(f.key)) {
            put(first_place(known->slot) + known->rank, f.val);
        } else if (f.key == original_method_name) {
            put(original_method_place, f.val);
        }
    }
}

bool http_fields::has_required() const noexcept {
    constexpr auto required = [] {
        std::uint64_t fields = 0;
        for (std::size_t slot = 0; slot < required_http_slots; ++slot) {
            const auto s = static_cast<http_slot>(slot);
            fields |= places_of(s) & ~(std::uint64_t{1} << first_place(s));
        }
        return fields;
    }();
    return (present_ & required) != 0;
}

const value* http_fields::original_method() const noexcept {
    return (present_ >> original_method_place & 1U) != 0 ? &values_[original_method_place] : nullptr;
}

}  // namespace logferry::vendors
