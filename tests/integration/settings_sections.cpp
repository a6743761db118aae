// Sinks that settings of Boost.Log describe: good sections and bad ones.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <boost/log/core.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/log/sources/severity_channel_logger.hpp>
#include <boost/log/trivial.hpp>
#include <boost/log/utility/manipulators/add_value.hpp>
#include <boost/log/utility/setup/filter_parser.hpp>
#include <boost/log/utility/setup/from_settings.hpp>
#include <boost/log/utility/setup/from_stream.hpp>

#include <logferry/boost_log_factory.hpp>

#include "world.hpp"

namespace logferry::test {
namespace {

namespace trivial = boost::log::trivial;
using logger = boost::log::sources::severity_channel_logger_mt<trivial::severity_level, std::string>;

class settings_sections : public world {
protected:
    void SetUp() override {
        boost::log::register_simple_filter_factory<trivial::severity_level>("Severity");
        for (const auto* const vendor : {"logsfori", "logsh", "logsentry", "profound", "logwire"}) {
            ::setenv((std::string(vendor) + "_token").c_str(), server.token(vendor).c_str(), 1);
        }
    }
    void TearDown() override { boost::log::core::get()->remove_all_sinks(); }

    void init(const std::string& text) const {
        std::istringstream stream(text);
        boost::log::init_from_stream(stream);
    }

    /// The keys that every section for this vendor begins with.
    [[nodiscard]] std::string section(const std::string& name, const std::string& vendor) const {
        return "[Sinks." + name + "]\nDestination=logferry\n" + address(vendor);
    }
    [[nodiscard]] std::string address(const std::string& vendor) const {
        const bool is_key = vendor == "logsh" || vendor == "profound";
        auto text = "Vendor=" + vendor + "\nBaseUrl=\"" + server.base_url(vendor) + "\"\n" +
                    (is_key ? "ApiKey" : "Token") + "=\"env:" + vendor + "_token\"\n";
        if (vendor == "logsh") text += "Workspace=shop\n";
        if (vendor == "logsentry") text += "Project=12\n";
        if (vendor == "logwire") text += "ChannelId=channel\n";
        return text;
    }

    /// The text of the error that these settings lead to; fails the test if there is none, or a sink was added anyway.
    std::string error_of(const std::string& text) {
        try {
            init(text);
        } catch (const config_error& e) {
            EXPECT_FALSE(has_a_sink()) << "one was added";
            return e.what();
        }
        ADD_FAILURE() << "these settings were taken:\n" << text;
        return {};
    }

    /// Without any, Boost writes to standard output.
    bool has_a_sink() {
        testing::internal::CaptureStdout();
        BOOST_LOG_SEV(log, trivial::fatal) << "is anybody there";
        std::fflush(stdout);
        return testing::internal::GetCapturedStdout().find("is anybody there") == std::string::npos;
    }

    /// Settles what was logged to the shipper that sections call `main`.
    destination_stats settled_main() {
        const auto main = shippers->find("main");
        return main ? settled(*main) : destination_stats();
    }

