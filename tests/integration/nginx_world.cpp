#include "nginx_world.hpp"

namespace logferry::test {
namespace {

constexpr std::size_t text_bytes = 60;

/// The text by which a record is known: a description, or the path of an access log's entry.
void append_texts(const json& body, std::vector<std::string>& texts) {
    if (!body.is_array()) return texts.push_back(body.at("description"));
    for (const json& entry : body) texts.push_back(entry.at("path"));
}

}  // namespace

served served_by(nginx_server& nginx) {
    nginx.stop();
    served all;
    for (const auto& request : nginx.requests()) {
        all.protocols.insert(request.protocol);
        all.over_http_1 += request.protocol == "HTTP/1.1";
        all.connections.insert(request.connection);
        all.statuses.insert(request.status);
    }
    return all;
}

audit compare(const std::set<std::string>& issued, const std::vector<std::string>& arrived) {
    audit result;
    result.issued = issued.size();
    std::set<std::string> known;
    for (const auto& text : arrived) {
        if (issued.count(text) == 0) {
            ++result.strange;
        } else if (!known.insert(text).second) {
            ++result.duplicates;
        }
    }
    result.lost = issued.size() - known.size();
    return result;
}

logferry::logsh nginx_world::logsh_behind(const nginx_server& nginx) const {
    return {"Shop", token("logsh"), nginx.url()};
}

logferry::profound nginx_world::profound_behind(const nginx_server& nginx) const {
    return {token("profound"), nginx.url()};
}

options nginx_world::trusting(destination to) {
    options opts = quiet({std::move(to)});
    opts.http.ca_file = path("ca.pem");
    opts.delivery.backoff_min = milliseconds(10);
    opts.delivery.backoff_max = milliseconds(100);
    opts.delivery.pause_min = milliseconds(50);
    opts.delivery.pause_max = milliseconds(100);
    opts.delivery.loss_report_every = milliseconds(0);
    opts.buffer.size = 1024 * 1024;
    opts.buffer.when_full = overflow::block;
    opts.buffer.block_for = seconds(30);
    return opts;
}

void nginx_world::note(std::string text) {
    const std::lock_guard lock(issued_mutex_);
    issued_.insert(std::move(text));
}

std::set<std::string> nginx_world::issued() const {
    const std::lock_guard lock(issued_mutex_);
    return issued_;
}

void nginx_world::log_text(std::uint64_t id, spdlog::level::level_enum lvl) {
    const std::string text = fault::message_of(id, text_bytes);
    note(text);
    sink->log(spdlog::details::log_msg("shop", lvl, text));
}

void nginx_world::log_texts(std::size_t count) {
    for (std::uint64_t id = 0; id < count; ++id) log_text(id);
}

void nginx_world::log_requests(std::size_t count) {
    spdlog::logger log("web", sink);
    for (std::uint64_t id = 0; id < count; ++id) {
        const std::string path = fault::path_of(id, text_bytes);
        note(path);
        log.info("served {}", kv("host", "shop.example", "method", "GET", "path", path, "status_code", 200, "ip",
                                 "192.0.2.7", "user_agent", "a browser"));
    }
}

bool nginx_world::eventually(const std::function<bool(const destination_stats&)>& came_true) {
    const auto patience = std::chrono::steady_clock::now() + seconds(30);
    auto& shipper = *sink->get_shipper();
    while (!came_true(shipper.stats().destinations[0])) {
        if (std::chrono::steady_clock::now() > patience) return false;
        static_cast<void>(shipper.drain(milliseconds(10)));
    }
    return true;
}

std::vector<std::string> nginx_world::texts() const {
    std::vector<std::string> all;
    for (const auto& vendor : {"logsh", "profound"}) {
        for (const auto& request : server.received(vendor)) {
            if (request.accepted > 0) append_texts(json::parse(request.body), all);
        }
    }
    return all;
}

void nginx_world::expect_all(std::size_t duplicates) {
    const destination_stats ledger = settled();
    const audit found = compare(issued(), texts());
    EXPECT_EQ(ledger.accepted, found.issued);
    EXPECT_EQ(ledger.delivered, found.issued) << ledger.last_error;
    EXPECT_EQ(found.lost, 0u);
    EXPECT_EQ(found.strange, 0u);
    EXPECT_LE(found.duplicates, duplicates);
    print_figure("issued", found.issued);
    print_figure("duplicates", found.duplicates);
}

}  // namespace logferry::test
