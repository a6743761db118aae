// Logsh. Expected bodies and answers are those of the vendor's "Event" page; where its server's source is stricter, of
// that.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/vendor_fixture.hpp>

namespace logferry::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class logsh_sink : public vendor_fixture {
protected:
    logsh_sink() { use(options); }

    json sent_with_message(std::string_view message) { return sent(record_builder().logger("shop").message(message)); }

    logsh options{"logsh", secret("logsh.co_key")};
};

TEST_F(logsh_sink, sends_the_documents_example) {
    record_builder record;
    record.logger("accounts").message("User signed up for the newsletter.").lvl(level::info);
    record.time_ns(1'742'379'826'123'456'789).field("event", "user.signup").field("icon", "👤").field("notify", false);
    record.field("user_id", "12345").field("plan", "pro");
    auto body = sent(record);

    auto& metadata = body.at("metadata");
    EXPECT_EQ(metadata.at("level"), "info");
    EXPECT_EQ(metadata.at("logger"), "accounts");
    EXPECT_EQ(metadata.at("ts"), "2025-03-19T10:23:46.123456789Z");
    EXPECT_EQ(metadata.at("record_id"), "0123456789abcdef000000000000002a");
    for (const auto* own : {"level", "logger", "ts", "record_id"}) metadata.erase(own);
    EXPECT_EQ(body, json::parse(R"({
        "workspace": "logsh",
        "event": "user.signup",
        "description": "User signed up for the newsletter.",
        "icon": "👤",
        "notify": false,
        "metadata": {
            "user_id": "12345",
            "plan": "pro"
        }
    })"));
    EXPECT_EQ(last.clipped, 0U);
    EXPECT_FALSE(last.pages);
}

TEST_F(logsh_sink, posts_with_the_documents_headers) {
    EXPECT_EQ(subject().endpoint().url, "https://logsh.co/api/event");
    std::string type;
    std::string authorization;
    for (const auto& header : subject().endpoint().headers) {
        if (header.name == "Content-Type") type = header.value;
        if (header.name == "Authorization") authorization = header.value;
    }
    EXPECT_EQ(type, "application/json");
    EXPECT_EQ(authorization, "Bearer logsh.co_key");
    EXPECT_EQ(subject().name(), "logsh");
    EXPECT_EQ(subject().limits().batch_records, 1U);
}

TEST_F(logsh_sink, can_be_hosted_by_oneself) {
    options.base_url = "https://events.example.org/";
    use(options);
    EXPECT_EQ(subject().endpoint().url, "https://events.example.org/api/event");
}

TEST_F(logsh_sink, has_no_top_level_keys_but_the_documents) {
    record_builder record;
    record.message("m").field("workspace", "other").field("timestamp", 1).field("color", "red").field("level", "x");
    const auto body = sent(record);
    for (const auto& [key, v] : body.items()) {
        EXPECT_TRUE(key == "workspace" || key == "event" || key == "description" || key == "icon" || key == "notify" ||
                    key == "metadata")
            << key;
    }
    EXPECT_EQ(body.at("workspace"), "logsh") << "it comes from the configuration alone";
    EXPECT_EQ(body.at("metadata").at("workspace"), "other");
    EXPECT_EQ(body.at("metadata").at("field.level"), "x");
}

TEST_F(logsh_sink, lower_cases_and_trims_the_workspace) {
    options.workspace = "  My Shop\u3000";
    use(options);
    EXPECT_EQ(sent_with_message("m").at("workspace"), "my shop");
}

TEST_F(logsh_sink, names_the_event_after_template_field_or_logger) {
    EXPECT_EQ(sent_with_message("m").at("event"), "shop");
    EXPECT_EQ(sent(record_builder().message("m")).at("event"), "log");
    EXPECT_EQ(sent(record_builder().logger("shop").field("event", 42)).at("event"), "42");
    EXPECT_EQ(sent(record_builder().logger("shop").field("event", " \u2028 ")).at("event"), "shop");
    options.event = "{logger}.{field:kind}";
    use(options);
    EXPECT_EQ(sent(record_builder().logger("shop").field("kind", "paid").field("event", "x")).at("event"), "shop.paid");
}

