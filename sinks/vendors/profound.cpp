#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <text/json_writer.hpp>
#include <text/time.hpp>
#include <text/utf8.hpp>
#include <vendors/body.hpp>
#include <vendors/http_clean.hpp>
#include <vendors/http_fields.hpp>
#include <vendors/ip.hpp>
#include <vendors/makers.hpp>
#include <vendors/profound_answer.hpp>
#include <vendors/query_pairs.hpp>
#include <vendors/slot.hpp>
#include <vendors/url.hpp>
#include <vendors/wiped.hpp>

namespace logferry::vendors {
namespace {

// Limits of "Custom Log Integration", in UTF-16 units: that satisfies a server that counts code points as well.
constexpr std::size_t max_method_units = 10;
constexpr std::size_t max_host_units = 255;
constexpr std::size_t max_path_units = 2048;
constexpr std::size_t max_user_agent_units = 1024;
constexpr std::size_t max_referer_units = 2048;
constexpr std::string_view endpoint_path = "/v1/logs/custom";

vendor_limits profound_limits(const profound& options) {
    vendor_limits limits;
    limits.batch_records = 500;
    limits.max_batch_records = 1000;
    limits.batch_bytes = std::size_t{1024} * 1024;
    limits.batch_age = std::chrono::seconds(5);
    limits.gzip = options.gzip;
    limits.open = "[";
    limits.separator = ",";
    limits.close = "]";
    return limits;
}

/// A slot's template, and the fields that it reads.
struct slot_template {
    http_slot slot;
    text::text_template source;
    std::string text;  ///< as rendered for the record at hand
};

class profound_vendor final : public vendor {
public:
    profound_vendor(const profound& options, const vendor_context& context, std::vector<config_problem>& problems);

    [[nodiscard]] std::string_view name() const noexcept override { return "profound"; }
    [[nodiscard]] const vendor_limits& limits() const noexcept override { return limits_; }
    [[nodiscard]] const http_endpoint& endpoint() const noexcept override { return endpoint_.get(); }

    [[nodiscard]] encoded encode(const record_view& record, std::chrono::steady_clock::time_point now,
                                 std::string& body) override;
    [[nodiscard]] outcome judge(const http_response& response, std::size_t records) const override {
        return judge_profound(response, records, options_.api_key.reveal());
    }

private:
    /// Reads the record's fields and renders the templates. False for a record that is no access log entry.
    bool read(const record_view& record);

    // Each appends one member, comma first. The required ones give false, or nothing appended, when there is no usable
    // value.
    bool append_method(std::string& body, encoded& done);
    bool append_host(std::string_view authority, std::string& body);
    bool append_status(std::string& body);
    bool append_ip(std::string& body);
    bool append_user_agent(std::string& body, encoded& done);
    void append_query(std::string_view path_query, std::string& body, encoded& done);
    void append_referer(std::string& body, encoded& done);
    void append_bytes(std::string& body, encoded& done);
    void append_duration(std::string& body, encoded& done);
    std::string_view append_required(const record_view& record, http_target& target, std::string& body, encoded& done);

