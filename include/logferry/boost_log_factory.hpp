// The settings of Boost.Log: `init_from_stream` and `init_from_settings` make logferry's sinks from sections.
// Header-only; needs Boost's `log_setup` library beside `log`.
//
//     logferry::register_boost_log_factory();
//     boost::log::init_from_stream(file);
//
//     [Sinks.ship]
//     Destination=logferry
//     Vendor=logsh
//     Workspace=shop
//     ApiKey="env:LOGSH_API_KEY"
//     MinLevel=info
#pragma once

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/log/utility/setup/filter_parser.hpp>
#include <boost/log/utility/setup/formatter_parser.hpp>
#include <boost/log/utility/setup/from_settings.hpp>
#include <boost/make_shared.hpp>

#include <logferry/boost_log_backend.hpp>
#include <logferry/config.hpp>

namespace logferry {

/// Shippers by the names that settings give them with `Shipper=NAME`. It keeps none alive: a shipper closes when the
/// last sink (and whoever else holds it) lets it go.
///
/// Thread rule: every member from any thread.
class boost_log_shippers {
public:
    /// Lets sections say `Shipper=NAME` to use a shipper of the application's own, which keeps it alive meanwhile.
    void add(const std::string& name, const std::shared_ptr<shipper>& one) {
        const std::lock_guard<std::mutex> lock(mutex_);
        named_[name] = one;
    }

    /// The same, but for a name that a living shipper has: then it changes nothing and returns false.
    bool add_new(const std::string& name, const std::shared_ptr<shipper>& one) {
        const std::lock_guard<std::mutex> lock(mutex_);
        auto& place = named_[name];
        if (!place.expired()) return false;
        place = one;
        return true;
    }

    /// The shipper of that name, for `drain`, `close`, `stats` or an spdlog sink; null when there is none, or no more.
    [[nodiscard]] std::shared_ptr<shipper> find(const std::string& name) const {
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto found = named_.find(name);
        return found == named_.end() ? nullptr : found->second.lock();
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::weak_ptr<shipper>> named_;
};

namespace detail {

/// One section of the settings: what is about the sink, and what is about the shipper behind it.
class boost_log_section {
public:
    explicit boost_log_section(const boost::log::settings_section& section) {
        if (section.empty()) return;
        for (const auto& [key, node] : section.property_tree()) {
            if (!node.empty()) {
                complain(key, "is a section; a sink's settings are keys of one section");
            } else if (is_for_sink(key)) {
                take_for_sink(key, node.data());
            } else {
                for_shipper_.push_back({key, node.data()});
            }
        }
    }

    [[nodiscard]] const std::vector<config::setting>& for_shipper() const noexcept { return for_shipper_; }

    /// The value of a key that is about the sink.
    [[nodiscard]] const std::string* find(const std::string& key) const {
        const auto found = for_sink_.find(key);
        return found == for_sink_.end() ? nullptr : &found->second;
    }

    /// The parts of a value that is a list separated by commas, without the blanks around them.
    [[nodiscard]] std::vector<std::string> list(const std::string& key) const {
        std::vector<std::string> parts;
        const auto* const text = find(key);
        std::string_view rest = text ? std::string_view(*text) : std::string_view();
        while (!rest.empty()) {
            const auto end = std::min(rest.find(','), rest.size());
            if (const auto part = trimmed(rest.substr(0, end)); !part.empty()) parts.emplace_back(part);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return parts;
    }

    void complain(const std::string& key, std::string message) { problems_.push_back({key, std::move(message)}); }
    void complain(const config_error& error, const std::string& in) {
        for (const auto& p : error.problems()) complain(in + p.field, p.message);
    }

    /// Throws what was complained of. Boost does not tell a factory its section's name, so keys stand for it.
    void throw_problems() const {
        if (problems_.empty()) return;
        auto named = problems_;
        for (auto& p : named) p.field = name() + ", " + p.field;
        throw config_error(std::move(named));
    }

    static std::string_view trimmed(std::string_view text) noexcept {
        constexpr std::string_view blanks = " \t";
        const auto first = std::min(text.find_first_not_of(blanks), text.size());
        const auto last = text.find_last_not_of(blanks);
        return last == text.npos ? std::string_view() : text.substr(first, last - first + 1);
    }

private:
    static bool is_for_sink(const std::string& key) {
        constexpr std::array<std::string_view, 10> known = {"Destination", "Filter",      "Format",  "Config",
                                                            "Shipper",     "Include",     "Exclude", "Rename",
                                                            "TimeStamps",  "Asynchronous"};
        return std::find(known.begin(), known.end(), key) != known.end();
    }

    void take_for_sink(const std::string& key, const std::string& value) {
        if (!for_sink_.emplace(key, value).second) complain(key, "is given twice; leave one out");
    }

    [[nodiscard]] std::string name() const {
        std::string text = "[Sinks]: the section with Destination=logferry";
        const auto add = [this, &text](const std::string& key, const std::string& value) {
            if (may_be_shown(key, value)) text += ", " + key + "=" + value;
        };
        for (const auto& s : for_shipper_) {
            if (s.key == "Vendor" || s.key == "Name") add(s.key, s.value);
        }
        for (const char* const key : {"Config", "Shipper"}) {
            if (const auto* const value = find(key)) add(key, *value);
        }
        return text;
    }

    /// A value that is wrong, or does not look like a name or a path, may be a credential that went astray.
    [[nodiscard]] bool may_be_shown(const std::string& key, std::string_view value) const {
        const bool complained =
            std::any_of(problems_.begin(), problems_.end(), [&key](const auto& p) { return p.field == key; });
        constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./ ";
        return !complained && value.size() <= 100 && value.find_first_not_of(allowed) == value.npos;
    }

    std::map<std::string, std::string> for_sink_;
    std::vector<config::setting> for_shipper_;
    std::vector<config_problem> problems_;
};

/// Makes a sink from a section.
class boost_log_factory final : public boost::log::sink_factory<char> {
public:
    boost_log_factory(boost_log_mapping mapping, std::shared_ptr<boost_log_shippers> shippers)
        : mapping_(std::move(mapping)), shippers_(std::move(shippers)) {}

