#include <algorithm>
#include <array>
#include <utility>

#include <text/json_writer.hpp>
#include <text/utf8.hpp>
#include <vendors/body.hpp>
#include <vendors/entry_writer.hpp>
#include <vendors/free_form.hpp>
#include <vendors/laravel.hpp>
#include <vendors/makers.hpp>
#include <vendors/rate_cap.hpp>
#include <vendors/slot.hpp>
#include <vendors/tag_list.hpp>
#include <vendors/url.hpp>
#include <vendors/wiped.hpp>

namespace logferry::vendors {
namespace {

constexpr std::size_t max_short_units = 255;  // channel_id, label and reference
constexpr std::size_t max_body_bytes = std::size_t{32} * 1024;
constexpr std::string_view endpoint_path = "/api/v1/log/create";

/// The closed set of `type`.
constexpr std::array<std::string_view, 5> known_types = {"page_view", "action", "success", "error", "information"};

/// The document knows 202 alone.
constexpr std::array<answer_row, 2> answers = {{
    laravel::login_redirect,
    {404, 404, answer_says::anything, outcome::verdict::paused, outcome::pause::configuration, 0,
     "either channel_id names no channel or base_url is not Logwire's address; check both"},
}};

bool is_type(std::string_view text) noexcept {
    return std::find(known_types.begin(), known_types.end(), text) != known_types.end();
}

class logwire_vendor final : public vendor {
public:
    logwire_vendor(const logwire& options, const vendor_context& context, std::vector<config_problem>& problems);

    [[nodiscard]] std::string_view name() const noexcept override { return "logwire"; }
    [[nodiscard]] const vendor_limits& limits() const noexcept override { return limits_; }
    [[nodiscard]] const http_endpoint& endpoint() const noexcept override { return endpoint_.get(); }

    [[nodiscard]] encoded encode(const record_view& record, std::chrono::steady_clock::time_point now,
                                 std::string& body) override;
    [[nodiscard]] outcome judge(const http_response& response, std::size_t records) const override;

private:
    void append_text(std::string_view key, std::string_view text, std::size_t limit, text::length_unit unit,
                     std::string& body, encoded& done);
    void append_label(const record_view& record, std::string& body, encoded& done);
    void append_tags(const record_view& record, std::string& body, encoded& done);
    std::string_view take_type(const record_view& record, encoded& done);
    bool take_alert(level lvl, std::chrono::steady_clock::time_point now, encoded& done);

