#include <shipper/losses.hpp>

#include <algorithm>
#include <numeric>
#include <string_view>

namespace logferry::shipping {

namespace {

void list(std::string& out, std::uint64_t count, std::string_view what) {
    if (count == 0) return;
    if (!out.empty()) out += ", ";
    out.append(std::to_string(count)).append(" ").append(what);
}

}  // namespace

std::uint64_t losses::total() const noexcept { return std::accumulate(dropped.begin(), dropped.end(), rejected); }

void losses::drop(drop_reason why, level lvl, std::int64_t time_ns, std::uint64_t records) noexcept {
    dropped[static_cast<std::size_t>(why)] += records;
    count(lvl, time_ns, records);
}

void losses::drop_unknown(drop_reason why, std::uint64_t records) noexcept {
    dropped[static_cast<std::size_t>(why)] += records;
}

void losses::reject(level lvl, std::int64_t time_ns) noexcept {
    ++rejected;
    count(lvl, time_ns, 1);
}

void losses::add(const losses& more) noexcept {
    for (std::size_t i = 0; i < dropped.size(); ++i) dropped[i] += more.dropped[i];
    for (std::size_t i = 0; i < by_level.size(); ++i) by_level[i] += more.by_level[i];
    rejected += more.rejected;
    widen(more.first_ns, more.last_ns);
}

void losses::count(level lvl, std::int64_t time_ns, std::uint64_t records) noexcept {
    by_level[std::min(static_cast<std::size_t>(lvl), level_count - 1)] += records;
    widen(time_ns, time_ns);
}

void losses::widen(std::int64_t first, std::int64_t last) noexcept {
    if (first != 0) first_ns = first_ns == 0 ? first : std::min(first_ns, first);
    last_ns = std::max(last_ns, last);
}

std::string losses::by_reason() const {
    std::string reasons;
    for (std::size_t i = 0; i < dropped.size(); ++i) list(reasons, dropped[i], to_string(static_cast<drop_reason>(i)));
    list(reasons, rejected, "rejected");
    const auto records = total();
    return std::to_string(records).append(records == 1 ? " record: " : " records: ").append(reasons);
}

std::string losses::levels() const {
    std::string out;
    for (std::size_t i = 0; i < by_level.size(); ++i) list(out, by_level[i], to_string(static_cast<level>(i)));
    return out;
}

}  // namespace logferry::shipping
