// Encoding one record for each vendor, beside nlohmann/json building and dumping the same object.
#include <benchmark/benchmark.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include <logferry/options.hpp>
#include <support/record_builder.hpp>
#include <vendors/make_vendor.hpp>

namespace {

using logferry::secret;

logferry::test::record_builder typical() {
    logferry::test::record_builder b;
    b.lvl(logferry::level::err).logger("shop.checkout").thread(4711).source("src/checkout/payment.cpp", 231, "charge");
    b.message("payment of order 4711 declined by the bank: card expired (\"do not retry\")");
    b.field("order_id", 4711)
        .field("amount", 99.95)
        .field("currency", "EUR")
        .field("retry", false)
        .field("customer", "c-81723");
    return b;
}

logferry::test::record_builder access() {
    logferry::test::record_builder b;
    b.logger("access").message("GET /products 200");
    b.field("http.request.method", "GET").field("server.address", "shop.example").field("url.path", "/products");
    b.field("http.response.status_code", 200).field("client.address", "192.0.2.17");
    b.field("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
    b.field("url.query", "category=electronics&page=1").field("http.request.header.referer", "https://example.com");
    b.field("http.response.body.size", 1024).field("duration_ms", 150);
    return b;
}

void encode(benchmark::State& state, const logferry::vendor_options& options, logferry::test::record_builder record) {
    std::vector<logferry::config_problem> problems;
    const auto vendor = logferry::vendors::make_vendor(options, {}, problems);
    const auto view = record.view();
    std::string body;
    for (auto _ : state) {
        body.clear();
        benchmark::DoNotOptimize(vendor->encode(view, {}, body));
        benchmark::ClobberMemory();
    }
    state.SetLabel(std::to_string(body.size()) + " bytes");
}

/// The same object, from the same values, by way of a tree.
void tree(benchmark::State& state, const logferry::vendor_options& options, logferry::test::record_builder record) {
    std::vector<logferry::config_problem> problems;
    const auto vendor = logferry::vendors::make_vendor(options, {}, problems);
    std::string body;
    vendor->encode(record.view(), {}, body);
    const auto model = nlohmann::ordered_json::parse(body);
    // Building means: a new object, every key and value given to it, as code that uses the library writes it. A
    // document inside a string (LogSentry's context) is built and dumped for itself.
    std::map<std::string, nlohmann::ordered_json> documents;
    for (const auto& [key, value] : model.items()) {
        if (value.is_string() && key == "context")
            documents[key] = nlohmann::ordered_json::parse(value.get<std::string>());
    }
    const std::function<nlohmann::json(const nlohmann::ordered_json&)> build = [&](const nlohmann::ordered_json& from) {
        auto object = nlohmann::json::object();
        for (const auto& [key, value] : from.items()) {
            if (value.is_object()) {
                object[key] = build(value);
            } else if (const auto document = documents.find(key); document != documents.end()) {
                object[key] = build(document->second).dump();
            } else if (value.is_string()) {
                object[key] = value.get_ref<const std::string&>();
            } else if (value.is_boolean()) {
                object[key] = value.get<bool>();
            } else if (value.is_number_integer()) {
                object[key] = value.get<std::int64_t>();
            } else {
                object[key] = value.get<double>();
            }
        }
        return object;
    };
    for (auto _ : state) {
        auto text = build(model).dump();
        benchmark::DoNotOptimize(text);
    }
}

const logferry::logsfori logsfori{.token = secret("t")};
const logferry::logsh logsh{.workspace = "shop", .api_key = secret("t")};
const logferry::logsentry logsentry{.project = 12, .token = secret("t")};
const logferry::profound profound{.api_key = secret("bot_t")};
const logferry::logwire logwire{.base_url = "https://logwire.example", .channel_id = "c", .token = secret("t")};

BENCHMARK_CAPTURE(encode, logsfori, logsfori, typical());
BENCHMARK_CAPTURE(tree, logsfori, logsfori, typical());
BENCHMARK_CAPTURE(encode, logsh, logsh, typical());
BENCHMARK_CAPTURE(tree, logsh, logsh, typical());
BENCHMARK_CAPTURE(encode, logsentry, logsentry, typical());
BENCHMARK_CAPTURE(tree, logsentry, logsentry, typical());
BENCHMARK_CAPTURE(encode, profound, profound, access());
BENCHMARK_CAPTURE(tree, profound, profound, access());
BENCHMARK_CAPTURE(encode, logwire, logwire, typical());
BENCHMARK_CAPTURE(tree, logwire, logwire, typical());

}  // namespace

BENCHMARK_MAIN();
