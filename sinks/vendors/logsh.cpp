// Logsh, "Event": one event a request. The document and the vendor's public server source disagree in places; what is
// sent satisfies both (docs/vendors/logsh.md).
#include <algorithm>
#include <array>
#include <optional>

#include <logferry/vendors/logsh.hpp>
#include <text/ascii.hpp>
#include <text/json_writer.hpp>
#include <text/utf8.hpp>
#include <vendors/field_set.hpp>
#include <vendors/free_form.hpp>
#include <vendors/judge.hpp>
#include <vendors/logsh_metadata.hpp>
#include <vendors/makers.hpp>
#include <vendors/rate_cap.hpp>
#include <vendors/slot.hpp>
#include <vendors/url.hpp>
#include <vendors/wiped.hpp>

namespace logferry::vendors {
namespace {

// "Validation Rules"; the event's limit is the server's, which is the stricter one.
constexpr std::size_t workspace_units = 35;
constexpr std::size_t event_units = 150;
constexpr std::size_t longest_description = 250;
constexpr std::string_view no_description = "(empty)";
// Our bounds.
constexpr std::size_t body_bytes = 64 * 1024;
constexpr std::size_t most_message_parts = 16;
constexpr std::size_t icon_units = 32;

constexpr auto utf16 = text::length_unit::utf16;
constexpr auto no_limit = std::string_view::npos;

/// Emoji that the server's table is known to hold, without their variation selectors, which the server ignores.
constexpr std::array<std::string_view, 18> known_icons = {"👤", "🔥", "⚠", "✅", "❌", "ℹ",    "🐛", "🚨", "💥",
                                                          "🔴", "🔵", "⚪", "🔍", "📝", "🛑", "💀", "👍", "1⃣"};

bool is_known_icon(std::string_view icon) {
    constexpr std::string_view variation_selector = "\uFE0F";
    std::string bare(icon);
    for (auto at = bare.find(variation_selector); at != std::string::npos; at = bare.find(variation_selector, at)) {
        bare.erase(at, variation_selector.size());
    }
    return std::find(known_icons.begin(), known_icons.end(), bare) != known_icons.end();
}

/// Whether an icon that only the server can judge may be sent at all.
bool is_sendable_icon(std::string_view icon) {
    return !icon.empty() && text::valid_utf8(icon) && text::trim(icon) == icon &&
           icon.find('\0') == std::string_view::npos && text::measure(icon, utf16) <= icon_units;
}

/// Repaired, and trimmed as the server does before it measures; cut to `limit` units. The result is in one of the
/// arguments.
text::fitted trim_and_fit(std::string_view in, std::size_t limit, std::string& repaired, std::string& scratch) {
    const auto trimmed = text::trim(text::fit(in, no_limit, utf16, repaired).text);
    const auto fitted = text::fit(trimmed, limit, utf16, scratch);
    return {text::trim(fitted.text), fitted.cut};
}

/// The document and the server's source, which answers 403 to what the document calls 400, and 400 also to a key or a
/// plan that it does not like.
constexpr std::array<answer_row, 6> answers = {{
    {400, 400, answer_says::anything, outcome::verdict::rejected, outcome::pause::none, 0,
     "the event is refused; should it be so with every event, check the plan and api_key"},
    {401, 401, answer_says::anything, outcome::verdict::paused, outcome::pause::auth, 0,
     "the API key is missing, invalid or expired; renew api_key"},
    {402, 402, answer_says::anything, outcome::verdict::paused, outcome::pause::quota, 0,
     "the month's quota is used up; change the plan, or wait for the next month"},
    {403, 403, answer_says::validation_error, outcome::verdict::rejected, outcome::pause::none, 0,
     "the event is not valid"},
    // A rate limit comes with the header, so this is a quota. As nothing promises that, the first one counts as rate.
    {429, 429, answer_says::no_retry_after, outcome::verdict::paused, outcome::pause::quota, 1,
     "the month's quota or the key's cap is used up; change the plan, or wait for the next month"},
    {500, 500, answer_says::anything, outcome::verdict::retry, outcome::pause::none, poison_tries,
     "the server failed, as it also does on an event that it cannot read"},
}};

class logsh_vendor final : public vendor {
public:
    logsh_vendor(const logsh& options, const vendor_context& context, std::vector<config_problem>& problems);