    boost::shared_ptr<boost::log::sinks::sink> create_sink(const settings_section& settings) override {
        boost_log_section section(settings);
        const auto filter = parsed<boost::log::filter>(section, "Filter", parse_filter);
        const auto format = parsed<boost::log::formatter>(section, "Format", parse_format);
        auto mapping = mapping_of(section);
        refuse_asynchronous(section);
        // What is wrong with the options is told together with what is wrong with the sink; nothing is opened then.
        const auto opts = options_of(section);
        section.throw_problems();
        const auto to = opts ? opened(section, *opts) : shared(section);
        section.throw_problems();
        const auto sink =
            boost::make_shared<boost_log_sink>(boost::make_shared<boost_log_backend>(to, std::move(mapping)));
        if (filter) sink->set_filter(*filter);
        if (format) sink->set_formatter(*format);
        return sink;
    }

private:
    static boost::log::filter parse_filter(const std::string& text) { return boost::log::parse_filter(text); }
    static boost::log::formatter parse_format(const std::string& text) { return boost::log::parse_formatter(text); }

    template <typename Result>
    static std::optional<Result> parsed(boost_log_section& section, const char* key,
                                        Result (*parse)(const std::string&)) {
        const auto* const text = section.find(key);
        if (!text) return std::nullopt;
        try {
            return parse(*text);
        } catch (const std::exception& error) {
            section.complain(key, std::string("cannot be parsed by Boost.Log (") + error.what() +
                                      "); see its documentation of filters and formatters in settings");
            return std::nullopt;
        }
    }

    [[nodiscard]] boost_log_mapping mapping_of(boost_log_section& section) const {
        auto mapping = mapping_;
        if (section.find("Include")) {
            const auto names = section.list("Include");
            if (names.empty()) section.complain("Include", "is empty; name attributes, or leave it out to send all");
            mapping.include(names);
        }
        mapping.exclude(section.list("Exclude"));
        for (const auto& pair : section.list("Rename")) rename(mapping, section, pair);
        if (const auto* const clock = section.find("TimeStamps")) set_clock(mapping, section, *clock);
        return mapping;
    }

    static void rename(boost_log_mapping& mapping, boost_log_section& section, const std::string& pair) {
        const auto colon = pair.find(':');
        const auto from = boost_log_section::trimmed(std::string_view(pair).substr(0, colon));
        const auto to = colon == pair.npos ? std::string_view()
                                           : boost_log_section::trimmed(std::string_view(pair).substr(colon + 1));
        if (from.empty() || to.empty() || to.find(':') != to.npos) {
            section.complain("Rename", "has an entry that is not ATTRIBUTE:field; write Rename=RequestID:request_id");
        } else {
            mapping.rename(std::string(from), std::string(to));
        }
    }

    static void set_clock(boost_log_mapping& mapping, boost_log_section& section, const std::string& word) {
        using clock = boost_log_mapping::clock;
        if (word == "automatic") {
            mapping.time_stamps(clock::automatic);
        } else if (word == "utc") {
            mapping.time_stamps(clock::utc);
        } else if (word == "local") {
            mapping.time_stamps(clock::local);
        } else {
            section.complain("TimeStamps", "is none of the words known here; choose automatic, utc or local");
        }
    }