TEST_F(logsh_sink, trims_as_javascript_does_and_never_sends_emptiness) {
    EXPECT_EQ(sent_with_message("\t\uFEFF\u00A0 text \u2029\u3000\n").at("description"), "text");
    EXPECT_EQ(sent_with_message("\u200B").at("description"), "\u200B") << "JavaScript does not count it as white space";
    for (const auto message : {std::string_view(), std::string_view(" \n\u00A0"), std::string_view("\0 \0", 3)}) {
        EXPECT_EQ(sent_with_message(message).at("description"), "(empty)");
    }
}

TEST_F(logsh_sink, clips_to_150_utf16_units_on_a_code_point) {
    EXPECT_EQ(sent_with_message(std::string(150, 'd')).at("description"), std::string(150, 'd'));
    EXPECT_EQ(sent_with_message(std::string(151, 'd')).at("description"), std::string(147, 'd').append("..."));

    std::string emoji;
    for (int i = 0; i < 76; ++i) emoji += "😀";
    const auto description = sent_with_message(emoji).at("description").get<std::string>();
    EXPECT_LE(utf16_length(description), 150U);
    EXPECT_EQ(description.find("\uFFFD"), std::string::npos);

    record_builder record;
    record.message("m").field("event", std::string(400, 'e'));
    EXPECT_EQ(sent(record).at("event"), std::string(147, 'e').append("..."));
    EXPECT_EQ(last.clipped, 1U);
}

TEST_F(logsh_sink, keeps_the_smallest_limit_also_without_a_message) {
    options.description_limit = 7;
    use(options);
    EXPECT_EQ(sent_with_message("").at("description"), "(empty)");
    EXPECT_EQ(sent_with_message("12345678").at("description"), "1234...");
}

TEST_F(logsh_sink, can_send_longer_descriptions_when_told) {
    options.description_limit = 250;
    use(options);
    EXPECT_EQ(sent_with_message(std::string(250, 'd')).at("description"), std::string(250, 'd'));
    EXPECT_EQ(utf16_length(sent_with_message(std::string(251, 'd')).at("description").get<std::string>()), 250U);
}

TEST_F(logsh_sink, puts_a_long_message_whole_into_metadata) {
    std::string message;
    for (int i = 0; message.size() < 1200; ++i) message += "word" + std::to_string(i) + " é ";
    const auto metadata = sent_with_message(message).at("metadata");
    EXPECT_EQ(metadata.at("message").get<std::string>() + metadata.at("message_2").get<std::string>() +
                  metadata.at("message_3").get<std::string>(),
              message);
    EXPECT_FALSE(metadata.contains("message_4"));
    EXPECT_EQ(last.clipped, 0U);
}

TEST_F(logsh_sink, cuts_and_counts_what_four_parts_cannot_hold) {
    const auto metadata = sent_with_message(std::string(5000, 'x')).at("metadata");
    EXPECT_EQ(metadata.at("message_4"), std::string(497, 'x').append("..."));
    EXPECT_FALSE(metadata.contains("message_5"));
    EXPECT_EQ(last.clipped, 1U);

    options.message_parts = 0;
    use(options);
    EXPECT_FALSE(sent_with_message(std::string(5000, 'x')).at("metadata").contains("message"));
    EXPECT_EQ(last.clipped, 1U);
}

TEST_F(logsh_sink, keeps_the_message_when_something_else_is_the_description) {
    record_builder record;
    record.message("the message").field("description", "the description");
    const auto body = sent(record);
    EXPECT_EQ(body.at("description"), "the description");
    EXPECT_EQ(body.at("metadata").at("message"), "the message");
    EXPECT_FALSE(body.at("metadata").contains("description"));

    EXPECT_EQ(sent(record_builder().message("m").field("description", " ")).at("description"), "m");
    EXPECT_FALSE(sent(record_builder().field("description", "d")).at("metadata").contains("message"));
    options.description = "{message}";
    use(options);
    EXPECT_FALSE(sent_with_message("m").at("metadata").contains("message"));
}