    logger log{boost::log::keywords::channel = "shop"};
    std::shared_ptr<boost_log_shippers> shippers = register_boost_log_factory();
};

std::string held_back(const std::string& text, const std::string& what) {
    return text.find(what) == text.npos ? "" : "the text holds what it must not: " + text;
}

TEST_F(settings_sections, make_a_sink_with_the_vendors_options) {
    init(section("ship", "logsh") + "Shipper=main\nEvent=order\nNotifyFrom=error\n");
    BOOST_LOG_SEV(log, trivial::error) << "payment failed";
    EXPECT_EQ(settled_main().delivered, 1u);
    const auto body = only_body("logsh");
    EXPECT_EQ(body["workspace"], "shop");
    EXPECT_EQ(body["event"], "order");
    EXPECT_EQ(body["description"], "payment failed");
    EXPECT_EQ(body["notify"], true);
    EXPECT_EQ(body["metadata"]["logger"], "shop");
}

TEST_F(settings_sections, choose_any_vendor) {
    for (const auto* const vendor : {"logsfori", "logsh", "logsentry", "profound", "logwire"}) {
        init(section("ship", vendor) + "Shipper=" + vendor + "\n");
        BOOST_LOG_SEV(log, trivial::info) << "hello";
        const auto shipper = shippers->find(vendor);
        ASSERT_TRUE(shipper);
        const auto stats = settled(*shipper);
        EXPECT_EQ(stats.name, vendor);
        // Profound takes access logs only.
        EXPECT_EQ(stats.delivered, std::string(vendor) == "profound" ? 0u : 1u);
        EXPECT_EQ(stats.delivered + stats.filtered, 1u);
        boost::log::core::get()->remove_all_sinks();
    }
}

TEST_F(settings_sections, may_come_from_settings_made_in_code) {
    boost::log::settings made;
    made["Sinks.ship.Destination"] = "logferry";
    made["Sinks.ship.Vendor"] = "logsfori";
    made["Sinks.ship.Token"] = "env:logsfori_token";
    made["Sinks.ship.BaseUrl"] = server.base_url("logsfori");
    made["Sinks.ship.Shipper"] = "main";
    boost::log::init_from_settings(made);
    BOOST_LOG_SEV(log, trivial::fatal) << "hello";
    EXPECT_EQ(settled_main().delivered, 1u);
    EXPECT_EQ(only_body("logsfori")["severity"], "critical");
}

TEST_F(settings_sections, filter_as_boosts_own_do) {
    init(section("ship", "logsfori") + "Shipper=main\nFilter=\"%Severity% >= warning & %Channel% = shop\"\n");
    logger other(boost::log::keywords::channel = "other");
    BOOST_LOG_SEV(log, trivial::info) << "too low";
    BOOST_LOG_SEV(other, trivial::error) << "elsewhere";
    BOOST_LOG_SEV(log, trivial::warning) << "taken";
    EXPECT_EQ(settled_main().accepted, 1u);
    EXPECT_EQ(only_body("logsfori")["message"], "taken");
}

TEST_F(settings_sections, send_the_bare_message_unless_they_have_a_format) {
    init(section("plain", "logsfori") + "Shipper=main\n" +
         "[Sinks.formatted]\nDestination=logferry\nShipper=main\nFormat=\"<%Severity%> %Channel%: %Message%\"\n");
    BOOST_LOG_SEV(log, trivial::info) << "hello";
    EXPECT_EQ(settled_main().delivered, 2u);
    const auto sent = bodies("logsfori");
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0]["message"], "hello");
    EXPECT_EQ(sent[1]["message"], "<info> shop: hello");
}

TEST_F(settings_sections, include_exclude_and_rename_attributes) {
    init(section("ship", "logsfori") + "Shipper=main\nExclude=\"Password, Pin\"\nRename=\"RequestID:request_id\"\n");
    BOOST_LOG_SEV(log, trivial::info) << boost::log::add_value("Password", std::string("s3cr3t"))
                                      << boost::log::add_value("Pin", 1234)
                                      << boost::log::add_value("RequestID", std::string("r-1"))
                                      << boost::log::add_value("Other", true) << "hello";
    EXPECT_EQ(settled_main().delivered, 1u);
    const auto extra = only_body("logsfori")["extra"];
    EXPECT_FALSE(extra.contains("Password"));
    EXPECT_FALSE(extra.contains("Pin"));
    EXPECT_EQ(extra["request_id"], "r-1");
    EXPECT_EQ(extra["Other"], true);

    boost::log::core::get()->remove_all_sinks();
    init(section("ship", "logsh") + "Shipper=included\nInclude=Other\n");
    BOOST_LOG_SEV(log, trivial::info) << boost::log::add_value("Pin", 1234) << boost::log::add_value("Other", true)
                                      << "hello";
    EXPECT_EQ(settled(*shippers->find("included")).delivered, 1u);
    const auto metadata = only_body("logsh")["metadata"];
    EXPECT_FALSE(metadata.contains("Pin"));
    EXPECT_TRUE(metadata.contains("Other"));
}

