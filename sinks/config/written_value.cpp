#include <config/written_value.hpp>

#include <config/quantity.hpp>

namespace logferry::config {

namespace {

using nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct value_writer {
    using result = std::optional<ordered_json>;

    result operator()(bool* at) const { return *at; }
    result operator()(std::size_t* at) const { return *at; }
    result operator()(unsigned* at) const { return *at; }
    result operator()(std::int64_t* at) const { return *at; }
    result operator()(const byte_count& size) const {
        if (*size.at == 0 || *size.at % 1024 != 0) return *size.at;
        return size_to_text(*size.at);
    }
    result operator()(std::string* at) const { return *at; }
    result operator()(level* at) const { return std::string(to_string(*at)); }
    result operator()(milliseconds* at) const { return to_text(*at); }
    result operator()(seconds* at) const { return to_text(*at); }
    result operator()(std::optional<milliseconds>* at) const { return *at ? result(to_text(**at)) : std::nullopt; }
    result operator()(std::vector<std::string>* at) const { return ordered_json(*at); }
    result operator()(by_level<std::string>* at) const { return table(*at); }
    result operator()(by_level<unsigned>* at) const { return table(*at); }
    result operator()(const choice& at) const { return std::string(at.words[at.chosen()]); }
    template <class Other>
    result operator()(const Other&) const {
        return std::nullopt;
    }

private:
    template <class Value>
    static result table(const by_level<Value>& of) {
        auto written = ordered_json::object();
        for (std::size_t i = 0; i < level_count; ++i) written[std::string(to_string(static_cast<level>(i)))] = of[i];
        return written;
    }
};

}  // namespace

std::optional<ordered_json> written(const place& at) { return std::visit(value_writer(), at); }

}  // namespace logferry::config