    // Boost's own sinks know the key, so a section changed to logferry may still have it.
    static void refuse_asynchronous(boost_log_section& section) {
        const auto* const value = section.find("Asynchronous");
        if (!value || *value == "false" || *value == "0") return;
        section.complain("Asynchronous",
                         "is set; remove it, for logferry sends from a thread of its own and a queue before it may "
                         "only delay and lose records");
    }

    /// The options that the section gives; nothing when it uses somebody else's shipper, or they are no good.
    [[nodiscard]] std::optional<options> options_of(boost_log_section& section) const {
        const auto* const file = section.find("Config");
        const auto* const name = section.find("Shipper");
        try {
            if (file) {
                for (const auto& s : section.for_shipper()) {
                    section.complain(s.key, "is given together with Config; put it into that file, or leave one out");
                }
                refuse_second_owner(section);
                return config::from_file(*file);
            }
            if (name && section.for_shipper().empty()) {
                if (!shippers_->find(*name)) section.complain("Shipper", unknown_shipper);
                return std::nullopt;
            }
            refuse_second_owner(section);
            return config::from_settings(section.for_shipper());
        } catch (const config_error& error) {
            section.complain(error, file ? "Config: " : "");
            return std::nullopt;
        }
    }

    void refuse_second_owner(boost_log_section& section) const {
        const auto* const name = section.find("Shipper");
        if (name && name->empty()) section.complain("Shipper", "is empty; give a name, or leave it out");
        if (!name || !shippers_->find(*name)) return;
        section.complain("Shipper", second_owner);
    }

    /// Complains, and returns nothing, where only opening shows what is wrong: a spool or a certificate's file.
    [[nodiscard]] std::shared_ptr<shipper> opened(boost_log_section& section, const options& opts) const {
        try {
            auto made = shipper::open(opts);
            const auto* const name = section.find("Shipper");
            if (name && !shippers_->add_new(*name, made)) section.complain("Shipper", second_owner);
            return made;
        } catch (const config_error& error) {
            const bool from_file = section.find("Config") != nullptr;
            for (const auto& p : error.problems()) {
                section.complain(from_file ? "Config: " + p.field : config::settings_key_of(p.field), p.message);
            }
            return nullptr;
        }
    }

    [[nodiscard]] std::shared_ptr<shipper> shared(boost_log_section& section) const {
        auto found = shippers_->find(*section.find("Shipper"));
        if (!found) section.complain("Shipper", unknown_shipper);
        return found;
    }

    static constexpr const char* second_owner =
        "names a shipper that is there already; to use it, leave out what describes a shipper (Vendor, Config ...), or "
        "choose another name";
    static constexpr const char* unknown_shipper =
        "names no shipper; give Vendor or Config in the first section that names it, or add the shipper in code "
        "before the settings are read";

    boost_log_mapping mapping_;
    std::shared_ptr<boost_log_shippers> shippers_;
};

}  // namespace detail

/// Makes `Destination=logferry` known to `boost::log::init_from_stream` and `init_from_settings`. Call it before these;
/// a later call replaces an earlier one, whose shippers its sections do not know. `mapping` is where every section's
/// own begins. Settings of wide characters are not read.
///
/// A section has the keys of `config::from_settings` (`Vendor`, `ApiKey`, `MinLevel`, `Spool` ...), or `Config` with a
/// JSON file's path, and of its own:
/// - `Filter`, `Format`: as for Boost's own sinks. `Format` replaces the bare message, which vendors get otherwise.
/// - `Shipper`: a name. The first section that gives it describes the shipper; others give only the name, and share it.
///   It may also be the name of a shipper that the application added to what this function returns. A shipper that was
///   closed takes no records: let go of it before settings with its name are read anew.
/// - `Include`, `Exclude`: names of attributes, separated by commas. `Rename`: pairs `ATTRIBUTE:field`.
/// - `TimeStamps`: `automatic`, `utc` or `local`; see `boost_log_mapping::time_stamps`.
///
/// Everything that is wrong with a section comes as one `config_error` out of `init_from_stream`; no sink is added
/// then.
inline std::shared_ptr<boost_log_shippers> register_boost_log_factory(boost_log_mapping mapping = {}) {
    auto shippers = std::make_shared<boost_log_shippers>();
    boost::log::register_sink_factory("logferry",
                                      boost::make_shared<detail::boost_log_factory>(std::move(mapping), shippers));
    return shippers;
}

}  // namespace logferry
