// The ways in which a program adds the sink, what it says about attributes, and what of a record arrives.
#include <clocale>
#include <stdexcept>

#include <boost/log/attributes/current_process_name.hpp>
#include <boost/log/expressions.hpp>
#include <boost/log/sinks/sync_frontend.hpp>
#include <boost/log/sinks/text_ostream_backend.hpp>
#include <boost/log/sources/channel_logger.hpp>
#include <boost/log/sources/severity_channel_logger.hpp>
#include <boost/log/trivial.hpp>
#include <boost/log/utility/manipulators/add_value.hpp>
#include <boost/log/utility/setup/common_attributes.hpp>

#include "boost_world.hpp"

namespace logferry::test {
namespace {

namespace attrs = blog::attributes;
namespace expr = blog::expressions;

class boost_setup : public boost_world {
protected:
    /// A sink of Boost's own, which writes what a console would show.
    void add_console() {
        const auto backend = boost::make_shared<blog::sinks::text_ostream_backend>();
        backend->add_stream(boost::shared_ptr<std::ostream>(&shown, [](std::ostream*) {}));
        blog::core::get()->add_sink(
            boost::make_shared<blog::sinks::synchronous_sink<blog::sinks::text_ostream_backend>>(backend));
    }
    std::ostringstream shown;
};

TEST_F(boost_setup, one_call_and_trivial_logging) {
    bsink = add_boost_log_sink(logsh());
    BOOST_LOG_TRIVIAL(error) << "hello "
                             << "world";
    ASSERT_TRUE(server.wait_for("logsh", 1, seconds(60)));
    EXPECT_EQ(only_body("logsh")["description"], "hello world");
    EXPECT_EQ(only_body("logsh")["metadata"]["level"], "error");
}

TEST_F(boost_setup, with_the_attributes_that_boost_calls_common) {
    add_sink_to(logsfori());
    blog::add_common_attributes();
    BOOST_LOG_TRIVIAL(info) << "one";
    BOOST_LOG_TRIVIAL(info) << "two";
    const auto extra = last()["extra"];
    EXPECT_EQ(extra["process.pid"], getpid());
    EXPECT_EQ(extra["LineID"], bodies("logsfori")[0]["extra"]["LineID"].get<int>() + 1);
    for (const auto* const taken : {"Severity", "TimeStamp", "ThreadID", "ProcessID", "Message"}) {
        EXPECT_FALSE(extra.contains(taken)) << taken;
    }
}

TEST_F(boost_setup, everything_that_a_record_says_about_itself) {
    add_sink_to(logsfori());
    blog::sources::severity_channel_logger<blog::trivial::severity_level> log(blog::keywords::channel = "shop");
    log.add_attribute("File", attrs::constant<std::string>("src/cart.cpp"));
    log.add_attribute("LineNumber", attrs::constant<int>(42));
    log.add_attribute("Func", attrs::constant<blog::string_literal>("checkout"));
    log.add_attribute("Process", attrs::current_process_name());
    BOOST_LOG_SEV(log, blog::trivial::error) << "cart is gone";
    const auto body = last();
    EXPECT_EQ(body["severity"], "error");
    EXPECT_EQ(body["message"], "cart is gone");
    EXPECT_EQ(body["extra"]["logger"], "shop");
    EXPECT_EQ(body["extra"]["code.file.path"], "src/cart.cpp");
    EXPECT_EQ(body["extra"]["code.line.number"], 42);
    EXPECT_EQ(body["extra"]["code.function.name"], "checkout");
    EXPECT_EQ(body["extra"]["process.executable.name"], "test_boost_log");
    EXPECT_EQ(body["extra"].size(), 8u) << body["extra"];
}

TEST_F(boost_setup, what_does_not_fit_its_role_is_a_field) {
    add_sink_to(logsfori());
    EXPECT_EQ(received_with("Channel", 7)["extra"]["Channel"], 7);
    EXPECT_EQ(received_with("Line", std::string("blue"))["extra"]["Line"], "blue");
    EXPECT_EQ(received_with("Line", -1)["extra"]["Line"], -1);
    EXPECT_EQ(received_with("File", 3)["extra"]["File"], 3);
    EXPECT_EQ(received_with("Scope", 4)["extra"]["scope"], 4);
    auto log = logger_with("File", std::string("a.cpp"));
    log.add_attribute("file", attrs::constant<std::string>("b.cpp"));
    BOOST_LOG(log) << "two files";
    const auto extra = last()["extra"];
    EXPECT_TRUE((extra["code.file.path"] == "a.cpp" && extra["file"] == "b.cpp") ||
                (extra["code.file.path"] == "b.cpp" && extra["File"] == "a.cpp"))
        << extra;
}

TEST_F(boost_setup, names_of_logferrys_own_properties_survive) {
    add_sink_to(logsfori());
    blog::sources::logger log;
    for (const auto* const name : {"level", "logger", "record_id", "service.name", "thread.id"}) {
        log.add_attribute(name, attrs::constant<std::string>(std::string("my ") + name));
    }
    BOOST_LOG(log) << "clash";
    const auto extra = last()["extra"];
    EXPECT_EQ(extra["level"], "info");
    for (const auto* const name : {"level", "logger", "record_id", "service.name", "thread.id"}) {
        EXPECT_EQ(extra[std::string("field.") + name], std::string("my ") + name);
    }
}

TEST_F(boost_setup, a_record_without_a_message) {
    add_sink_to(logsfori());
    blog::sources::logger log = logger_with("a", 1);
    auto record = log.open_record();
    ASSERT_TRUE(!!record);
    log.push_record(std::move(record));
    EXPECT_EQ(last()["extra"]["a"], 1);
    EXPECT_EQ(ledger().delivered, 1u);
}

TEST_F(boost_setup, wide_loggers) {
    add_sink_to(logsfori());
    blog::sources::wlogger log;
    BOOST_LOG(log) << L"gr\u00FC\u00DF \u20AC";
    EXPECT_EQ(last()["message"], "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC");
    BOOST_LOG(log) << L"wide " << kv("a", 1);
    EXPECT_EQ(last()["message"], "wide a=1");
    EXPECT_EQ(last()["extra"]["a"], 1);
}

TEST_F(boost_setup, exclude_and_include) {
    blog::sources::logger log = logger_with("secret", 1);
    log.add_attribute("wanted", attrs::constant<int>(2));
    log.add_attribute("other", attrs::constant<int>(3));
    log.add_attribute("Severity", attrs::constant<int>(4));
    add_sink_to(logsfori(), boost_log_mapping().exclude({"secret"}));
    BOOST_LOG(log) << "one";
    auto extra = last()["extra"];
    EXPECT_FALSE(extra.contains("secret"));
    EXPECT_EQ(extra["other"], 3);

    add_sink_to(logsfori(), boost_log_mapping().include({"wanted", "secret"}).exclude({"secret", "Severity"}));
    BOOST_LOG(log) << "two";
    extra = last()["extra"];
    EXPECT_EQ(extra["wanted"], 2);
    EXPECT_FALSE(extra.contains("secret"));
    EXPECT_FALSE(extra.contains("other"));
    EXPECT_EQ(extra["level"], "info");

    add_sink_to(logsfori(), boost_log_mapping().include({}));
    BOOST_LOG(log) << "three";
    extra = last()["extra"];
    EXPECT_EQ(extra["level"], "error");
    EXPECT_FALSE(extra.contains("wanted"));
}

TEST_F(boost_setup, renamed_attributes) {
    add_sink_to(logsfori(), boost_log_mapping()
                                .rename("RequestID", "request_id")
                                .rename("Weight", "Severity")
                                .rename("Severity", "importance")
                                .rename("Tag", "Channel"));
    blog::sources::logger log = logger_with("RequestID", std::string("r-1"));
    log.add_attribute("Weight", attrs::constant<int>(4));
    log.add_attribute("Severity", attrs::constant<int>(77));
    log.add_attribute("Tag", attrs::constant<std::string>("shop"));
    BOOST_LOG(log) << "renamed";
    const auto extra = last()["extra"];
    EXPECT_EQ(extra["request_id"], "r-1");
    EXPECT_EQ(extra["level"], "error");
    EXPECT_EQ(extra["importance"], 77);
    EXPECT_EQ(extra["logger"], "shop");
    EXPECT_FALSE(extra.contains("RequestID"));
}

TEST_F(boost_setup, one_renamed_to_a_role_takes_it_from_the_one_of_that_name) {
    add_sink_to(logsfori(), boost_log_mapping().rename("Weight", "Severity"));
    blog::sources::logger log = logger_with("Severity", 1);
    log.add_attribute("Weight", attrs::constant<int>(4));
    BOOST_LOG(log) << "both";
    EXPECT_EQ(last()["extra"]["level"], "error");
    EXPECT_EQ(last()["extra"]["Severity_2"], 1);
}

TEST_F(boost_setup, two_attributes_for_one_key) {
    add_sink_to(logsfori(), boost_log_mapping().rename("first", "id").rename("second", "id"));
    // Whichever is met first.
    blog::sources::logger log = logger_with("id", std::string("its own"));
    log.add_attribute("second", attrs::constant<std::string>("second"));
    log.add_attribute("first", attrs::constant<std::string>("first"));
    BOOST_LOG(log) << "clash";
    const auto extra = last()["extra"];
    EXPECT_EQ(extra["id"], "first");
    EXPECT_EQ(extra["id_2"], "second");
    EXPECT_EQ(extra["id_3"], "its own");
}

TEST_F(boost_setup, kv_is_typed_here_and_readable_elsewhere) {
    add_sink_to(logsfori());
    add_console();
    blog::sources::logger log;
    BOOST_LOG(log) << "payment failed "
                   << kv("order_id", 42, "amount", 9.99, "card", std::string("visa debit"), "retry", false)
                   << ", sorry";
    const auto extra = last()["extra"];
    EXPECT_EQ(extra["order_id"], 42);
    EXPECT_EQ(extra["amount"], 9.99);
    EXPECT_EQ(extra["card"], "visa debit");
    EXPECT_EQ(extra["retry"], false);
    const std::string text = "payment failed order_id=42 amount=9.99 card=\"visa debit\" retry=false, sorry";
    EXPECT_EQ(last()["message"], text);
    EXPECT_EQ(shown.str(), text + "\n");

    BOOST_LOG(log) << "order_id=42, it only looks like it";
    EXPECT_FALSE(last()["extra"].contains("order_id"));
}

TEST_F(boost_setup, kv_is_an_attribute_for_every_sink) {
    add_sink_to(logsfori());
    const auto seen = boost::make_shared<blog::sinks::text_ostream_backend>();
    seen->add_stream(boost::shared_ptr<std::ostream>(&shown, [](std::ostream*) {}));
    const auto other = boost::make_shared<blog::sinks::synchronous_sink<blog::sinks::text_ostream_backend>>(seen);
    other->set_formatter(expr::stream << expr::attr<std::int64_t>("order_id") << '|'
                                      << expr::attr<std::string>("card"));
    blog::core::get()->add_sink(other);
    blog::sources::logger log;
    BOOST_LOG(log) << kv("order_id", 42, "card", "visa");
    EXPECT_EQ(shown.str(), "42|visa\n");
}

TEST_F(boost_setup, kv_counts_before_what_the_logger_says_and_never_touches_the_message) {
    add_sink_to(logsfori());
    blog::sources::logger log = logger_with("user_id", 7);
    BOOST_LOG(log) << "paid " << kv("user_id", 8, "Message", "a field", "cart", value::json("[1]")) << " done";
    const auto body = last();
    EXPECT_EQ(body["message"], "paid user_id=8 Message=\"a field\" cart=[1] done");
    EXPECT_EQ(body["extra"]["user_id"], 8);
    EXPECT_EQ(body["extra"]["Message_2"], "a field");
    EXPECT_EQ(body["extra"]["cart"], json::parse("[1]"));
}

TEST_F(boost_setup, boosts_own_way_to_add_a_value) {
    add_sink_to(logsfori());
    blog::sources::logger log;
    BOOST_LOG(log) << blog::add_value("order_id", 42) << "paid";
    EXPECT_EQ(last()["extra"]["order_id"], 42);
}

TEST_F(boost_setup, a_scope_of_logferrys_decorates_the_records_of_its_thread) {
    add_sink_to(logsfori());
    blog::sources::logger log;
    const scope request{{"request_id", "r-1"}};
    BOOST_LOG(log) << "inside";
    EXPECT_EQ(last()["extra"]["request_id"], "r-1");
    std::thread([] {
        blog::sources::logger other;
        BOOST_LOG(other) << "elsewhere";
    }).join();
    EXPECT_FALSE(last()["extra"].contains("request_id"));
}

TEST_F(boost_setup, a_formatter_if_one_is_set) {
    add_sink_to(logsfori());
    blog::sources::channel_logger<> log(blog::keywords::channel = "shop");
    bsink->set_formatter(expr::stream << '[' << expr::attr<std::string>("Channel") << "] " << expr::smessage << '\n');
    BOOST_LOG(log) << "dressed";
    EXPECT_EQ(last()["message"], "[shop] dressed");
    bsink->set_formatter([](const blog::record_view&, blog::formatting_ostream& out) { out << 1.5; });
    BOOST_LOG(log) << "as a function";
    EXPECT_EQ(last()["message"], "1.5");
    bsink->reset_formatter();
    BOOST_LOG(log) << "bare";
    EXPECT_EQ(last()["message"], "bare");
    EXPECT_EQ(last()["extra"]["logger"], "shop");
}

struct comma_point : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
};

TEST_F(boost_setup, a_formatter_has_the_locale_of_the_sink) {
    add_sink_to(logsfori());
    bsink->set_formatter([](const blog::record_view&, blog::formatting_ostream& out) { out << 1.5; });
    bsink->imbue(std::locale(std::locale::classic(), new comma_point));
    EXPECT_EQ(std::use_facet<std::numpunct<char>>(bsink->getloc()).decimal_point(), ',');
    EXPECT_EQ(received_with("a", 1)["message"], "1,5");
}

TEST_F(boost_setup, a_formatter_that_throws_costs_neither_the_record_nor_the_program) {
    add_sink_to(logsfori());
    bool now = true;
    bsink->set_formatter([&now](const blog::record_view&, blog::formatting_ostream& out) {
        out << "half ";
        if (now) throw std::runtime_error("no");
        out << "whole";
    });
    EXPECT_EQ(received_with("a", 1)["message"], "a record");
    now = false;
    EXPECT_EQ(received_with("a", 1)["message"], "half whole");
}

TEST_F(boost_setup, a_formatter_that_breaks_the_stream_breaks_it_for_one_record) {
    add_sink_to(logsfori());
    bool now = true;
    bsink->set_formatter([&now](const blog::record_view&, blog::formatting_ostream& out) {
        if (now) out.setstate(std::ios_base::failbit);
        out << std::hex << 255;
    });
    EXPECT_EQ(received_with("a", 1)["message"], "a record");
    now = false;
    EXPECT_EQ(received_with("a", 1)["message"], "ff");
}

TEST_F(boost_setup, a_formatter_that_logs) {
    add_sink_to(logsfori());
    blog::sources::logger log;
    int depth = 0;
    bsink->set_formatter([&](const blog::record_view&, blog::formatting_ostream& out) {
        if (++depth == 1) BOOST_LOG(log) << "inner";
        out << "formatted";
    });
    BOOST_LOG(log) << "outer";
    ledger();
    const auto all = bodies("logsfori");
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0]["message"], "inner");
    EXPECT_EQ(all[1]["message"], "formatted");
}