TEST_F(settings_sections, begin_where_the_programs_own_mapping_ends) {
    enum class severity { calm, alarm };
    shippers = register_boost_log_factory(
        boost_log_mapping().severity<severity>({{severity::calm, level::debug}, {severity::alarm, level::critical}}));
    init(section("ship", "logsfori") + "Shipper=main\n");
    boost::log::sources::severity_logger<severity> own;
    BOOST_LOG_SEV(own, severity::alarm) << "hello";
    EXPECT_EQ(settled_main().delivered, 1u);
    EXPECT_EQ(only_body("logsfori")["severity"], "critical");
}

TEST_F(settings_sections, keep_records_in_a_spool) {
    const auto spool = testing::TempDir() + "settings_sections." + std::to_string(::getpid());
    init(section("ship", "logsfori") + "Shipper=main\nSpool=\"" + spool + "\"\nBufferSize=1MiB\n");
    EXPECT_TRUE(shippers->find("main")->stats().spool.in_use);
    EXPECT_TRUE(std::filesystem::is_directory(spool));
    boost::log::core::get()->remove_all_sinks();
    std::filesystem::remove_all(spool);
}

TEST_F(settings_sections, may_leave_the_shipper_to_a_json_file) {
    const auto file = testing::TempDir() + "settings_sections." + std::to_string(::getpid()) + ".json";
    std::ofstream(file) << R"({"destinations": [{"vendor": "logsfori", "token": "env:logsfori_token", "base_url": ")"
                        << server.base_url("logsfori") << R"(", "min_level": "warn"}]})";
    init("[Sinks.ship]\nDestination=logferry\nShipper=main\nConfig=\"" + file + "\"\n");
    BOOST_LOG_SEV(log, trivial::info) << "too low";
    BOOST_LOG_SEV(log, trivial::error) << "taken";
    const auto stats = settled_main();
    EXPECT_EQ(stats.delivered, 1u);
    EXPECT_EQ(stats.filtered, 1u);
    std::filesystem::remove(file);
}

TEST_F(settings_sections, share_a_shipper_when_told_so) {
    init(section("a", "logsfori") + "Shipper=main\nFilter=\"%Channel% = a\"\n" +
         "[Sinks.b]\nDestination=logferry\nShipper=main\nFilter=\"%Channel% = b\"\n");
    for (const auto* const channel : {"a", "b", "c"}) {
        logger one(boost::log::keywords::channel = channel);
        BOOST_LOG_SEV(one, trivial::info) << "from " << channel;
    }
    EXPECT_EQ(settled_main().accepted, 2u);
}

TEST_F(settings_sections, do_not_share_otherwise) {
    init(section("a", "logsfori") + "Shipper=one\n" + section("b", "logsfori") + "Shipper=two\n");
    EXPECT_NE(shippers->find("one"), shippers->find("two"));
    BOOST_LOG_SEV(log, trivial::info) << "to both";
    EXPECT_EQ(settled(*shippers->find("one")).delivered, 1u);
    EXPECT_EQ(settled(*shippers->find("two")).delivered, 1u);
}

TEST_F(settings_sections, may_use_a_shipper_of_the_programs) {
    const auto own = shipper::open(quiet({{logsfori()}}));
    shippers->add("shop", own);
    init("[Sinks.ship]\nDestination=logferry\nShipper=shop\n");
    spdlog::logger other("other", std::make_shared<spdlog_sink>(own));
    BOOST_LOG_SEV(log, trivial::info) << "from Boost.Log";
    other.info("from spdlog");
    EXPECT_EQ(settled(*own).delivered, 2u);
}