    std::string_view name() const noexcept override { return "logsh"; }
    const vendor_limits& limits() const noexcept override { return limits_; }
    const http_endpoint& endpoint() const noexcept override { return endpoint_.get(); }
    encoded encode(const record_view& record, std::chrono::steady_clock::time_point now, std::string& body) override;
    outcome judge(const http_response& response, std::size_t records) const override;

private:
    void set_workspace(std::string_view workspace, const std::string& field, std::vector<config_problem>& problems);
    void set_icons(const logsh& options, const std::string& path, std::vector<config_problem>& problems);
    void append_event(const record_view& record, std::string& body);
    /// False when the description does not show the whole message.
    bool append_description(const record_view& record, std::string& body);
    void append_icon(const record_view& record, std::string& body);
    bool append_notify(const record_view& record, std::chrono::steady_clock::time_point now, std::string& body);
    void append_metadata(const record_view& record, bool with_message, std::size_t most, std::string& body);

    secret api_key_;
    slot event_;
    slot description_;
    std::size_t description_limit_;
    std::size_t message_parts_;
    bool any_icon_;
    level notify_from_;
    rate_cap notifications_;
    bool record_id_;
    service_options service_;
    vendor_limits limits_;
    json_endpoint endpoint_;
    /// The beginning of every body: `{"workspace":"shop","event":`.
    std::string head_;
    /// For each level `,"icon":"..."`, or nothing.
    std::array<std::string, level_count> icons_;