TEST_F(logsh_sink, has_an_icon_for_each_level) {
    const auto icon = [this](level lvl) { return sent(record_builder().message("m").lvl(lvl)).at("icon"); };
    EXPECT_EQ(icon(level::trace), "🔍");
    EXPECT_EQ(icon(level::debug), "🐛");
    EXPECT_EQ(icon(level::info), "ℹ️");
    EXPECT_EQ(icon(level::warn), "⚠️");
    EXPECT_EQ(icon(level::err), "❌");
    EXPECT_EQ(icon(level::critical), "🚨");
}

TEST_F(logsh_sink, sends_no_icon_rather_than_an_empty_one) {
    options.icons[2] = "";
    use(options);
    EXPECT_FALSE(sent_with_message("m").contains("icon"));
}

TEST_F(logsh_sink, sends_a_records_icon_only_if_the_server_knows_it) {
    const auto with_icon = [this](const value& icon) {
        return sent(record_builder().message("m").field("icon", icon));
    };
    EXPECT_EQ(with_icon("🔥").at("icon"), "🔥");
    EXPECT_EQ(with_icon("⚠").at("icon"), "⚠") << "the variation selector is optional";
    EXPECT_EQ(with_icon("1️⃣").at("icon"), "1️⃣");
    for (const auto* refused : {"👍🏽", "🟡", "🪵", "🧑‍💻", "🔥🔥", "fire", "", " "}) {
        const auto body = with_icon(refused);
        EXPECT_EQ(body.at("icon"), "ℹ️") << refused;
        EXPECT_EQ(body.at("metadata").at("icon"), refused);
    }
    EXPECT_EQ(with_icon(5).at("icon"), "ℹ️");

    options.any_icon = true;
    use(options);
    EXPECT_EQ(with_icon("🪵").at("icon"), "🪵");
    EXPECT_EQ(with_icon("").at("icon"), "ℹ️");
    EXPECT_EQ(with_icon("\xFF").at("icon"), "ℹ️");
    EXPECT_EQ(with_icon(std::string(100, 'x')).at("icon"), "ℹ️");
}

TEST_F(logsh_sink, notifies_from_a_level_on) {
    options.notify_from = level::err;
    use(options);
    const auto notified = [this](level lvl) {
        const auto notify = sent(record_builder().message("m").lvl(lvl)).at("notify");
        EXPECT_EQ(notify, json(last.pages)) << "a push is not to be sent twice";
        return notify;
    };
    EXPECT_EQ(notified(level::warn), false);
    EXPECT_EQ(notified(level::err), true);
    EXPECT_EQ(notified(level::critical), true);
}

TEST_F(logsh_sink, notifies_nobody_by_default) {
    EXPECT_EQ(sent(record_builder().message("m").lvl(level::critical)).at("notify"), false);
}

TEST_F(logsh_sink, lets_a_record_decide_with_a_real_boolean) {
    EXPECT_EQ(sent(record_builder().message("m").field("notify", true)).at("notify"), true);
    EXPECT_TRUE(last.pages);
    for (const auto& no_boolean : {value("true"), value(1), value::json("true")}) {
        const auto body = sent(record_builder().message("m").field("notify", no_boolean));
        EXPECT_EQ(body.at("notify"), false);
        EXPECT_TRUE(body.at("metadata").contains("notify"));
    }
    options.notify_from = level::trace;
    use(options);
    EXPECT_EQ(sent(record_builder().message("m").field("notify", false)).at("notify"), false);
}

TEST_F(logsh_sink, notifies_so_many_times_a_minute) {
    options.notify_from = level::err;
    options.notify_per_minute = 2;
    use(options);
    const auto notified = [this] { return sent(record_builder().message("m").lvl(level::err)).at("notify"); };
    EXPECT_EQ(notified(), true);
    EXPECT_EQ(notified(), true);
    EXPECT_EQ(notified(), false);
    EXPECT_FALSE(last.pages);
    EXPECT_EQ(last.clipped, 1U);
    now += std::chrono::seconds(60);
    EXPECT_EQ(notified(), true);
}