TEST_F(settings_sections, close_their_shipper_with_its_last_sink) {
    init(section("a", "logsfori") + "Shipper=main\nCloseBudget=30s\n" +
         "[Sinks.b]\nDestination=logferry\nShipper=main\n");
    EXPECT_TRUE(shippers->find("main"));
    BOOST_LOG_SEV(log, trivial::info) << "delivered at the close";
    boost::log::core::get()->remove_all_sinks();
    EXPECT_FALSE(shippers->find("main"));
    EXPECT_EQ(bodies("logsfori").size(), 2u);
}

TEST_F(settings_sections, stand_beside_those_of_boosts_own) {
    const auto file = testing::TempDir() + "settings_sections." + std::to_string(::getpid()) + ".log";
    init("[Sinks.file]\nDestination=TextFile\nFileName=\"" + file + "\"\nAutoFlush=true\n" +
         section("ship", "logsfori") + "Shipper=main\n");
    BOOST_LOG_SEV(log, trivial::info) << "to both";
    EXPECT_EQ(settled_main().delivered, 1u);
    std::string line;
    std::getline(std::ifstream(file), line);
    EXPECT_EQ(line, "to both");
    boost::log::core::get()->remove_all_sinks();
    std::filesystem::remove(file);
}

// Bad sections: what the error must say, beside the section's own name by its keys.
struct bad {
    const char* name;
    /// After a section that is good for LogsForI, or instead of one when it begins with `[`.
    std::string keys;
    std::vector<const char*> said;
    // So that the tests' names do not hold its bytes.
    friend void PrintTo(const bad& section, std::ostream* out) { *out << section.name; }
};

class bad_section : public settings_sections, public testing::WithParamInterface<bad> {};

TEST_P(bad_section, is_refused_with_section_key_and_remedy) {
    const auto& keys = GetParam().keys;
    const auto text = error_of(keys.front() == '[' ? keys : section("ship", "logsfori") + keys);
    EXPECT_NE(text.find("[Sinks]: the section with Destination=logferry"), text.npos) << text;
    for (const auto* const part : GetParam().said) EXPECT_NE(text.find(part), text.npos) << part << "\nin " << text;
    EXPECT_EQ(held_back(text, "hunter2"), "");
}

