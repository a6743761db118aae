#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>

#include <text/ascii.hpp>
#include <text/json_writer.hpp>
#include <vendors/answer_text.hpp>
#include <vendors/body.hpp>
#include <vendors/entry_writer.hpp>
#include <vendors/free_form.hpp>
#include <vendors/json_object.hpp>
#include <vendors/laravel.hpp>
#include <vendors/makers.hpp>
#include <vendors/slot.hpp>
#include <vendors/url.hpp>
#include <vendors/wiped.hpp>

namespace logferry::vendors {
namespace {

using api = logsentry::api;

constexpr std::size_t max_message_bytes = std::size_t{32} * 1024;
constexpr std::size_t max_part_bytes = std::size_t{16} * 1024;  // context, user and request each, as JSON text
constexpr std::size_t max_app_units = 255;
constexpr std::int64_t largest_project = 9'007'199'254'740'991;  // beyond, JSON readers round
constexpr unsigned informational = 6;
constexpr unsigned debug = 7;  // the least severe level there is

struct level_word {
    std::string_view word;
    unsigned number;
};
constexpr std::array<level_word, 17> level_words = {{
    {"emergency", 0},
    {"emerg", 0},
    {"panic", 0},
    {"alert", 1},
    {"critical", 2},
    {"crit", 2},
    {"fatal", 2},
    {"error", 3},
    {"err", 3},
    {"warning", 4},
    {"warn", 4},
    {"notice", 5},
    {"informational", 6},
    {"information", 6},
    {"info", 6},
    {"debug", 7},
    {"trace", 7},
}};

/// A page of HTML with status 200 comes from somewhere else.
constexpr answer_row no_answer_of_logsentry = {200,
                                               299,
                                               answer_says::no_object,
                                               outcome::verdict::paused,
                                               outcome::pause::configuration,
                                               0,
                                               "this is not LogSentry's JSON answer; check base_url and flavor"};

constexpr std::array<answer_row, 3> auditlog_answers = {{
    no_answer_of_logsentry,
    laravel::login_redirect,
    {404, 404, answer_says::anything, outcome::verdict::paused, outcome::pause::configuration, 0,
     "nothing at this address: LogSentry may have moved to its other API; try flavor event_v1, or correct base_url"},
}};

/// What `event_v1` answers is not documented, and its SDK does not look: so nothing will do.
constexpr std::array<answer_row, 4> event_v1_answers = {{
    {200, 299, answer_says::nothing, outcome::verdict::delivered, outcome::pause::none, 0, ""},
    no_answer_of_logsentry,
    laravel::login_redirect,
    {404, 404, answer_says::anything, outcome::verdict::paused, outcome::pause::configuration, 0,
     "nothing at this address; try flavor auditlog, or correct base_url"},
}};

bool equal_without_case(std::string_view any, std::string_view lower) noexcept {
    return any.size() == lower.size() &&
           std::equal(any.begin(), any.end(), lower.begin(), [](char a, char b) { return text::to_lower(a) == b; });
}

std::optional<unsigned> level_number(const value& v) noexcept {
    if (v.type() == value::kind::int64 && v.int64() >= 0 && v.int64() <= debug) return static_cast<unsigned>(v.int64());
    if (v.type() == value::kind::uint64 && v.uint64() <= debug) return static_cast<unsigned>(v.uint64());
    const auto text = v.text();
    if (text.size() == 1 && text[0] >= '0' && text[0] <= '7') return static_cast<unsigned>(text[0] - '0');
    for (const auto& known : level_words) {
        if (equal_without_case(text, known.word)) return known.number;
    }
    return std::nullopt;
}

std::string endpoint_url(const logsentry& options) {
    const bool auditlog = options.flavor == api::auditlog;
    const std::string_view base = !options.base_url.empty() ? std::string_view(options.base_url)
                                  : auditlog                ? "https://app.logsentry.dev/api"
                                                            : "https://logsentry.dev/api/v1";
    return join_url(base, auditlog ? "/auditlog" : "/event");
}

/// The body's beginning, the same for every record: whose log it is.
std::string opening(const logsentry& options) {
    std::string out;
    std::string scratch;
    if (options.flavor == api::auditlog) {
        out = R"({"project":)";
        text::append_json_int(out, options.project, text::big_integers::as_numbers);
    } else {
        out = R"({"app":)";
        append_clipped(out, options.app, max_app_units, text::length_unit::utf16, scratch);
    }
    return out;
}

/// Appends valid JSON as a JSON string. Quotes are dense in it, and of what has to be escaped there is little else:
/// valid JSON holds control bytes only between tokens, where a blank says the same.
void append_quoted(std::string& out, std::string_view json) {
    const auto start = out.size();
    out.resize(start + 2 * json.size() + 2);
    char* to = out.data() + start;
    *to++ = '"';
    for (const char c : json) {
        *to = '\\';
        to += c == '"' || c == '\\' ? 1 : 0;
        *to++ = c >= '\0' && c < ' ' ? ' ' : c;
    }
    *to++ = '"';
    out.resize(static_cast<std::size_t>(to - out.data()));
}

class logsentry_vendor final : public vendor {
public:
    logsentry_vendor(const logsentry& options, const vendor_context& context, std::vector<config_problem>& problems)
        : options_(options),
          service_(context.service),
          user_(options.user, {"user"}, context.path + "user", problems),
          request_(options.request, {"request"}, context.path + "request", problems),
          opening_(opening(options)),
          context_entries_(entry_style{.max_bytes = max_part_bytes}),
          endpoint_(endpoint_url(options), {"Authorization", "Bearer ", options.token.reveal()}) {
        limits_.batch_bytes = std::size_t{384} * 1024;  // above the worst that escaping makes of the bounds at the top
        limits_.in_flight = 1;  // an audit log keeps its order, and arrival is the only time LogSentry knows
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "logsentry"; }
    [[nodiscard]] const vendor_limits& limits() const noexcept override { return limits_; }
    [[nodiscard]] const http_endpoint& endpoint() const noexcept override { return endpoint_.get(); }