TEST_F(logsh_sink, never_sends_level_off) {
    record_builder record;
    auto view = record.message("m").view();
    view.lvl = level::off;
    std::string body;
    EXPECT_EQ(subject().encode(view, now, body).what, result::filtered);
    EXPECT_TRUE(body.empty());
}

TEST_F(logsh_sink, keeps_the_body_below_64_kib) {
    options.message_parts = 16;
    use(options);
    record_builder record;
    record.message(std::string(20'000, '\x01'));
    for (int i = 0; i < 128; ++i) record.field(std::string(90, '\x02') + std::to_string(i), std::string(600, '\x03'));
    sent(record);
    EXPECT_LE(raw().size(), 64U * 1024);
    EXPECT_GT(last.clipped, 100U);
}

TEST_F(logsh_sink, names_the_service_and_leaves_the_record_id_out_on_request) {
    options.record_id = false;
    use(options, {"checkout", "1.2", "test"});
    const auto metadata = sent_with_message("m").at("metadata");
    EXPECT_EQ(metadata.at("service.name"), "checkout");
    EXPECT_FALSE(metadata.contains("record_id"));
}

TEST_F(logsh_sink, takes_the_documents_200_and_the_servers_201_for_delivered) {
    EXPECT_EQ(judged(answer(200, "{}")).what, verdict::delivered);
    EXPECT_EQ(judged(answer(201, R"({"status":true})")).what, verdict::delivered);
}

TEST_F(logsh_sink, pauses_on_401) {
    const auto refused = judged(answer(401, R"({"status":false,"name":"unauthorized","message":
        "Your Bearer Token is missing, invalid or expired."})"));
    EXPECT_EQ(refused.what, verdict::paused);
    EXPECT_EQ(refused.why, pause::auth);
    EXPECT_THAT(refused.detail, HasSubstr("expired"));
}

TEST_F(logsh_sink, knows_the_servers_two_meanings_of_403) {
    const auto invalid =
        judged(answer(403, R"({"status":false,"name":"validation_error","message":"event is too long","details":""})"));
    EXPECT_EQ(invalid.what, verdict::rejected);
    EXPECT_EQ(invalid.why, pause::none);
    EXPECT_THAT(invalid.detail, HasSubstr("event is too long"));
    for (const auto* body : {R"({"status":false,"name":"forbidden"})", R"({"name":["validation_error"]})",
                             "validation_error", "", "[]", "\xFF"}) {
        EXPECT_EQ(judged(answer(403, body)).why, pause::auth) << body;
    }
}

TEST_F(logsh_sink, gives_up_every_record_that_gets_a_400_and_names_plan_and_key) {
    const auto response = answer(400, R"({"name":"bad_request","message":"Invalid body parameters provided."})");
    for (int i = 0; i < 30; ++i) EXPECT_EQ(judged(response).what, verdict::rejected) << "a run is delivery's affair";
    EXPECT_THAT(judged(response).detail, HasSubstr("Invalid body parameters"));
    EXPECT_THAT(judged(response).detail, HasSubstr("plan"));
    EXPECT_THAT(judged(response).detail, HasSubstr("api_key"));
}

TEST_F(logsh_sink, tells_the_rate_from_the_quota_by_the_header) {
    const auto body = R"({"status":false,"name":"rate_limit_exceeded","message":"Rate limit was exceeded."})";
    EXPECT_EQ(judged(answer(429, body, "1")).what, verdict::paused);
    EXPECT_EQ(judged(answer(429, body, "1")).why, pause::rate);
    EXPECT_EQ(judged(answer(429, body)).what, verdict::paused);
    EXPECT_EQ(judged(answer(429, body)).why, pause::quota);
    EXPECT_EQ(judged(answer(429, body)).tries, 1U) << "the first one counts as rate";
    EXPECT_EQ(judged(answer(429, body, "1")).tries, 0U);
    EXPECT_EQ(judged(answer(402, R"({"name":"payment_required"})")).why, pause::quota);
}

TEST_F(logsh_sink, tries_a_500_three_times_for_it_may_be_poison) {
    const auto failed = judged(answer(500, R"({"name":"internal_server_error"})"));
    EXPECT_EQ(failed.what, verdict::retry);
    EXPECT_EQ(failed.tries, 3U);
    EXPECT_THAT(failed.detail, HasSubstr("internal_server_error"));
}

TEST_F(logsh_sink, leaves_an_ambiguous_failure_to_whether_the_record_pages) {
    EXPECT_EQ(judged(no_answer(http_failure::ambiguous)).what, verdict::ambiguous);
}

TEST_F(logsh_sink, never_shows_the_key) {
    EXPECT_THAT(judged(answer(401, "key logsh.co_key is invalid")).detail, Not(HasSubstr("logsh.co_key")));
    EXPECT_THAT(judged(answer(403, R"({"name":"validation_error","message":"logsh.co_key"})")).detail,
                Not(HasSubstr("logsh.co_key")));
}

TEST(logsh_options, need_a_workspace_of_1_to_35_units) {
    const auto said = [](std::string workspace) {
        return only_problem_with(logsh{std::move(workspace), secret("k")}, "workspace");
    };
    EXPECT_THAT(said(""), HasSubstr("missing"));
    EXPECT_THAT(said(" \u3000"), HasSubstr("missing"));
    EXPECT_THAT(said(std::string(36, 'w')), HasSubstr("36 UTF-16 units"));
    std::string emoji;
    for (int i = 0; i < 18; ++i) emoji += "😀";
    EXPECT_THAT(said(emoji), HasSubstr("36 UTF-16 units"));
    EXPECT_THAT(said("a\nb"), HasSubstr("control byte"));
    EXPECT_THAT(said("a\xFF"), HasSubstr("UTF-8"));
    EXPECT_TRUE(problems_with(logsh{std::string(35, 'w'), secret("k")}).empty());
    EXPECT_TRUE(problems_with(logsh{" " + std::string(35, 'w') + " ", secret("k")}).empty());
}

TEST(logsh_options, need_a_key_without_bearer) {
    EXPECT_THAT(only_problem_with(logsh{"w", secret()}, "api_key"), HasSubstr("missing"));
    EXPECT_THAT(only_problem_with(logsh{"w", secret("Bearer hunter2")}, "api_key"), HasSubstr("without `Bearer`"));
    EXPECT_THAT(only_problem_with(logsh{"w", secret("Bearer hunter2")}, "api_key"), Not(HasSubstr("hunter2")));
    EXPECT_THAT(only_problem_with(logsh{"w", secret("a\r\nX-Evil:1")}, "api_key"), HasSubstr("control byte"));
}

TEST(logsh_options, need_limits_within_the_vendors) {
    logsh options{"w", secret("k")};
    for (const std::size_t wrong : {std::size_t{0}, std::string_view("(empty)").size() - 1, std::size_t{251}}) {
        options.description_limit = wrong;
        EXPECT_THAT(only_problem_with(options, "description_limit"), HasSubstr("7 to 250"));
    }
    options = logsh{"w", secret("k")};
    options.message_parts = 17;
    EXPECT_THAT(only_problem_with(options, "message_parts"), HasSubstr("16"));
}

TEST(logsh_options, need_icons_that_the_server_knows) {
    logsh options{"w", secret("k")};
    options.icons[4] = "🪵";
    EXPECT_THAT(only_problem_with(options, "icons[4]"), HasSubstr("any_icon"));
    options.any_icon = true;
    EXPECT_TRUE(problems_with(options).empty());
    options.icons[4] = "\xFF";
    EXPECT_THAT(only_problem_with(options, "icons[4]"), HasSubstr("UTF-8"));
    options.icons[4] = " ";
    EXPECT_THAT(only_problem_with(options, "icons[4]"), HasSubstr("emoji"));
}

}  // namespace
}  // namespace logferry::test
