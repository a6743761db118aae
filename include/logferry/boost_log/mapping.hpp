// How the attributes of Boost.Log become a record, as far as the application has a say in it.
#pragma once

#include <array>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/log/attributes/attribute_value.hpp>

#include <logferry/boost_log/readers.hpp>
#include <logferry/level.hpp>
#include <logferry/record.hpp>

namespace logferry {

/// What an application says about its attributes. A value: made once, copied into a sink, and not changed there.
///
///     logferry::boost_log_mapping()
///         .exclude({"LineID"})
///         .rename("RequestID", "request_id")
///         .severity<shop::severity>({{shop::severity::normal, level::info}, {shop::severity::wrong, level::err}})
///         .type<shop::money>();
///
/// Thread rule: one thread. Callables that are given to it are called by every thread that logs, several at a time;
/// what they throw costs the one attribute.
class boost_log_mapping {
public:
    using clock = boost_log_clock;
    using severity_function = std::function<std::optional<level>(const boost::log::attribute_value&)>;

    /// Of all attributes that would become fields, only these do, and those of further calls. Names are as the
    /// application's code has them. Says nothing about what fills the record itself: `Severity`, `Channel`,
    /// `TimeStamp`, `ThreadID`, `Message`, and the place in the source.
    boost_log_mapping& include(const std::vector<std::string>& names) {
        if (!included_) included_.emplace();
        included_->insert(names.begin(), names.end());
        return *this;
    }
    /// These attributes are passed over, whatever they are, as if the record did not have them.
    boost_log_mapping& exclude(const std::vector<std::string>& names) {
        excluded_.insert(names.begin(), names.end());
        return *this;
    }
    /// The attribute `from` counts as one named `to`. With a name such as `Severity`, it becomes what that is;
    /// otherwise `to` is the field's key. Of several renamed to the same, the first call's gets the key, the others get
    /// `to_2` ...
    boost_log_mapping& rename(std::string from, std::string to) {
        renamed_.emplace_back(std::move(from), std::move(to));
        return *this;
    }

    /// What the values of a `Severity` of type `T` mean; a value that is not in the list counts as unmapped. For `int`,
    /// Boost's own levels and text it replaces the meaning that they have without it.
    template <typename T>
    boost_log_mapping& severity(std::initializer_list<std::pair<const T, level>> meanings) {
        return severity<T>([table = std::map<T, level>(meanings)](const T& v) {
            const auto found = table.find(v);
            return found == table.end() ? std::nullopt : std::optional<level>(found->second);
        });
    }
    /// The same by a callable that takes a `T` and returns `std::optional<level>`, or `level`.
    template <typename T, typename Function,
              typename = std::enable_if_t<
                  std::is_convertible_v<std::invoke_result_t<const Function&, const T&>, std::optional<level>>>>
    boost_log_mapping& severity(Function meaning) {
        using namespace detail::boost_log;
        severities_.push_back(reader_for<T>(
            [](void* builder, const T& v) {
                auto& to = *static_cast<record_builder*>(builder);
                to.set_level(to.callable<Function>()(v));
            },
            std::make_shared<const Function>(std::move(meaning))));
        return *this;
    }
    /// Asked for a `Severity` that is neither of Boost's levels, nor an integer from 0 to 5, nor registered.
    boost_log_mapping& severity_mapper(severity_function mapper) {
        mapper_ = std::move(mapper);
        return *this;
    }

    /// Sends attributes of type `T`: numbers, text and times as what they are, containers as arrays, everything else as
    /// the text that its stream operator writes.
    template <typename T>
    boost_log_mapping& type() {
        using namespace detail::boost_log;
        types_.push_back(reader_for<T>(&take_for<into_field, T>));
        return *this;
    }
    /// Sends attributes of type `T` as what the callable makes of a `const T&`: anything that `logferry::value` takes,
    /// whose text is copied. Also for types that are known without it.
    template <typename T, typename Function, typename = std::invoke_result_t<const Function&, const T&>>
    boost_log_mapping& type(Function make) {
        using namespace detail::boost_log;
        types_.push_back(reader_for<T>(
            [](void* builder, const T& v) {
                auto& to = *static_cast<record_builder*>(builder);
                // In one expression, for what the callable returns may end with it.
                to.add(to.kept(value(to.callable<Function>()(v))));
            },
            std::make_shared<const Function>(std::move(make))));
        return *this;
    }

    /// Whose time a `posix_time::ptime` in `TimeStamp` is. `automatic`, the default: UTC if that is within 7.5 minutes
    /// of now, otherwise whatever is nearer to now, UTC or the local time of the process. Other `ptime` attributes are
    /// sent as RFC 3339 with `utc` and `local`, and without a zone otherwise.
    boost_log_mapping& time_stamps(clock c) {
        clock_ = c;
        return *this;
    }

    // For the sink.

    [[nodiscard]] bool is_included(const std::string& name) const { return !included_ || included_->count(name) != 0; }
    [[nodiscard]] bool is_excluded(const std::string& name) const { return excluded_.count(name) != 0; }
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& renamed() const noexcept { return renamed_; }
    [[nodiscard]] const severity_function& mapper() const noexcept { return mapper_; }
    [[nodiscard]] clock time_stamps() const noexcept { return clock_; }
    /// All readers, by role, the application's in front.
    [[nodiscard]] std::array<detail::boost_log::reader_list, detail::boost_log::role_count> readers() const {
        using detail::boost_log::role;
        auto all = detail::boost_log::known_readers();
        const auto put_in_front = [&all](role where, const detail::boost_log::reader_list& mine) {
            auto& list = all[static_cast<std::size_t>(where)];
            // The last one registered for a type counts.
            list.insert(list.begin(), mine.rbegin(), mine.rend());
        };
        put_in_front(role::severity, severities_);
        put_in_front(role::field, types_);
        return all;
    }

private:
    std::optional<std::set<std::string>> included_;
    std::set<std::string> excluded_;
    std::vector<std::pair<std::string, std::string>> renamed_;
    detail::boost_log::reader_list severities_;
    detail::boost_log::reader_list types_;
    severity_function mapper_;
    clock clock_ = clock::automatic;
};

}  // namespace logferry
