// The sink for Boost.Log. Header-only, so that the application's own Boost decides (Boost >= 1.74).
//
//     logferry::add_boost_log_sink(logferry::logsh{"shop", logferry::secret::from_env("LOGSH_API_KEY")});
//
// It is asynchronous by itself: a log call hands the record over and returns. Do not put it behind Boost's
// `asynchronous_sink`, which costs the caller more than logferry does, may stand still for ever in `flush`, and hides
// the logging thread; docs/boost_log.md has the reasons.
#pragma once

#include <locale>
#include <memory>
#include <utility>
#include <vector>

#include <boost/log/core/core.hpp>
#include <boost/log/core/record_view.hpp>
#include <boost/log/expressions/formatter.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/frontend_requirements.hpp>
#include <boost/log/sinks/unlocked_frontend.hpp>
#include <boost/smart_ptr/make_shared_object.hpp>
#include <boost/smart_ptr/shared_ptr.hpp>

#include <logferry/boost_log/attribute_reader.hpp>
#include <logferry/boost_log/attribute_table.hpp>
#include <logferry/boost_log/formatting.hpp>
#include <logferry/boost_log/kv.hpp>
#include <logferry/boost_log/mapping.hpp>
#include <logferry/options.hpp>
#include <logferry/shipper.hpp>

namespace logferry {

/// Hands Boost.Log's records to a shipper.
///
/// Thread rule: every member from any thread. `consume` takes no lock (but for attributes met for the first time, and a
/// thread's first record after `set_formatter`), allocates nothing for the common types, and throws nothing. Meant for
/// the frontend `boost_log_sink`; any number of backends may share a shipper.
class boost_log_backend : public boost::log::sinks::basic_sink_backend<boost::log::sinks::combine_requirements<
                              boost::log::sinks::concurrent_feeding, boost::log::sinks::flushing>::type> {
public:
    /// A shipper of its own with one destination and the defaults. Throws `config_error`.
    explicit boost_log_backend(vendor_options vendor, destination_options where = {},
                               const boost_log_mapping& mapping = {})
        : boost_log_backend(shipper::open(only(std::move(vendor), std::move(where))), mapping) {}
    /// A shipper of its own. Throws `config_error`.
    explicit boost_log_backend(options opts, const boost_log_mapping& mapping = {})
        : boost_log_backend(shipper::open(std::move(opts)), mapping) {}
    /// Shares a shipper, which lives at least as long as the backend. Throws `config_error` for a null pointer.
    explicit boost_log_backend(std::shared_ptr<shipper> to, const boost_log_mapping& mapping = {})
        : shipper_(std::move(to)), attributes_(mapping) {
        if (shipper_) return;
        throw config_error(
            std::vector<config_problem>{{"shipper", "is a null pointer; pass what shipper::open returned"}});
    }

    /// Where the records go; for `drain`, `close` and `stats`.
    [[nodiscard]] const std::shared_ptr<shipper>& get_shipper() const noexcept { return shipper_; }

    void consume(const boost::log::record_view& record) noexcept {
        detail::boost_log::attribute_reader reader(attributes_, *shipper_);
        reader.read(record.attribute_values());
        if (formatting_.active()) {
            if (const auto text = formatting_.format(record)) reader.builder().set_message(*text);
        }
        const auto& made = reader.builder().finish();
        if (!made.on_logging_thread) shipper_->note_async_hop();
        shipper_->submit(made);
    }

    /// Asks the worker to send incomplete batches now, and returns at once. To wait, use
    /// `get_shipper()->drain(deadline)`.
    void flush() noexcept { shipper_->nudge(); }

    /// The vendor gets the bare message, because level, time and channel travel as fields. With a formatter it gets
    /// what that writes, without the newline at its end; should it throw, the bare message.
    void set_formatter(const boost::log::formatter& formatter) { formatting_.set(formatter); }
    void reset_formatter() { formatting_.reset(); }
    /// The formatter's locale.
    void imbue(const std::locale& locale) { formatting_.imbue(locale); }
    [[nodiscard]] std::locale getloc() const { return formatting_.getloc(); }

private:
    static options only(vendor_options vendor, destination_options where) {
        options opts;
        opts.destinations.push_back(logferry::destination{std::move(vendor), std::move(where)});
        return opts;
    }

    const std::shared_ptr<shipper> shipper_;
    detail::boost_log::attribute_table attributes_;
    detail::boost_log::formatting formatting_;
};

/// The sink: Boost's frontend without a lock, with the members that Boost's frontends for text have beside
/// `set_filter`, `reset_filter` and `set_exception_handler`. Thread rule: every member from any thread.
class boost_log_sink : public boost::log::sinks::unlocked_sink<boost_log_backend> {
    using frontend = boost::log::sinks::unlocked_sink<boost_log_backend>;

public:
    /// Throws `config_error` for a null pointer.
    explicit boost_log_sink(const boost::shared_ptr<boost_log_backend>& backend) : frontend(checked(backend)) {}

    /// Where the records go; for `drain`, `close` and `stats`.
    [[nodiscard]] const std::shared_ptr<shipper>& get_shipper() { return locked_backend()->get_shipper(); }

    /// A `boost::log::formatter`, a formatting expression, or a function.
    template <typename Function>
    void set_formatter(const Function& formatter) {
        locked_backend()->set_formatter(boost::log::formatter(formatter));
    }
    void reset_formatter() { locked_backend()->reset_formatter(); }
    void imbue(const std::locale& locale) { locked_backend()->imbue(locale); }
    [[nodiscard]] std::locale getloc() { return locked_backend()->getloc(); }

private:
    static const boost::shared_ptr<boost_log_backend>& checked(const boost::shared_ptr<boost_log_backend>& backend) {
        if (backend) return backend;
        throw config_error(std::vector<config_problem>{{"backend", "is a null pointer; make a boost_log_backend"}});
    }
};

namespace detail::boost_log {

template <typename... Arguments>
boost::shared_ptr<boost_log_sink> add_sink(Arguments&&... arguments) {
    const auto sink = boost::make_shared<boost_log_sink>(
        boost::make_shared<boost_log_backend>(std::forward<Arguments>(arguments)...));
    boost::log::core::get()->add_sink(sink);
    return sink;
}

}  // namespace detail::boost_log

/// Makes a sink and adds it to Boost's core, with a shipper of its own and one destination. Throws `config_error`; then
/// nothing was added.
inline boost::shared_ptr<boost_log_sink> add_boost_log_sink(vendor_options vendor, destination_options where = {},
                                                            const boost_log_mapping& mapping = {}) {
    return detail::boost_log::add_sink(std::move(vendor), std::move(where), mapping);
}
/// The same, with a shipper of its own.
inline boost::shared_ptr<boost_log_sink> add_boost_log_sink(options opts, const boost_log_mapping& mapping = {}) {
    return detail::boost_log::add_sink(std::move(opts), mapping);
}
/// The same with a shipper that others use too, such as an spdlog sink.
inline boost::shared_ptr<boost_log_sink> add_boost_log_sink(std::shared_ptr<shipper> to,
                                                            const boost_log_mapping& mapping = {}) {
    return detail::boost_log::add_sink(std::move(to), mapping);
}

}  // namespace logferry
