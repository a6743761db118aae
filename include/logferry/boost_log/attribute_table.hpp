// What is known of each attribute by its number: filled when a name, or a type under that name, is met for the first
// time, and read without a lock from then on.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <boost/log/attributes/attribute_name.hpp>
#include <boost/type_index.hpp>

#include <logferry/boost_log/mapping.hpp>
#include <logferry/boost_log/readers.hpp>

namespace logferry::detail::boost_log {

/// The answer for a type that was met. Libraries that were loaded at different times may have a `type_info` each for
/// one type; so it is found by address, and by comparing only the first time.
struct met_type {
    const boost::typeindex::type_info* type;
    /// Null: nobody has said how to send it.
    const type_reader* reader;
};

/// One attribute name.
struct attribute_plan {
    role what = role::field;
    std::string name;
    std::string key;
    /// False where `include` leaves it out: then it may still fill a part of the record itself.
    bool may_be_field = true;
    /// Another attribute was renamed to this one's name: that one fills the part of the record, if it is there.
    bool stands_back = false;
    /// Nearly always a name has one type. One with more than fit in here works too, and slowly.
    mutable std::array<std::atomic<const met_type*>, 4> types{};

    [[nodiscard]] const met_type* find(const boost::typeindex::type_index& type) const noexcept {
        for (const auto& place : types) {
            const auto* const met = place.load(std::memory_order_acquire);
            if (met == nullptr) break;
            if (met->type == &type.type_info()) return met;
        }
        return nullptr;
    }
};

/// Thread rule: every member from any thread.
class attribute_table {
public:
    explicit attribute_table(const boost_log_mapping& mapping) : mapping_(mapping), readers_(mapping.readers()) {
        for (const auto& [from, to] : mapping_.renamed()) {
            renamed_.emplace(from, unused_key(to));
            targets_.insert(to);
        }
    }
    attribute_table(const attribute_table&) = delete;
    attribute_table& operator=(const attribute_table&) = delete;
    ~attribute_table() {
        for (auto& c : chunks_) delete c.load();
    }

    [[nodiscard]] const boost_log_mapping& mapping() const noexcept { return mapping_; }
    [[nodiscard]] boost_log_clock clock() const noexcept { return mapping_.time_stamps(); }

    /// Takes a lock, and throws `std::bad_alloc`, for a name that is new; always a lock for a name that is not among
    /// the program's first 65,536.
    [[nodiscard]] const attribute_plan& plan_for(const boost::log::attribute_name& name) {
        const auto id = name.id();
        if (id / chunk_size < chunks_.size()) {
            const auto* const near = chunks_[id / chunk_size].load(std::memory_order_acquire);
            const auto* const known = near ? (*near)[id % chunk_size].load(std::memory_order_acquire) : nullptr;
            if (known) return *known;
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        return add(name);
    }

    /// As `attribute_plan::find`, for a type that is new to the plan.
    [[nodiscard]] met_type meet(const attribute_plan& plan, const boost::typeindex::type_index& type) {
        const std::lock_guard<std::mutex> lock(mutex_);
        const met_type answer{&type.type_info(), reader_of(plan.what, type)};
        for (auto& place : plan.types) {
            const auto* const met = place.load(std::memory_order_relaxed);
            if (met != nullptr && met->type == answer.type) break;
            if (met != nullptr) continue;
            place.store(&met_.emplace_back(answer), std::memory_order_release);
            break;
        }
        return answer;
    }

    /// For a value of a role's attribute that does not fit the role.
    [[nodiscard]] const type_reader* field_reader(const boost::typeindex::type_index& type) const noexcept {
        for (const auto& reader : readers_[static_cast<std::size_t>(role::field)]) {
            if (reader.type == type) return &reader;
        }
        return nullptr;
    }

private:
    static constexpr std::size_t chunk_size = 64;
    using plan_chunk = std::array<std::atomic<const attribute_plan*>, chunk_size>;

    const type_reader* reader_of(role what, const boost::typeindex::type_index& type) const noexcept {
        for (const auto& reader : readers_[static_cast<std::size_t>(what)]) {
            if (reader.type == type) return &reader;
        }
        // What a severity is otherwise is looked at when nothing else could tell the level.
        return what == role::severity ? nullptr : field_reader(type);
    }

    const attribute_plan& add(const boost::log::attribute_name& name) {
        const auto id = name.id();
        const auto found = by_id_.find(id);
        const auto& plan = found != by_id_.end() ? *found->second : make(name.string());
        by_id_.emplace(id, &plan);
        if (id / chunk_size < chunks_.size()) {
            auto& place = chunks_[id / chunk_size];
            if (place.load(std::memory_order_relaxed) == nullptr)
                place.store(new plan_chunk{}, std::memory_order_release);
            (*place.load(std::memory_order_relaxed))[id % chunk_size].store(&plan, std::memory_order_release);
        }
        return plan;
    }

    const attribute_plan& make(const std::string& name) {
        auto& plan = plans_.emplace_back();
        plan.name = name;
        const auto renamed = renamed_.find(name);
        const auto& as = renamed != renamed_.end() ? renamed->second : name;
        const auto [what, key] = known_as(as);
        plan.may_be_field = mapping_.is_included(name);
        if (mapping_.is_excluded(name) || (what == role::field && !plan.may_be_field)) {
            // Takes no key away from others.
            plan.what = role::left_out;
            return plan;
        }
        // What was renamed has its key already.
        plan.key = renamed != renamed_.end() && key == as ? as : unused_key(std::string(key));
        plan.what = what;
        plan.stands_back = renamed == renamed_.end() && what != role::field && targets_.count(name) != 0;
        return plan;
    }

    /// Of two attributes with one key the later one is numbered.
    std::string unused_key(const std::string& wanted) {
        auto key = wanted;
        for (int n = 2; !keys_.insert(key).second; ++n) key = wanted + '_' + std::to_string(n);
        return key;
    }

    /// What an attribute of this name is, and the key that it has as a field.
    static std::pair<role, std::string_view> known_as(std::string_view name) {
        struct known {
            std::string_view name;
            role what;
            std::string_view key = {};
        };
        static constexpr known all[] = {
            {"Message", role::message},
            {"Severity", role::severity},
            {"Channel", role::channel},
            {"TimeStamp", role::time_stamp},
            {"ThreadID", role::thread},
            {"Scope", role::scope, "scope"},
            {"ProcessID", role::field, "process.pid"},
            {"Process", role::field, "process.executable.name"},
            {"File", role::file},
            {"FileName", role::file},
            {"Filename", role::file},
            {"SourceFile", role::file},
            {"code.file.path", role::file},
            {"Line", role::line},
            {"LineNumber", role::line},
            {"LineNo", role::line},
            {"SourceLine", role::line},
            {"code.line.number", role::line},
            {"Function", role::function},
            {"FunctionName", role::function},
            {"Func", role::function},
            {"code.function.name", role::function},
        };
        for (const auto& k : all) {
            if (k.name == name) return {k.what, k.key.empty() ? name : k.key};
        }
        return {role::field, name};
    }

    const boost_log_mapping mapping_;
    const std::array<reader_list, role_count> readers_;
    std::array<std::atomic<plan_chunk*>, 1024> chunks_{};
    std::mutex mutex_;
    std::unordered_map<boost::log::attribute_name::id_type, const attribute_plan*> by_id_;
    // Deques, so that what was added stays where it is.
    std::deque<attribute_plan> plans_;
    std::deque<met_type> met_;
    std::map<std::string, std::string> renamed_;
    std::set<std::string> targets_;
    std::set<std::string> keys_;
};

}  // namespace logferry::detail::boost_log