INSTANTIATE_TEST_SUITE_P(
    each, bad_section,
    testing::Values(
        bad{"no_vendor", "[Sinks.ship]\nDestination=logferry\nToken=hunter2\n", {"Vendor", "logsfori"}},
        bad{"nothing_at_all", "[Sinks.ship]\nDestination=logferry\n", {"Vendor"}},
        bad{"unknown_vendor", "[Sinks.ship]\nDestination=logferry\nVendor=logsfory\n", {"Vendor", "logsfori"}},
        bad{"required_key_missing",
            "[Sinks.ship]\nDestination=logferry\nVendor=logsh\nWorkspace=shop\n",
            {"Vendor=logsh", "ApiKey"}},
        bad{"unknown_key", "Tokenn=hunter2\n", {"Vendor=logsfori, Tokenn", "Token"}},
        bad{"another_vendors_key", "Workspace=shop\n", {"Workspace"}},
        bad{"key_in_another_case", "minlevel=info\n", {"minlevel", "MinLevel"}},
        bad{"bad_level", "MinLevel=loud\n", {"MinLevel"}},
        bad{"bad_size", "BufferSize=much\n", {"BufferSize", "64KiB"}},
        bad{"bad_duration", "DeliveryMaxAge=5\n", {"DeliveryMaxAge", "has no unit"}},
        bad{"out_of_range", "InFlight=1000\n", {"InFlight", "256"}},
        bad{"buffer_too_small", "BufferSize=1KiB\n", {"BufferSize", "262144"}},
        bad{"secret_not_in_environment",
            "[Sinks.ship]\nDestination=logferry\nVendor=logsfori\nToken=\"env:NO_SUCH\"\n",
            {"Token", "NO_SUCH"}},
        bad{"filter_not_parsed", "Filter=\"%Severity\"\n", {"Filter", "cannot be parsed"}},
        bad{"format_not_parsed", "Format=\"%Message\"\n", {"Format", "cannot be parsed"}},
        bad{"asynchronous", "Asynchronous=true\n", {"Asynchronous", "remove it"}},
        bad{"spool_without_a_parent", "Spool=\"/nonexistent/a/b\"\n", {"Vendor=logsfori, Spool: ", "/nonexistent/a"}},
        bad{"certificate_not_there", "HttpCaFile=\"/nonexistent.pem\"\n", {"HttpCaFile: ", "leave it out"}},
        bad{"include_nothing", "Include=\"\"\n", {"Include", "leave it out"}},
        bad{"rename_with_two_colons", "Rename=\"a:b:c\"\n", {"Rename", "ATTRIBUTE:field"}},
        bad{"rename_without_colon", "Rename=RequestID\n", {"Rename", "ATTRIBUTE:field"}},
        bad{"clock_of_no_kind", "TimeStamps=moon\n", {"TimeStamps", "utc"}},
        bad{"config_beside_options", "Config=logferry.json\n", {"Config=logferry.json", "Vendor", "Config"}},
        bad{"config_not_there",
            "[Sinks.ship]\nDestination=logferry\nConfig=\"/nonexistent/logferry.json\"\n",
            {"Config", "/nonexistent/logferry.json"}},
        bad{"shipper_not_there", "[Sinks.ship]\nDestination=logferry\nShipper=other\n", {"Shipper", "Vendor"}},
        bad{"section_in_the_section",
            "[Sinks.ship.Buffer]\nSize=1MiB\n[Sinks.ship]\nDestination=logferry\n",
            {"Buffer", "is a section"}}),
    [](const auto& test) { return std::string(test.param.name); });

// What `error_of` looks for can be found.
TEST_F(settings_sections, add_a_sink_to_the_core) {
    EXPECT_FALSE(has_a_sink());
    init(section("ship", "logsfori"));
    EXPECT_TRUE(has_a_sink());
}

TEST_F(settings_sections, tell_all_that_is_wrong_at_once) {
    const auto text = error_of(section("ship", "logsfori") +
                               "Tokenn=hunter2\nMinLevel=loud\nBufferSize=1KiB\nFilter=\"%\"\nAsynchronous=true\n");
    for (const auto* const key : {"Tokenn", "MinLevel", "BufferSize", "Filter", "Asynchronous"}) {
        EXPECT_NE(text.find(std::string(", ") + key + ": "), text.npos) << key << "\nin " << text;
    }
    EXPECT_EQ(held_back(text, "hunter2"), "");
}

// A credential may stand behind the wrong key.
TEST_F(settings_sections, show_no_value_that_is_wrong_or_no_name) {
    for (const auto* const keys :
         {"Vendor=hunter2\n", "Vendor=logsfori\nName=\"hunter2{}\"\n", "Config=\"{\\\"token\\\": \\\"hunter2\\\"}\"\n",
          "Vendor=logsfori\nMinLevel=hunter2\n", "Vendor=logsfori\nInFlight=hunter2\n",
          "Vendor=logsfori\nTokn=hunter2\n", "Vendor=logsfori\nTimeStamps=hunter2\n",
          "Vendor=logsfori\nRename=hunter2\n"}) {
        EXPECT_EQ(held_back(error_of(std::string("[Sinks.ship]\nDestination=logferry\n") + keys), "hunter2"), "");
    }
}

TEST_F(settings_sections, name_a_second_owner_of_a_shipper) {
    const auto text = error_of(section("a", "logsfori") + "Shipper=main\n" + section("b", "logsh") + "Shipper=main\n");
    EXPECT_NE(text.find("Vendor=logsh, Shipper: "), text.npos) << text;
    EXPECT_FALSE(shippers->find("main")) << "the first section's shipper was left behind";
}

}  // namespace
}  // namespace logferry::test
