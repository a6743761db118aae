// The world of a program that logs with Boost.Log.
#pragma once

#include <boost/log/attributes/constant.hpp>
#include <boost/log/core.hpp>
#include <boost/log/sources/logger.hpp>
#include <boost/log/sources/record_ostream.hpp>

#include <logferry/boost_log_backend.hpp>

#include "world.hpp"

namespace logferry::test {

namespace blog = boost::log;

class boost_world : public world {
protected:
    void TearDown() override {
        const auto core = blog::core::get();
        core->remove_all_sinks();
        core->reset_filter();
        core->set_exception_handler({});
        core->set_global_attributes({});
        core->set_thread_attributes({});
    }

    /// One sink to one vendor, and no other; `bsink` from then on.
    boost::shared_ptr<boost_log_sink> add_sink_to(vendor_options vendor, const boost_log_mapping& mapping = {}) {
        blog::core::get()->remove_all_sinks();
        bsink = add_boost_log_sink(quiet({{std::move(vendor)}}), mapping);
        return bsink;
    }

    /// A logger with one attribute.
    template <typename T>
    static blog::sources::logger logger_with(const std::string& name, const T& v) {
        blog::sources::logger log;
        log.add_attribute(name, blog::attributes::constant<T>(v));
        return log;
    }

    /// Logs one record with one attribute; what LogsForI received of it.
    template <typename T>
    json received_with(const std::string& name, const T& v) {
        auto log = logger_with(name, v);
        BOOST_LOG(log) << "a record";
        return last();
    }
    /// The same, only the value that the field of that name got.
    template <typename T>
    json sent(const T& v) {
        return received_with("a", v)["extra"].value("a", json("nothing"));
    }

    /// What LogsForI received last.
    json last() {
        ledger();
        const auto all = bodies("logsfori");
        return all.empty() ? json() : all.back();
    }
    destination_stats ledger() { return settled(*bsink->get_shipper()); }
    shipper_stats stats() { return bsink->get_shipper()->stats(); }

    boost::shared_ptr<boost_log_sink> bsink;
};

}  // namespace logferry::test
