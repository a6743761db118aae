// The shipper: one buffer, one background thread, any number of destinations. Sinks hand it records; several sinks, of
// either framework, may share one.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include <logferry/options.hpp>
#include <logferry/record.hpp>
#include <logferry/secret.hpp>
#include <logferry/stats.hpp>

namespace logferry {

/// Takes records on any thread and ships them on its own.
///
/// Thread rule: every member may be called from any thread at any time, `submit` and `nudge` also while another thread
/// closes. `submit` takes no lock, allocates nothing and makes no system call, but for one eventfd write when the
/// worker sleeps (and the wait that `overflow::block` asks for).
///
/// Fork: a child must open a shipper of its own. Through one of its parent's it ships nothing: `submit` returns false
/// and the other members return at once with empty figures. The parent notices nothing.
class shipper {
public:
    /// Checks the options, starts the worker, and returns. Nothing is connected yet, so an unreachable vendor is no
    /// error here. Throws `config_error` with every problem at once; otherwise `std::system_error` when no thread can
    /// be had, `std::runtime_error` when libcurl refuses, `std::bad_alloc`.
    [[nodiscard]] static std::shared_ptr<shipper> open(options opts);

    /// Closes with `options::close_budget`.
    ~shipper();
    shipper(const shipper&) = delete;
    shipper& operator=(const shipper&) = delete;

    /// Takes one record. False when it was dropped (it is counted). Never throws, never re-enters a logger.
    bool submit(const record_input& record) noexcept;

    /// Asks the worker to send incomplete batches now. Does not wait; makes one eventfd write at most.
    void nudge() noexcept;

    /// Waits until every record accepted before the call is settled, or until `deadline` has passed, and tells how
    /// things stand. Called on the worker thread (in a callback) it does not wait.
    shipper_stats drain(std::chrono::milliseconds deadline);

    /// Stops taking records, ships what it can within `budget`, and ends the worker; what is then still pending is
    /// dropped (`at_close`). Returns within the budget plus scheduling, with figures that no longer change. Of several
    /// closes the one that ends first counts. No callback begins after it; one that is running is not waited for beyond
    /// the budget. On the worker thread (in a callback) it only begins the close.
    shipper_stats close(std::chrono::milliseconds budget);
    shipper_stats close();

    /// The figures of this moment. They balance at every moment.
    [[nodiscard]] shipper_stats stats() const;

    /// Gives a destination a new credential. What was held because the old one was refused is tried at once; requests
    /// already on their way keep the old one. Caps per minute begin anew. Returns before the first use. Throws
    /// `config_error` when there is no destination of that name, the credential cannot be used, or the vendor is the
    /// application's own (which has to be told by the application); then nothing changes.
    void set_secret(std::string_view destination, secret credential);

    /// For adapters: counts a record that crossed an asynchronous logger, and says so once.
    void note_async_hop() noexcept;

private:
    struct core;
    explicit shipper(std::unique_ptr<core> c);
    std::unique_ptr<core> core_;
};

}  // namespace logferry