    [[nodiscard]] encoded encode(const record_view& record, std::chrono::steady_clock::time_point,
                                 std::string& body) override;
    [[nodiscard]] outcome judge(const http_response& response, std::size_t records) const override;

private:
    unsigned take_level(level lvl);
    void take_object(const slot& from, const record_view& record, std::string& object, encoded& done);
    void append_part(std::string_view key, const std::string& json, std::string& body) const;
    void read_success(const http_response& response, outcome& judged) const;

    logsentry options_;
    service_options service_;
    slot user_;
    slot request_;
    std::string opening_;
    entry_writer context_entries_;
    json_endpoint endpoint_;
    vendor_limits limits_;
    field_set fields_;
    // Reused from record to record.
    std::string text_;
    std::string scratch_;
    std::string user_json_;
    std::string request_json_;
    std::string context_json_;
};

unsigned logsentry_vendor::take_level(level lvl) {
    if (const auto* severity = options_.severity_field.empty() ? nullptr : fields_.find(options_.severity_field)) {
        if (const auto number = level_number(severity->val)) {
            fields_.take(options_.severity_field);
            return *number;
        }
    }
    const auto index = static_cast<std::size_t>(lvl);
    return index < options_.levels.size() ? options_.levels[index] : informational;
}

void logsentry_vendor::take_object(const slot& from, const record_view& record, std::string& object, encoded& done) {
    object.clear();
    if (!from.fill(record, fields_, text_)) return;
    // In `event_v1` the object becomes an entry of the context, which has to have room for it and for the rest.
    const auto limit = options_.flavor == api::auditlog ? max_part_bytes : max_part_bytes / 4;
    if (append_object(object, text_, limit, scratch_)) ++done.clipped;
}

void logsentry_vendor::append_part(std::string_view key, const std::string& json, std::string& body) const {
    if (json.empty()) return;
    body += key;
    if (options_.context_as == logsentry::shape::text) {
        append_quoted(body, json);
    } else {
        body += json;
    }
}

encoded logsentry_vendor::encode(const record_view& record, std::chrono::steady_clock::time_point, std::string& body) {
    encoded done;
    fields_.assign(record);
    done.clipped = fields_.left_out();

    body += opening_;
    body += R"(,"level":)";
    body += static_cast<char>('0' + take_level(record.lvl));
    body += R"(,"msg":)";
    const auto message = laravel::filled(record.message, "(empty)", scratch_);
    if (append_clipped(body, message, max_message_bytes, text::length_unit::bytes, scratch_)) ++done.clipped;

    take_object(user_, record, user_json_, done);
    take_object(request_, record, request_json_, done);
    context_json_.clear();
    context_entries_.begin(context_json_);
    if (options_.flavor == api::event_v1) {
        if (!user_json_.empty()) context_entries_.add_own("user", value::json(user_json_));
        if (!request_json_.empty()) context_entries_.add_own("request", value::json(request_json_));
    }
    visit_free_form(record, fields_, service_, {.record_id = options_.record_id},
                    [this](const entry_key& key, const value& v) { context_entries_.add(key, v); });
    context_entries_.finish();
    done.clipped += context_entries_.clipped();

    append_part(R"(,"context":)", context_json_, body);
    if (options_.flavor == api::auditlog) {
        append_part(R"(,"user":)", user_json_, body);
        append_part(R"(,"request":)", request_json_, body);
    }
    body += '}';
    return done;
}

outcome logsentry_vendor::judge(const http_response& response, std::size_t) const {
    const auto rows = options_.flavor == api::auditlog ? std::span<const answer_row>(auditlog_answers)
                                                       : std::span<const answer_row>(event_v1_answers);
    auto judged = judge_by_table(response, options_.token.reveal(), rows);
    if (judged.what == outcome::verdict::delivered) read_success(response, judged);
    return judged;
}

/// A success may say that it is none, and otherwise gives its receipt.
void logsentry_vendor::read_success(const http_response& response, outcome& judged) const {
    const auto answer = parse_answer(response.body);
    if (!answer.is_object()) return;
    if (answer.contains("status") && answer["status"] != "ok") {
        judged.what = outcome::verdict::retry;
        judged.tries = poison_tries;  // the answer does not say whether it is the record's fault
        judged.detail = "HTTP " + std::to_string(response.status) +
                        ", but LogSentry's status is not ok: " + excerpt(response.body, options_.token.reveal());
        return;
    }
    judged.receipt = excerpt(text_of(answer, "hash"), options_.token.reveal());
}

void check(const logsentry& options, const vendor_context& context, std::vector<config_problem>& problems) {
    const auto problem = [&](const std::string& field, std::string message) {
        problems.push_back({context.path + field, std::move(message)});
    };
    laravel::check_token(options.token, context.path + "token", problems);
    check_base_url(endpoint_url(options), context.allow_insecure, context.path + "base_url", problems);
    if (options.flavor == api::auditlog && (options.project <= 0 || options.project > largest_project)) {
        problem("project", "is " + std::to_string(options.project) +
                               "; give the project's id, a number from 1, as LogSentry shows it");
    }
    std::string scratch;
    if (options.flavor == api::event_v1 && laravel::filled(options.app, "", scratch).empty()) {
        problem("app", "is empty; the flavor event_v1 needs the application's name");
    }
    for (std::size_t i = 0; i < options.levels.size(); ++i) {
        if (options.levels[i] <= debug) continue;
        problem("levels[" + std::to_string(i) + "]",
                "is " + std::to_string(options.levels[i]) + "; LogSentry's levels go from 0 (emergency) to 7 (debug)");
    }
}

}  // namespace

std::shared_ptr<vendor> make_logsentry(const logsentry& options, const vendor_context& context,
                                       std::vector<config_problem>& problems) {
    const auto before = problems.size();
    check(options, context, problems);
    auto made = std::make_shared<logsentry_vendor>(options, context, problems);
    return problems.size() == before ? made : nullptr;
}

}  // namespace logferry::vendors