    profound options_;
    redaction hidden_;
    json_endpoint endpoint_;
    vendor_limits limits_;
    std::vector<slot_template> templates_;
    std::vector<std::string> template_fields_;
    // Reused from record to record.
    http_fields http_;
    field_set fields_;
    query_pairs query_;
    std::string target_text_;
    std::string url_text_;
    std::string text_;
    std::string scratch_;
};

profound_vendor::profound_vendor(const profound& options, const vendor_context& context,
                                 std::vector<config_problem>& problems)
    : options_(options),
      hidden_(options.redact),
      endpoint_(join_url(options.base_url, endpoint_path), {"x-api-key", "", options.api_key.reveal()}),
      limits_(profound_limits(options)),
      query_(hidden_) {
    const auto add = [&](http_slot slot, const std::string& source, const char* field) {
        if (source.empty()) return;
        auto parsed = parse_slot_template(source, context.path + field, problems);
        for (const auto& piece : parsed.pieces()) {
            if (piece.name == "field") template_fields_.push_back(piece.argument);
        }
        templates_.push_back({slot, std::move(parsed), {}});
    };
    add(http_slot::host, options.host, "host");
    add(http_slot::method, options.method, "method");
    add(http_slot::path, options.path, "path");
    add(http_slot::status_code, options.status_code, "status_code");
    add(http_slot::ip, options.ip, "ip");
    add(http_slot::user_agent, options.user_agent, "user_agent");
    add(http_slot::query_params, options.query_params, "query_params");
    add(http_slot::referer, options.referer, "referer");
    add(http_slot::bytes_sent, options.bytes_sent, "bytes_sent");
    add(http_slot::duration_ms, options.duration_ms, "duration_ms");
}

bool profound_vendor::read(const record_view& record) {
    http_.assign(record);
    bool is_entry = http_.has_required();
    if (templates_.empty()) return is_entry;
    fields_.assign(record);
    // A template that says the same for every record makes no access log entry of it; one that finds its field does.
    for (const auto& name : template_fields_) is_entry = is_entry || fields_.find(name) != nullptr;
    if (!is_entry) return false;
    for (auto& t : templates_) {
        t.text.clear();
        render_slot_template(t.source, record, fields_, t.text);
        if (!t.text.empty()) http_.set_template(t.slot, t.text);
    }
    return true;
}

bool profound_vendor::append_method(std::string& body, encoded& done) {
    return http_.first(http_slot::method, [&](const value& v, bool) {
        auto method = http_text(v, text_);
        if (const auto* original = http_.original_method(); method == "_OTHER" && original != nullptr) {
            method = http_text(*original, text_);
        }
        if (!is_token(method)) return false;
        if (method.size() > max_method_units) ++done.clipped;
        body += R"(,"method":")";
        for (const char c : method.substr(0, max_method_units)) {
            body += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
        body += '"';
        return true;
    });
}

bool profound_vendor::append_host(std::string_view authority, std::string& body) {
    const auto append = [&](std::string_view text) {
        // A host that has to be cut would be another host.
        const auto host = clean_host(text, scratch_);
        if (host.empty() || host.size() > max_host_units) return false;
        body += R"(,"host":)";
        text::append_json_string(body, host);
        return true;
    };
    const auto accept = [&](const value& v, bool) { return append(http_text(v, text_)); };
    return http_.first(http_slot::host, accept) || append(authority);
}

bool profound_vendor::append_status(std::string& body) {
    return http_.first(http_slot::status_code, [&](const value& v, bool) {
        const auto status = http_number(v, text_);
        if (!status || *status < 100 || *status > 599 || *status != std::floor(*status)) return false;
        body += R"(,"status_code":)";
        text::append_json_int(body, static_cast<std::int64_t>(*status));
        return true;
    });
}

bool profound_vendor::append_ip(std::string& body) {
    const auto append = [&](std::string_view address) {
        if (address.empty()) return false;
        body.append(R"(,"ip":")").append(address).append(1, '"');
        return true;
    };
    const auto accept = [&](const value& v, bool) { return append(ip_address(http_text(v, text_))); };
    return http_.first(http_slot::ip, accept) || append(options_.missing_ip);
}

bool profound_vendor::append_user_agent(std::string& body, encoded& done) {
    const auto append = [&](std::string_view agent) {
        if (agent.empty()) return false;
        body += R"(,"user_agent":)";
        if (append_clipped(body, agent, max_user_agent_units, text::length_unit::utf16, scratch_)) ++done.clipped;
        return true;
    };
    const auto accept = [&](const value& v, bool) { return append(http_text(v, text_)); };
    return http_.first(http_slot::user_agent, accept) || append(options_.missing_user_agent);
}

void profound_vendor::append_query(std::string_view path_query, std::string& body, encoded& done) {
    const bool own = http_.first(http_slot::query_params, [&](const value& v, bool) {
        if (v.type() == value::kind::json && query_.parse_json(v.text())) return true;
        auto query = http_text(v, text_);
        if (query.starts_with('?')) query.remove_prefix(1);
        if (query.empty()) return false;
        query_.parse(query.substr(0, query.find('#')));
        return true;
    });
    if (!own) query_.parse(path_query);
    if (!query_.empty()) {
        body += R"(,"query_params":)";
        query_.append_json(body);
    }
    done.clipped += query_.clipped();
}

void profound_vendor::append_referer(std::string& body, encoded& done) {
    http_.first(http_slot::referer, [&](const value& v, bool) {
        const auto referer = given(clean_referer(http_text(v, text_), hidden_, scratch_));
        if (referer.empty()) return false;
        bool cut = false;
        const auto sent = clip_url(referer, max_referer_units, url_text_, cut);
        if (cut) ++done.clipped;
        body += R"(,"referer":)";
        text::append_json_string(body, sent);
        return true;
    });
}

void profound_vendor::append_bytes(std::string& body, encoded& done) {
    bool unusable = false;
    const bool found = http_.first(http_slot::bytes_sent, [&](const value& v, bool) {
        auto number = http_number(v, text_);
        if (!number) {
            const auto text = written(v, text_);
            if (text.empty()) return false;
            if (text == "-") number = 0;  // what Apache's `%b` writes for no bytes
        }
        const auto bytes = number ? whole_number(*number) : std::nullopt;
        unusable = unusable || !bytes;
        if (!bytes) return false;
        body += R"(,"bytes_sent":)";
        text::append_json_uint(body, *bytes);
        return true;
    });
    if (unusable && !found) ++done.clipped;
}

void profound_vendor::append_duration(std::string& body, encoded& done) {
    bool unusable = false;
    const bool found = http_.first(http_slot::duration_ms, [&](const value& v, bool from_template) {
        auto number = http_number(v, text_);
        if (number && from_template && options_.duration_unit == profound::unit::seconds) *number *= 1000;
        if (number && from_template && options_.duration_unit == profound::unit::microseconds) *number /= 1000;
        const auto milliseconds = number ? whole_number(*number) : std::nullopt;
        unusable = unusable || (!milliseconds && !http_text(v, text_).empty());
        if (!milliseconds) return false;
        body += R"(,"duration_ms":)";
        text::append_json_uint(body, *milliseconds);
        return true;
    });
    if (unusable && !found) ++done.clipped;
}

/// Appends the required members in the order of the vendor's document; says what is missing, or nothing.
std::string_view profound_vendor::append_required(const record_view& record, http_target& target, std::string& body,
                                                  encoded& done) {
    body += R"({"timestamp":")";
    text::append_rfc3339(body, record.time_ns, 3);
    body += '"';
    if (!append_method(body, done)) return "no method, or one that is not an HTTP token";
    const bool has_path = http_.first(http_slot::path, [&](const value& v, bool) {
        target = split_target(http_text(v, target_text_));
        return !target.path.empty();
    });
    if (!has_path) return "no path: missing, or a target without one (`*`, CONNECT)";
    if (!append_host(target.authority, body)) return "no host, or one that is not a host of at most 255 characters";
    bool cut = false;
    body += R"(,"path":)";
    text::append_json_string(body, clip_url(target.path, max_path_units, url_text_, cut));
    if (cut) ++done.clipped;
    if (!append_status(body)) return "no status_code from 100 to 599";
    if (!append_ip(body)) return "no client IP address";
    if (!append_user_agent(body, done)) return "no user agent";
    return {};
}

encoded profound_vendor::encode(const record_view& record, std::chrono::steady_clock::time_point, std::string& body) {
    encoded done;
    if (!read(record)) {
        done.what = encoded::result::filtered;
        done.reason = "not an access log entry: no HTTP field";
        return done;
    }
    const auto before = body.size();
    http_target target;
    done.reason = append_required(record, target, body, done);
    if (!done.reason.empty()) {
        body.resize(before);
        done.what = encoded::result::rejected;
        done.clipped = 0;
        return done;
    }
    append_query(target.query, body, done);
    append_referer(body, done);
    append_bytes(body, done);
    append_duration(body, done);
    done.pages = options_.at_most_once;
    body += '}';
    return done;
}

void check(const profound& options, const vendor_context& context, std::vector<config_problem>& problems) {
    check_secret(options.api_key, context.path + "api_key", problems);
    check_base_url(options.base_url, context.allow_insecure, context.path + "base_url", problems);
    if (!options.missing_ip.empty() && ip_address(options.missing_ip) != options.missing_ip) {
        problems.push_back(
            {context.path + "missing_ip", "is not an IP address; use for example 0.0.0.0, or leave it empty"});
    }
    if (!options.missing_user_agent.empty() && given(options.missing_user_agent).empty()) {
        problems.push_back({context.path + "missing_user_agent",
                            "is blank or `-`, which counts as none; use for example Unknown, or leave it empty"});
    }
    if (options.duration_unit != profound::unit::milliseconds && options.duration_ms.empty()) {
        problems.push_back(
            {context.path + "duration_unit",
             "says what the template duration_ms counts, and there is none; give one, or leave this out"});
    }
}

}  // namespace

std::shared_ptr<vendor> make_profound(const profound& options, const vendor_context& context,
                                      std::vector<config_problem>& problems) {
    const auto before = problems.size();
    check(options, context, problems);
    auto made = std::make_shared<profound_vendor>(options, context, problems);
    return problems.size() == before ? made : nullptr;
}

}  // namespace logferry::vendors