TEST_F(boost_setup, filters_are_boosts_own) {
    add_sink_to(logsfori());
    bsink->set_filter(expr::attr<int>("Severity") >= 3);
    received_with("Severity", 2);
    EXPECT_EQ(received_with("Severity", 4)["extra"]["level"], "error");
    EXPECT_EQ(ledger().accepted, 1u);
    bsink->reset_filter();
    received_with("Severity", 2);
    EXPECT_EQ(ledger().accepted, 2u);
}

TEST_F(boost_setup, a_bad_configuration_lists_every_problem_and_adds_nothing) {
    try {
        add_boost_log_sink(logferry::logsh{std::string(36, 'w'), secret("hunter2\r\nX-Evil: 1")});
        FAIL() << "a configuration without hope was accepted";
    } catch (const config_error& e) {
        const std::string text = e.what();
        for (const auto* const field : {"destinations[0].workspace", "destinations[0].api_key"}) {
            EXPECT_NE(text.find(field), std::string::npos) << text;
        }
        EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    }
    EXPECT_THROW(boost_log_backend(std::shared_ptr<shipper>()), config_error);
    EXPECT_THROW(boost_log_sink(boost::shared_ptr<boost_log_backend>()), config_error);
}

TEST_F(boost_setup, both_frameworks_on_one_shipper) {
    const auto shared = shipper::open(quiet({{logsfori()}}));
    bsink = add_boost_log_sink(shared);
    spdlog::logger other("spd", std::make_shared<spdlog_sink>(shared));
    blog::sources::channel_logger<> log(blog::keywords::channel = "boost");
    for (int i = 0; i < 50; ++i) {
        other.info("one {}", kv("i", i));
        BOOST_LOG(log) << "two " << kv("i", i);
    }
    const auto book = settled(*shared);
    EXPECT_EQ(book.accepted, 100u);
    EXPECT_EQ(book.delivered, 100u);
    std::map<std::string, int> by_logger;
    for (const auto& body : bodies("logsfori")) ++by_logger[body["extra"]["logger"]];
    EXPECT_EQ(by_logger, (std::map<std::string, int>{{"boost", 50}, {"spd", 50}}));
}

}  // namespace
}  // namespace logferry::test