    // Reused from record to record.
    field_set fields_;
    logsh_metadata metadata_;
    std::string text_;
    std::string repaired_;
    std::string scratch_;
    std::uint32_t clipped_ = 0;
};

logsh_vendor::logsh_vendor(const logsh& options, const vendor_context& context, std::vector<config_problem>& problems)
    : api_key_(options.api_key),
      event_(options.event, {"event"}, context.path + "event", problems),
      description_(options.description, {"description"}, context.path + "description", problems),
      description_limit_(options.description_limit),
      message_parts_(options.message_parts),
      any_icon_(options.any_icon),
      notify_from_(options.notify_from),
      notifications_(options.notify_per_minute),
      record_id_(options.record_id),
      service_(context.service),
      endpoint_(join_url(options.base_url, "/api/event"), {"Authorization", "Bearer ", api_key_.reveal()}) {
    check_secret(api_key_, context.path + "api_key", problems);
    if (api_key_.reveal().find(' ') != std::string_view::npos) {
        problems.push_back({context.path + "api_key", "holds a blank; give the key alone, without `Bearer`"});
    }
    check_base_url(options.base_url, context.allow_insecure, context.path + "base_url", problems);
    if (description_limit_ < no_description.size() || description_limit_ > longest_description) {
        problems.push_back({context.path + "description_limit", "is not from 7 to 250; 150 satisfies every server"});
    }
    if (message_parts_ > most_message_parts) {
        problems.push_back({context.path + "message_parts", "is more than 16, which would not fit into one event"});
    }
    set_workspace(options.workspace, context.path + "workspace", problems);
    set_icons(options, context.path, problems);
    limits_.batch_bytes = body_bytes;
}

void logsh_vendor::set_workspace(std::string_view workspace, const std::string& field,
                                 std::vector<config_problem>& problems) {
    const auto is_control = [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; };
    if (!text::valid_utf8(workspace) || std::any_of(workspace.begin(), workspace.end(), is_control)) {
        problems.push_back(
            {field, "holds a control byte or is not valid UTF-8; give the workspace's name as Logsh shows it"});
        return;
    }
    std::string name(text::trim(workspace));
    const auto units = text::measure(name, utf16);
    if (units == 0) {
        problems.push_back({field, "is missing; give the workspace's name"});
    } else if (units > workspace_units) {
        problems.push_back({field, "is " + std::to_string(units) + " UTF-16 units long; Logsh takes at most 35"});
    }
    text::make_lower(name);
    text::json_writer w(head_);
    w.open_object().key("workspace").string(name).key("event");
}

void logsh_vendor::set_icons(const logsh& options, const std::string& path, std::vector<config_problem>& problems) {
    for (std::size_t i = 0; i < level_count; ++i) {
        const auto& icon = options.icons[i];
        if (icon.empty()) continue;
        const auto field = path + "icons[" + std::to_string(i) + "]";
        if (!any_icon_ && !is_known_icon(icon)) {
            problems.push_back({field,
                                "is not on the list of emoji that Logsh is known to accept (docs/vendors/logsh.md); "
                                "choose one of them, leave it empty, or set any_icon"});
        } else if (!is_sendable_icon(icon)) {
            problems.push_back({field, "is not one emoji in UTF-8; correct it or leave it empty"});
        }
        icons_[i] = R"(,"icon":)";
        text::append_json_string(icons_[i], icon);
    }
}

encoded logsh_vendor::encode(const record_view& record, std::chrono::steady_clock::time_point now, std::string& body) {
    if (record.lvl >= level::off) return {encoded::result::filtered, false, 0, "level off is never sent"};
    fields_.assign(record);
    clipped_ = fields_.left_out();
    const auto most = body.size() + body_bytes;
    body += head_;
    append_event(record, body);
    const bool message_shown = append_description(record, body);
    append_icon(record, body);
    const bool notifies = append_notify(record, now, body);
    append_metadata(record, !message_shown, most - 2, body);  // two closing braces
    body += '}';
    return {encoded::result::ok, notifies, clipped_, {}};
}

void logsh_vendor::append_event(const record_view& record, std::string& body) {
    text::fitted shown{};
    if (event_.fill(record, fields_, text_)) shown = trim_and_fit(text_, event_units, repaired_, scratch_);
    if (shown.text.empty()) shown = trim_and_fit(record.logger, event_units, repaired_, scratch_);
    clipped_ += shown.cut;
    text::append_json_string(body, shown.text.empty() ? "log" : shown.text);
}

bool logsh_vendor::append_description(const record_view& record, std::string& body) {
    body += R"(,"description":)";
    if (description_.fill(record, fields_, text_) && text_ != record.message) {
        const auto shown = trim_and_fit(text_, description_limit_, repaired_, scratch_);
        if (!shown.text.empty()) {
            clipped_ += shown.cut;
            text::append_json_string(body, shown.text);
            return blank(record.message);
        }
    }
    const auto shown = trim_and_fit(record.message, description_limit_, repaired_, scratch_);
    text::append_json_string(body, shown.text.empty() ? no_description : shown.text);
    return !shown.cut;  // a cut is not counted here, for the metadata gets the whole
}

void logsh_vendor::append_icon(const record_view& record, std::string& body) {
    const auto* given = fields_.find("icon");
    if (given != nullptr && given->val.type() == value::kind::string) {
        const auto icon = given->val.text();
        if (is_sendable_icon(icon) && (any_icon_ || is_known_icon(icon))) {
            (void)fields_.take("icon");
            body += R"(,"icon":)";
            text::append_json_string(body, icon);
            return;
        }
    }
    body += icons_[static_cast<std::size_t>(record.lvl)];
}

bool logsh_vendor::append_notify(const record_view& record, std::chrono::steady_clock::time_point now,
                                 std::string& body) {
    bool notify = record.lvl >= notify_from_;
    const auto* given = fields_.find("notify");
    if (given != nullptr && given->val.type() == value::kind::boolean) {
        (void)fields_.take("notify");
        notify = given->val.boolean();
    }
    if (notify && !notifications_.allow(now)) {
        notify = false;
        ++clipped_;
    }
    body += notify ? R"(,"notify":true)" : R"(,"notify":false)";
    return notify;
}

void logsh_vendor::append_metadata(const record_view& record, bool with_message, std::size_t most, std::string& body) {
    body += R"(,"metadata":{)";  // never empty: the level is always there
    metadata_.begin(body, fields_, most);
    if (with_message) metadata_.add_message(text::fit(record.message, no_limit, utf16, repaired_).text, message_parts_);
    const free_form_parts parts{true, true, record_id_};
    visit_free_form(record, fields_, service_, parts,
                    [this](const entry_key& key, const value& v) { metadata_.add(key, v); });
    clipped_ += metadata_.clipped();
    body += '}';
}

outcome logsh_vendor::judge(const http_response& response, std::size_t) const {
    return judge_by_table(response, api_key_.reveal(), answers);
}

}  // namespace

std::shared_ptr<vendor> make_logsh(const logsh& options, const vendor_context& context,
                                   std::vector<config_problem>& problems) {
    const auto before = problems.size();
    auto made = std::make_shared<logsh_vendor>(options, context, problems);
    return problems.size() == before ? made : nullptr;
}

}  // namespace logferry::vendors
