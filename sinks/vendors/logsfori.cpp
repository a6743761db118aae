// LogsForI, "Push Log": one record a request, the token in the body. What is decided where the document says nothing is
// in docs/vendors/logsfori.md.
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include <logferry/vendors/logsfori.hpp>
#include <text/json_writer.hpp>
#include <vendors/body.hpp>
#include <vendors/field_set.hpp>
#include <vendors/free_form.hpp>
#include <vendors/judge.hpp>
#include <vendors/makers.hpp>
#include <vendors/slot.hpp>
#include <vendors/url.hpp>
#include <vendors/wiped.hpp>

namespace logferry::vendors {
namespace {

// Our bounds; the document states none.
constexpr std::size_t slot_units = 255;
constexpr std::size_t message_bytes = 32 * 1024;
constexpr std::size_t encoded_message_bytes = 40 * 1024;
constexpr std::size_t body_bytes = 64 * 1024;

/// 2000-01-01: an earlier `created_at` is a clock that was never set.
constexpr std::int64_t earliest_ms = 946'684'800'000;

/// The closed set of severities ("Request Body").
constexpr std::array<std::string_view, 5> severity_words = {"debug", "info", "warning", "error", "critical"};

/// "Response"; 403 is for a token that is invalid or missing, and the only 429 is "Quota exceeded. Update your
/// subscription".
constexpr std::array<answer_row, 2> answers = {{
    {403, 403, answer_says::anything, outcome::verdict::paused, outcome::pause::auth, 0,
     "the token is invalid or missing; set token to the one that LogsForI shows for the connection"},
    {429, 429, answer_says::anything, outcome::verdict::paused, outcome::pause::quota, 0,
     "the log quota is used up; update the subscription"},
}};

std::optional<std::size_t> severity_index(std::string_view word) noexcept {
    for (std::size_t i = 0; i < severity_words.size(); ++i) {
        if (severity_words[i] == word) return i;
    }
    return std::nullopt;
}

/// A number of milliseconds that the vendor can take: not negative, and no larger than what every parser reads exactly.
std::optional<value> as_milliseconds(const value& v) noexcept {
    double number = -1;
    switch (v.type()) {
        case value::kind::int64:
            return v.int64() >= 0 && v.int64() <= text::largest_safe_integer ? std::optional(v) : std::nullopt;
        case value::kind::uint64:
            return v.uint64() <= std::uint64_t{text::largest_safe_integer} ? std::optional(v) : std::nullopt;
        case value::kind::float64:
            number = v.float64();
            break;
        case value::kind::string: {
            const auto text = v.text();
            const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
            break;
        }
        case value::kind::boolean:
        case value::kind::json:
            break;
    }
    // Written so that NaN is none either.
    return number >= 0 && number <= static_cast<double>(text::largest_safe_integer) ? std::optional(value(number))
                                                                                    : std::nullopt;
}

class logsfori_vendor final : public vendor {
public:
    logsfori_vendor(const logsfori& options, const vendor_context& context, std::vector<config_problem>& problems);

    std::string_view name() const noexcept override { return "logsfori"; }
    const vendor_limits& limits() const noexcept override { return limits_; }
    const http_endpoint& endpoint() const noexcept override { return endpoint_.get(); }
    encoded encode(const record_view& record, std::chrono::steady_clock::time_point now, std::string& body) override;
    outcome judge(const http_response& response, std::size_t records) const override;

private:
    void check_severities(const logsfori& options, const std::string& path, std::vector<config_problem>& problems);
    void make_heads();
    /// Where the record's severity stands in `severity_words`.
    std::size_t severity_of(const record_view& record);
    void append_event_name(const record_view& record, std::string& body);
    void append_message(const record_view& record, std::string& body);
    void append_slot(std::string_view key, const slot& from, const record_view& record, std::string& body);
    void append_execution_time(const record_view& record, std::string& body);
    std::optional<value> execution_time(const record_view& record);
    void append_extra(const record_view& record, bool with_time, std::size_t most, std::string& body);

    secret token_;
    slot event_name_;
    slot transaction_id_;
    slot resource_id_;
    text::text_template execution_time_;
    service_options service_;
    bool record_id_;
    vendor_limits limits_;
    json_endpoint endpoint_;
    std::array<std::size_t, level_count> severity_by_level_{};
    /// For each severity the beginning of a body, token included: `{"token":"...","severity":"info"`.
    std::array<wiped_text, severity_words.size()> heads_;