    logwire options_;
    service_options service_;
    slot reference_;
    slot label_;
    slot body_;
    slot type_;
    std::vector<text::text_template> tag_templates_;
    std::string opening_;
    rate_cap alerts_;
    entry_writer references_;
    json_endpoint endpoint_;
    vendor_limits limits_;
    field_set fields_;
    // Reused from record to record.
    tag_list tags_;
    std::string text_;
    std::string scratch_;
};

entry_style reference_style(const logwire& options) {
    entry_style style;
    style.as = options.custom_references == logwire::references::object ? entry_style::shape::object
                                                                        : entry_style::shape::pairs;
    style.text_values = true;
    style.named_keys = true;
    return style;
}

logwire_vendor::logwire_vendor(const logwire& options, const vendor_context& context,
                               std::vector<config_problem>& problems)
    : options_(options),
      service_(context.service),
      reference_(options.reference, {"reference"}, context.path + "reference", problems),
      label_(options.label, {"label"}, context.path + "label", problems),
      body_(options.body, {"body"}, context.path + "body", problems),
      type_(options.type, {}, context.path + "type", problems),
      opening_(R"({"channel_id":)"),
      alerts_(options.alert_per_minute),
      references_(reference_style(options)),
      endpoint_(join_url(options.base_url, endpoint_path), {"Authorization", "Bearer ", options.token.reveal()}) {
    limits_.batch_bytes = std::size_t{320} * 1024;  // above the worst that escaping makes of the bounds at the top
    std::string channel;
    text::append_repaired(options.channel_id, channel);
    text::append_json_string(opening_, text::trim(channel));
    for (std::size_t i = 0; i < options.tags.size(); ++i) {
        const auto field = context.path + "tags[" + std::to_string(i) + "]";
        tag_templates_.push_back(parse_slot_template(options.tags[i], field, problems));
    }
}

void logwire_vendor::append_text(std::string_view key, std::string_view text, std::size_t limit, text::length_unit unit,
                                 std::string& body, encoded& done) {
    body += key;
    if (append_clipped(body, text, limit, unit, scratch_)) ++done.clipped;
}

/// A label says what kind of log this is: without one of its own the program's name for it serves, whatever is known.
void logwire_vendor::append_label(const record_view& record, std::string& body, encoded& done) {
    label_.fill(record, fields_, text_);
    auto label = laravel::filled(text_, record.logger, scratch_);
    label = laravel::filled(label, service_.name, scratch_);
    label = laravel::filled(label, "log", scratch_);
    append_text(R"(,"label":)", label, max_short_units, text::length_unit::utf16, body, done);
}

void logwire_vendor::append_tags(const record_view& record, std::string& body, encoded& done) {
    tags_.clear();
    if (record.lvl == level::warn) tags_.add("warning");
    for (const auto& tag : tag_templates_) {
        text_.clear();
        render_slot_template(tag, record, fields_, text_);
        tags_.add(text_);
    }
    if (const auto* own = fields_.take("tags")) {
        text_.clear();
        append_plain(text_, own->val);
        if (own->val.type() != value::kind::json || !tags_.add_json(text_)) tags_.add_list(text_);
    }
    done.clipped += tags_.clipped();
    if (tags_.text().empty()) return;
    body += R"(,"tags":)";
    text::append_json_string(body, tags_.text());
}

std::string_view logwire_vendor::take_type(const record_view& record, encoded& done) {
    if (type_.fill(record, fields_, text_)) {
        if (is_type(text_)) return text_;
        ++done.clipped;
    }
    for (const std::string_view name : {"type", "severity"}) {
        const auto* found = fields_.find(name);
        if (found == nullptr || found->val.type() != value::kind::string || !is_type(found->val.text())) continue;
        fields_.take(name);
        return found->val.text();
    }
    const auto index = static_cast<std::size_t>(record.lvl);
    return index < options_.types.size() ? std::string_view(options_.types[index]) : "information";
}

bool logwire_vendor::take_alert(level lvl, std::chrono::steady_clock::time_point now, encoded& done) {
    bool wanted = options_.alert_from != level::off && lvl >= options_.alert_from;
    const auto* own = fields_.find("alert");
    if (own != nullptr && own->val.type() == value::kind::boolean) {
        wanted = own->val.boolean();
        fields_.take("alert");
    }
    if (!wanted) return false;
    const bool allowed = alerts_.allow(now);
    if (!allowed) ++done.clipped;
    return allowed;
}

encoded logwire_vendor::encode(const record_view& record, std::chrono::steady_clock::time_point now,
                               std::string& body) {
    encoded done;
    fields_.assign(record);
    done.clipped = fields_.left_out();

    body += opening_;
    reference_.fill(record, fields_, text_);
    if (const auto reference = laravel::filled(text_, "", scratch_); !reference.empty()) {
        append_text(R"(,"reference":)", reference, max_short_units, text::length_unit::utf16, body, done);
    }
    append_label(record, body, done);
    const bool other_body = body_.fill(record, fields_, text_) && text_.find(record.message) == std::string::npos;
    const auto text = laravel::filled(laravel::filled(text_, record.message, scratch_), "(empty)", scratch_);
    append_text(R"(,"body":)", text, max_body_bytes, text::length_unit::bytes, body, done);

    body += R"(,"type":")";
    body += take_type(record, done);
    done.pages = take_alert(record.lvl, now, done);
    body += done.pages ? R"(","alert":true)" : R"(","alert":false)";
    append_tags(record, body, done);

    const auto before = body.size();
    body += R"(,"custom_references":)";
    references_.begin(body);
    if (other_body) references_.add_own("message", record.message);
    visit_free_form(record, fields_, service_, {.record_id = options_.record_id},
                    [this](const entry_key& key, const value& v) { references_.add(key, v); });
    if (!references_.finish()) body.resize(before);
    done.clipped += references_.clipped();
    body += '}';
    return done;
}

outcome logwire_vendor::judge(const http_response& response, std::size_t) const {
    return judge_by_table(response, options_.token.reveal(), answers);
}

void check_channel(const std::string& channel_id, const std::string& field, std::vector<config_problem>& problems) {
    std::string repaired;
    text::append_repaired(channel_id, repaired);
    const auto is_control = [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; };
    const auto trimmed = text::trim(repaired);
    std::string scratch;
    if (laravel::filled(repaired, "", scratch).empty()) {
        problems.push_back({field, "is empty; give the channel's id, the last part of the channel's URL"});
    } else if (trimmed.find('/') != trimmed.npos) {
        problems.push_back({field, "holds a `/`; of the channel's URL give only the part behind the last `/`"});
    } else if (repaired != channel_id || std::any_of(trimmed.begin(), trimmed.end(), is_control)) {
        problems.push_back({field, "holds a control byte or is not UTF-8; copy the id from the channel's URL again"});
    } else if (text::measure(trimmed, text::length_unit::utf16) > max_short_units) {
        problems.push_back({field, "is longer than 255 characters; give only the channel's id"});
    }
}

void check(const logwire& options, const vendor_context& context, std::vector<config_problem>& problems) {
    if (options.base_url.empty()) {
        problems.push_back({context.path + "base_url",
                            "is empty; Logwire's documents name no host, so give the address of your Logwire"});
    } else {
        check_base_url(options.base_url, context.allow_insecure, context.path + "base_url", problems);
    }
    check_channel(options.channel_id, context.path + "channel_id", problems);
    laravel::check_token(options.token, context.path + "token", problems);
    constexpr std::string_view remedy = "; use page_view, action, success, error or information";
    // A template with a placeholder is checked record by record.
    if (!options.type.empty() && options.type.find('{') == options.type.npos && !is_type(options.type)) {
        problems.push_back({context.path + "type", "is not a type of Logwire's" + std::string(remedy)});
    }
    for (std::size_t i = 0; i < options.types.size(); ++i) {
        if (is_type(options.types[i])) continue;
        problems.push_back(
            {context.path + "types[" + std::to_string(i) + "]", "is not a type of Logwire's" + std::string(remedy)});
    }
}

}  // namespace

std::shared_ptr<vendor> make_logwire(const logwire& options, const vendor_context& context,
                                     std::vector<config_problem>& problems) {
    const auto before = problems.size();
    check(options, context, problems);
    auto made = std::make_shared<logwire_vendor>(options, context, problems);
    return problems.size() == before ? made : nullptr;
}

}  // namespace logferry::vendors
