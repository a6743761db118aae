// Goes through a record's attributes.
#pragma once

#include <string>
#include <utility>

#include <boost/log/attributes/attribute_value_set.hpp>
#include <boost/log/utility/type_dispatch/type_dispatcher.hpp>

#include <logferry/boost_log/attribute_table.hpp>
#include <logferry/boost_log/record_builder.hpp>
#include <logferry/shipper.hpp>

namespace logferry::detail::boost_log {

/// Boost's values say their type when they are given a dispatcher, and call what that returns. This is the dispatcher;
/// Boost's own makes a map for each record, or looks types up in one.
class attribute_reader : private boost::log::type_dispatcher {
public:
    attribute_reader(attribute_table& attributes, shipper& to) noexcept
        : type_dispatcher(&find_callback), attributes_(attributes), shipper_(to), builder_(attributes.clock()) {}

    void read(const boost::log::attribute_value_set& values) noexcept {
        const auto end = values.end();
        for (auto it = values.begin(); it != end; ++it) {
            if (it->second) read(it->first, it->second);
        }
        if (!std::exchange(some_stand_back_, false)) return;
        for (auto it = values.begin(); it != end; ++it) {
            if (it->second && attributes_.plan_for(it->first).stands_back) read(it->first, it->second, true);
        }
    }

    [[nodiscard]] record_builder& builder() noexcept { return builder_; }

private:
    /// What goes wrong with one attribute costs the record that attribute only.
    void read(const boost::log::attribute_name& name, const boost::log::attribute_value& v,
              bool last_turn = false) noexcept {
        try {
            plan_ = &attributes_.plan_for(name);
            if (plan_->what == role::left_out) return;
            if (plan_->stands_back && !last_turn) {
                some_stand_back_ = true;
                return;
            }
            builder_.begin(plan_->key, plan_->may_be_field);
            as_field_ = last_turn && builder_.has(plan_->what);
            new_type_.clear();
            if (plan_->what == role::severity && !as_field_) {
                read_severity(v);
            } else if (!v.dispatch(*this)) {
                shipper_.note_unsent_attribute(new_type_);
            }
        } catch (...) {
            shipper_.note_unsent_attribute();
        }
    }

    void read_severity(const boost::log::attribute_value& v) {
        v.dispatch(*this);
        if (builder_.found_level()) return;
        const auto& mapper = attributes_.mapping().mapper();
        if (mapper) builder_.set_level(mapper(v));
        if (!builder_.found_level()) builder_.set_level(level_from_string(builder_.severity_word()));
        if (builder_.found_level()) return;
        shipper_.note_unmapped_severity();
        // What it is, is not lost: it goes as a field, if anybody knows how.
        as_field_ = true;
        if (!v.dispatch(*this)) shipper_.note_unsent_attribute(new_type_);
    }

    static callback_base find_callback(type_dispatcher* self, boost::typeindex::type_index type) {
        auto& me = *static_cast<attribute_reader*>(self);
        const auto* const reader = me.as_field_ ? me.attributes_.field_reader(type) : me.reader_of(type);
        me.builder_.use(reader);
        return reader ? callback_base(&me.builder_, reader->trampoline) : callback_base();
    }

    const type_reader* reader_of(const boost::typeindex::type_index& type) {
        const auto* const met = plan_->find(type);
        return met ? met->reader : meet(type);
    }

    const type_reader* meet(const boost::typeindex::type_index& type) {
        const auto met = attributes_.meet(*plan_, type);
        if (!met.reader) new_type_ = plan_->name + " (" + type.pretty_name() + ')';
        return met.reader;
    }

    attribute_table& attributes_;
    shipper& shipper_;
    const attribute_plan* plan_ = nullptr;
    bool as_field_ = false;
    bool some_stand_back_ = false;
    /// A description of the attribute whose type was met for the first time, if nobody can read that.
    std::string new_type_;
    record_builder builder_;
};

}  // namespace logferry::detail::boost_log
