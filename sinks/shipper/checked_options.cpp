#include <shipper/checked_options.hpp>

#include <algorithm>
#include <utility>

#include <journal/cursor_file.hpp>
#include <record/flat.hpp>
#include <vendors/make_vendor.hpp>
#include <vendors/url.hpp>

namespace logferry::shipping {

namespace {

using problems = std::vector<config_problem>;
using std::chrono::milliseconds;

// The worker puts a destination's number into eight bits of a request's tag.
constexpr std::size_t most_destinations = 200;
// The spool keeps no more of it.
constexpr std::size_t longest_name = journal::cursor_file::most_name;
constexpr std::size_t page = 4096;
constexpr std::size_t KiB = 1024;
constexpr std::size_t MiB = 1024 * KiB;
constexpr std::size_t GiB = 1024 * MiB;

// Bounds of the journal: the state of a record shares a word with its length, and every segment has a slot.
constexpr std::size_t largest_segment = 256 * MiB;
constexpr std::size_t most_segments = 64 * KiB;
constexpr milliseconds longest_wait = std::chrono::hours(24 * 365);

void check_range(problems& found, const std::string& name, std::size_t value, std::size_t least, std::size_t most) {
    if (value >= least && value <= most) return;
    found.push_back(
        {name, "is " + std::to_string(value) + "; choose " + std::to_string(least) + " to " + std::to_string(most)});
}

void check_not_negative(problems& found, const std::string& name, milliseconds value) {
    if (value >= milliseconds(0)) return;
    found.push_back({name, "is " + std::to_string(value.count()) + " ms; a duration cannot be negative"});
}

void check_positive(problems& found, const std::string& name, milliseconds value) {
    if (value > milliseconds(0)) return;
    found.push_back({name, "is " + std::to_string(value.count()) + " ms; choose more than 0"});
}

void check_pair(problems& found, const std::string& least_name, milliseconds least, const std::string& most_name,
                milliseconds most) {
    check_positive(found, least_name, least);
    if (most >= least) return;
    found.push_back({most_name, "is less than " + least_name + "; raise the one or lower the other"});
}

void check_delivery(problems& found, const delivery_options& d) {
    check_pair(found, "delivery.backoff_min", d.backoff_min, "delivery.backoff_max", d.backoff_max);
    check_pair(found, "delivery.pause_min", d.pause_min, "delivery.pause_max", d.pause_max);
    check_not_negative(found, "delivery.retry_after_max", d.retry_after_max);
    check_not_negative(found, "delivery.max_age", d.max_age);
    check_not_negative(found, "delivery.loss_report_every", d.loss_report_every);
}

void check_proxy(problems& found, const std::string& path, const http_options& h) {
    const auto is = [&h](std::string_view scheme) {
        return std::string_view(h.proxy).substr(0, scheme.size()) == scheme;
    };
    if (!h.proxy.empty() && !is("http://") && !is("https://")) {
        found.push_back({path + "proxy", "does not begin with http:// or https://; give the proxy's whole URL"});
    }
    if (h.proxy.find('@') != std::string::npos) {
        found.push_back({path + "proxy", "holds a user or password; put them into proxy_credential"});
    }
    if (!h.proxy.empty() && h.proxy_from_environment) {
        found.push_back({path + "proxy", "is given together with proxy_from_environment; choose one"});
    }
    if (!h.proxy_credential.problem().empty()) {
        found.push_back({path + "proxy_credential", std::string(h.proxy_credential.problem())});
    }
    if (!h.proxy_credential.empty() && h.proxy.empty()) {
        found.push_back({path + "proxy_credential", "is given without a proxy; give one or leave it out"});
    }
}

void check_http(problems& found, const std::string& path, const http_options& h) {
    check_positive(found, path + "connect_timeout", h.connect_timeout);
    check_positive(found, path + "request_timeout", h.request_timeout);
    if (h.low_speed_limit > 0) check_positive(found, path + "low_speed_time", h.low_speed_time);
    check_positive(found, path + "connection_idle", h.connection_idle);
    check_positive(found, path + "connection_lifetime", h.connection_lifetime);
    check_proxy(found, path, h);
    if (!h.client_key.empty() && h.client_certificate.empty()) {
        found.push_back({path + "client_key", "is given without client_certificate; give both or none"});
    }
    if (!h.client_key_password.empty() && h.client_certificate.empty()) {
        found.push_back({path + "client_key_password", "is given without client_certificate; give both or none"});
    }
    if (!h.client_key_password.problem().empty()) {
        found.push_back({path + "client_key_password", std::string(h.client_key_password.problem())});
    }
}

void check_dead_letters(problems& found, const dead_letter_options& d) {
    if (d.file.find('\0') != std::string::npos) found.push_back({"dead_letters.file", "holds a NUL; give a path"});
    if (d.max_bytes < 4 * KiB) {
        found.push_back({"dead_letters.max_bytes", "is " + std::to_string(d.max_bytes) + "; choose 4096 or more"});
    }
}

void check_segments(problems& found, const buffer_options& b, std::size_t size) {
    if (b.segment_size == 0) return;
    const auto most = std::clamp(size / 4, 64 * KiB, largest_segment);
    check_range(found, "buffer.segment_size", b.segment_size, 64 * KiB, most);
    if (size / b.segment_size <= most_segments) return;
    found.push_back(
        {"buffer.segment_size", "makes more than " + std::to_string(most_segments) + " segments; choose a larger one"});
}

journal::settings check_buffer(problems& found, const buffer_options& b, std::size_t& max_record) {
    journal::settings chosen;
    const bool on_disk = !b.spool.empty();
    chosen.size = b.size != 0 ? b.size : (on_disk ? 256 * MiB : 64 * MiB);
    check_range(found, "buffer.size", chosen.size, 256 * KiB, 64 * GiB);
    check_segments(found, b, chosen.size);
    const auto usual = on_disk ? 4 * MiB : MiB;
    chosen.segment_size = b.segment_size != 0 ? b.segment_size : std::clamp(chosen.size / 16, 64 * KiB, usual);
    chosen.segment_size -= chosen.segment_size % page;
    const auto largest = std::min(chosen.segment_size / 4, journal::journal::largest_record(chosen.segment_size));
    max_record = b.max_record != 0 ? b.max_record : std::min(256 * KiB, largest);
    if (b.max_record != 0) check_range(found, "buffer.max_record", b.max_record, record::min_record_size, largest);
    check_not_negative(found, "buffer.block_for", b.block_for);
    chosen.policy = static_cast<journal::when_full>(b.when_full);
    chosen.block_for = std::min(b.block_for, longest_wait);
    return chosen;
}

std::optional<journal::spool_settings> check_spool(problems& found, const buffer_options& b, std::size_t segment_size) {
    if (b.spool.empty()) {
        for (const auto& [name, wanted] :
             {std::pair("spool_sync", b.spool_sync), std::pair("spool_on_network", b.spool_on_network)}) {
            if (wanted)
                found.push_back({std::string("buffer.") + name, "is set without a spool; give one or leave it out"});
        }
        return std::nullopt;
    }
    if (b.spool.find('\0') != std::string::npos) {
        found.push_back({"buffer.spool", "holds a NUL; give a path"});
        return std::nullopt;
    }
    journal::spool_settings chosen;
    chosen.place.path = b.spool;
    chosen.place.network_allowed = b.spool_on_network;
    chosen.segment_size = segment_size;
    chosen.sync = b.spool_sync;
    return chosen;
}

/// What the makers of logferry's own vendors make sure of, for a vendor of the application's own.
void check_own_vendor(problems& found, const std::string& path, const vendor& own, bool allow_insecure) {
    const auto& to = own.endpoint();
    // Of its own address it may know more than a base URL says: a query is its affair.
    vendors::check_base_url(std::string_view(to.url).substr(0, to.url.find('?')), allow_insecure, path + "vendor",
                            found);
    const auto breaks_a_line = [](const std::string& text) {
        return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
    };
    for (const auto& h : to.headers) {
        if (h.name.empty() || breaks_a_line(h.name) || breaks_a_line(h.value)) {
            found.push_back({path + "vendor", "has a header with a line break, a NUL or no name; remove it"});
        }
    }
    const auto& limits = own.limits();
    if (limits.batch_records == 0 || limits.batch_bytes == 0) {
        found.push_back({path + "vendor", "has limits of 0 records or 0 bytes; allow at least one record"});
    }
    check_range(found, path + "vendor", limits.in_flight, 1, 256);
}

/// What is wrong whatever the vendor is.
void check_destination(problems& found, const std::string& path, const destination_options& wanted) {
    if (wanted.in_flight != 0) check_range(found, path + "in_flight", wanted.in_flight, 1, 256);
    if (wanted.batch_age) check_not_negative(found, path + "batch_age", *wanted.batch_age);
    if (!wanted.name.empty()) check_range(found, path + "name", wanted.name.size(), 1, longest_name);
}

delivery::settings choose(problems& found, const std::string& path, const destination_options& wanted,
                          const vendor_limits& allowed, const delivery_options& common) {
    const auto most_records = std::max(allowed.batch_records, allowed.max_batch_records);
    if (wanted.batch_records != 0) check_range(found, path + "batch_records", wanted.batch_records, 1, most_records);
    if (wanted.batch_bytes != 0) check_range(found, path + "batch_bytes", wanted.batch_bytes, KiB, allowed.batch_bytes);

    const auto or_vendors = [](std::size_t own, std::size_t vendors) { return own != 0 ? own : vendors; };
    delivery::settings chosen;
    chosen.min_level = wanted.min_level;
    chosen.in_flight = or_vendors(wanted.in_flight, allowed.in_flight);
    chosen.batch_records = or_vendors(wanted.batch_records, allowed.batch_records);
    chosen.batch_bytes = or_vendors(wanted.batch_bytes, allowed.batch_bytes);
    chosen.batch_age = wanted.batch_age.value_or(allowed.batch_age);
    chosen.delivery = common;
    chosen.gzip = allowed.gzip;
    return chosen;
}

std::string unused_name(const std::vector<checked_destination>& others, const std::string& base) {
    const auto taken = [&](const std::string& name) {
        return std::any_of(others.begin(), others.end(), [&](const auto& d) { return d.name == name; });
    };
    auto name = base;
    for (int n = 2; taken(name); ++n) name = base + std::to_string(n);
    return name;
}

}  // namespace

void checked_options::add_destination(problems& found, const destination& d, const std::string& path,
                                      const options& raw) {
    const auto http = d.options.http.value_or(raw.http);
    if (d.options.http) check_http(found, path + "http.", http);
    check_destination(found, path, d.options);
    const vendors::vendor_context context{raw.service, http.allow_insecure, path};
    auto to = vendors::make_vendor(d.vendor, context, found);
    if (!to) return;
    if (std::holds_alternative<std::shared_ptr<vendor>>(d.vendor)) {
        check_own_vendor(found, path, *to, http.allow_insecure);
    }
    const bool by_proxy = !http.proxy.empty() || http.proxy_from_environment;
    if (by_proxy && !http.allow_insecure && std::string_view(to->endpoint().url).substr(0, 7) == "http://") {
        found.push_back({path + "base_url",
                         "is http:// and would go through a proxy, which could read the credential; use https://, no "
                         "proxy, or allow_insecure"});
    }
    auto chosen = choose(found, path, d.options, to->limits(), raw.delivery);
    chosen.receipts = raw.receipts;
    const auto usual = std::string(to->name());
    if (spool_ && d.options.name.empty() && unused_name(destinations_, usual) != usual) {
        found.push_back(
            {path + "name",
             "is empty, and there is another destination of that vendor; give names, for the spool keeps by "
             "them how far each has come"});
    }
    auto name = d.options.name.empty() ? unused_name(destinations_, usual) : d.options.name;
    if (unused_name(destinations_, name) != name) {
        found.push_back({path + "name", "is the name of another destination; names must differ"});
    }
    destinations_.push_back({std::move(name), d.vendor, context, std::move(to), chosen, http});
}

checked_options::checked_options(const options& raw, opener by) : by_(by) {
    problems found;
    buffer_ = check_buffer(found, raw.buffer, max_record_);
    spool_ = check_spool(found, raw.buffer, buffer_.segment_size);
    quarantine_size_ = raw.buffer.quarantine_size;
    check_delivery(found, raw.delivery);
    check_http(found, "http.", raw.http);
    check_dead_letters(found, raw.dead_letters);
    check_not_negative(found, "close_budget", raw.close_budget);
    if (raw.destinations.empty()) found.push_back({"destinations", "is empty; give at least one"});
    if (raw.destinations.size() > most_destinations) {
        found.push_back(
            {"destinations", "has more than " + std::to_string(most_destinations) + " entries; give fewer"});
    }
    // Not more, for names are compared with all others.
    for (std::size_t i = 0; i < std::min(raw.destinations.size(), most_destinations); ++i) {
        const auto& d = raw.destinations[i];
        const auto path = "destinations[" + std::to_string(i) + "].";
        add_destination(found, d, path, raw);
    }
    if (!found.empty()) throw config_error(std::move(found));
}

}  // namespace logferry::shipping