    // Reused from record to record.
    field_set fields_;
    std::string text_;
    std::string scratch_;
    std::uint32_t clipped_ = 0;
};

logsfori_vendor::logsfori_vendor(const logsfori& options, const vendor_context& context,
                                 std::vector<config_problem>& problems)
    : token_(options.token),
      event_name_(options.event_name, {"event_name"}, context.path + "event_name", problems),
      transaction_id_(options.transaction_id, {"transaction_id"}, context.path + "transaction_id", problems),
      resource_id_(options.resource_id, {"resource_id"}, context.path + "resource_id", problems),
      execution_time_(parse_slot_template(options.execution_time, context.path + "execution_time", problems)),
      service_(context.service),
      record_id_(options.record_id),
      endpoint_(join_url(options.base_url, "/push-log")) {
    check_secret(token_, context.path + "token", problems);
    if (!text::valid_utf8(token_.reveal())) {
        problems.push_back(
            {context.path + "token", "is not valid UTF-8, which a JSON body needs; check the credential"});
    }
    check_base_url(options.base_url, context.allow_insecure, context.path + "base_url", problems);
    check_severities(options, context.path, problems);
    limits_.batch_bytes = body_bytes;
    limits_.in_flight = 1;
    make_heads();
}

void logsfori_vendor::check_severities(const logsfori& options, const std::string& path,
                                       std::vector<config_problem>& problems) {
    for (std::size_t i = 0; i < level_count; ++i) {
        if (const auto index = severity_index(options.severities[i])) {
            severity_by_level_[i] = *index;
        } else {
            problems.push_back({path + "severities[" + std::to_string(i) + "]",
                                "is not a severity of LogsForI; use debug, info, warning, error or critical"});
        }
    }
}

void logsfori_vendor::make_heads() {
    constexpr std::size_t longest_escape = 6;
    const auto room = longest_escape * token_.reveal().size() + 64;
    for (std::size_t i = 0; i < heads_.size(); ++i) {
        text::json_writer w(heads_[i].make_room(room));
        w.open_object().key("token").string(token_.reveal()).key("severity").string(severity_words[i]);
    }
}

encoded logsfori_vendor::encode(const record_view& record, std::chrono::steady_clock::time_point, std::string& body) {
    if (record.lvl >= level::off) return {encoded::result::filtered, false, 0, "level off is never sent"};
    fields_.assign(record);
    clipped_ = fields_.left_out();
    const auto most = body.size() + body_bytes;
    const auto created_at = record.time_ns / 1'000'000;
    const bool dated = created_at >= earliest_ms;
    body += heads_[severity_of(record)].text();
    append_event_name(record, body);
    append_message(record, body);
    append_slot(R"(,"transaction_id":)", transaction_id_, record, body);
    append_slot(R"(,"resource_id":)", resource_id_, record, body);
    append_execution_time(record, body);
    if (dated) {
        body += R"(,"created_at":)";
        text::append_json_int(body, created_at);
    }
    append_extra(record, !dated, most - 2, body);  // two closing braces
    body += '}';
    return {encoded::result::ok, false, clipped_, {}};
}

std::size_t logsfori_vendor::severity_of(const record_view& record) {
    const auto by_level = [this](level lvl) { return severity_by_level_[static_cast<std::size_t>(lvl)]; };
    const auto* given = fields_.find("severity");
    if (given == nullptr || given->val.type() != value::kind::string) return by_level(record.lvl);
    auto index = severity_index(given->val.text());
    if (!index) {
        const auto named = level_from_string(given->val.text());
        if (!named || *named == level::off) return by_level(record.lvl);
        index = by_level(*named);
    }
    (void)fields_.take("severity");
    return *index;
}

void logsfori_vendor::append_event_name(const record_view& record, std::string& body) {
    constexpr std::string_view key = R"(,"event_name":)";
    if (event_name_.fill(record, fields_, text_)) {
        body += key;
        clipped_ += append_clipped(body, text_, slot_units, text::length_unit::utf16, scratch_);
    } else if (blank(record.message)) {
        // With neither an event's name nor a message the entry would say nothing.
        const std::string_view stand_in = blank(record.logger) ? "(empty)" : record.logger;
        body += key;
        clipped_ += append_clipped(body, stand_in, slot_units, text::length_unit::utf16, scratch_);
    }
}

void logsfori_vendor::append_message(const record_view& record, std::string& body) {
    if (blank(record.message)) return;
    body += R"(,"message":)";
    const auto start = body.size();
    const bool clipped = append_clipped(body, record.message, message_bytes, text::length_unit::bytes, scratch_);
    const bool cut = cut_encoded(body, start, encoded_message_bytes);
    clipped_ += clipped || cut;
}

void logsfori_vendor::append_slot(std::string_view key, const slot& from, const record_view& record,
                                  std::string& body) {
    if (!from.fill(record, fields_, text_)) return;
    body += key;
    clipped_ += append_clipped(body, text_, slot_units, text::length_unit::utf16, scratch_);
}

std::optional<value> logsfori_vendor::execution_time(const record_view& record) {
    if (!execution_time_.empty()) {
        text_.clear();
        render_slot_template(execution_time_, record, fields_, text_);
        if (const auto ms = as_milliseconds(value(text_))) return ms;
    }
    for (const std::string_view key : {"execution_time", "duration_ms"}) {
        const auto* found = fields_.find(key);
        if (found == nullptr) continue;
        // What is no time stays among the other fields, where nothing is lost.
        if (const auto ms = as_milliseconds(found->val)) {
            (void)fields_.take(key);
            return ms;
        }
    }
    return std::nullopt;
}

void logsfori_vendor::append_execution_time(const record_view& record, std::string& body) {
    const auto ms = execution_time(record);
    if (!ms) return;
    body += R"(,"execution_time":)";
    (void)append_value(body, *ms, slot_units, scratch_);  // a number, which is never cut
}

void logsfori_vendor::append_extra(const record_view& record, bool with_time, std::size_t most, std::string& body) {
    body += R"(,"extra":{)";  // never empty: the level is always there
    const free_form_parts parts{true, with_time, record_id_};
    visit_free_form(record, fields_, service_, parts, [&](const entry_key& key, const value& v) {
        clipped_ += append_entry(body, key, v, most, scratch_);
    });
    body += '}';
}

outcome logsfori_vendor::judge(const http_response& response, std::size_t) const {
    return judge_by_table(response, token_.reveal(), answers);
}

}  // namespace

std::shared_ptr<vendor> make_logsfori(const logsfori& options, const vendor_context& context,
                                      std::vector<config_problem>& problems) {
    const auto before = problems.size();
    auto made = std::make_shared<logsfori_vendor>(options, context, problems);
    return problems.size() == before ? made : nullptr;
}

}  // namespace logferry::vendors
