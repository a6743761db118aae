// Builds a record the way it lies in the journal, for tests of what reads it.
#pragma once

#include <cstddef>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/record.hpp>
#include <record/flat.hpp>

namespace logferry::test {

/// Owns everything that it is given; the view lives as long as the builder and until the next call of `view`.
class record_builder {
public:
    record_builder() { input_.time_ns = 1'742'379'826'000'000'000; }

    record_builder& lvl(level l) { return set(input_.lvl, l); }
    record_builder& logger(std::string_view name) { return set(input_.logger, keep(name)); }
    record_builder& message(std::string_view text) { return set(input_.message, keep(text)); }
    record_builder& time_ns(std::int64_t t) { return set(input_.time_ns, t); }
    record_builder& thread(std::uint64_t id) { return set(input_.thread_id, id); }
    record_builder& source(std::string_view file, std::uint32_t line, std::string_view function) {
        return set(input_.source, source_location{keep(file), keep(function), line});
    }
    record_builder& id(record_id i) { return set(id_, i); }
    record_builder& field(std::string_view key, value v) {
        if (v.type() == value::kind::string) v = value(keep(v.text()));
        if (v.type() == value::kind::json) v = value::json(keep(v.text()));
        fields_.push_back({keep(key), v});
        return *this;
    }

    record_view view() {
        input_.fields = fields_.data();
        input_.field_count = fields_.size();
        const record::plan plan(input_, {}, {}, std::size_t{64} << 20);
        flat_.resize(plan.size());
        plan.write(flat_.data());
        const auto parsed = record::parse(flat_, id_);
        if (!parsed) throw std::logic_error("the record that was just written cannot be read");
        return *parsed;
    }

private:
    template <typename T>
    record_builder& set(T& place, T v) {
        place = v;
        return *this;
    }
    std::string_view keep(std::string_view text) { return strings_.emplace_back(text); }

    record_input input_;
    record_id id_{0x0123456789abcdef, 42};
    std::deque<std::string> strings_;
    std::vector<logferry::field> fields_;
    std::vector<std::byte> flat_;
};

}  // namespace logferry::test
