// The shipper: one buffer, one background thread, any number of destinations. Sinks hand it records; several sinks, of
// either framework, may share one.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include <logferry/level.hpp>
#include <logferry/options.hpp>
#include <logferry/record.hpp>
#include <logferry/secret.hpp>
#include <logferry/stats.hpp>

namespace logferry {

/// Takes records on any thread and ships them on its own.
///
/// Thread rule: every member may be called from any thread at any time, `submit` and `nudge` also while another thread
/// closes. `submit` takes no lock, allocates nothing and makes no system call, but for an fstat and a write of an
/// eventfd when the worker sleeps (and the wait that `overflow::block` asks for).
///
/// Fork: a child may go on with its parent's shipper. Its first log call gives it a buffer, a slot of the spool, a
/// worker and connections of its own, made from the same options; that call takes as long as `open`, and the parent
/// notices nothing. Until then the other members return at once, with figures of 0. `options::on_event` is called in
/// the child too, on its own worker. What the parent had buffered stays the parent's, and a shipper that was closed
/// before the fork stays closed. `submit` returns false (`forked`) in a child that cannot have a worker now, which is
/// tried again once a second, and for good where a destination is a vendor object of the application's own: then the
/// child must open a shipper itself. Either is said once on standard error. A spool that the child must not use (it has
/// given up its rights, say) is told as an event, and its records are kept in memory. A child that is forked in a
/// callback sends what it logged and ends, as by `_exit`, when the callback returns, unless the parent has ended
/// meanwhile. All this holds for `fork`; after `vfork` or `_Fork` a child must not touch a shipper, and after `exec`
/// there is nothing left of it.
///
/// End of the program: what is open when `main` returns or `std::exit` is called is closed then, each shipper within
/// its `options::close_budget`, all at the same time. It is the last moment at which TLS can be used: a shipper that is
/// opened later takes nothing (`after_close`), nor does one in a child that is forked later (`forked`). A worker that
/// is in the middle of a handshake then is waited for, half a minute at most, for its certificates may be on a slow
/// disk.
///
/// Plugins: a shared library that logferry is linked into stays in memory when it is unloaded, and its shippers work
/// until they are closed or the program ends.
///
/// Descriptors: a program that closes all it finds open (as some do to become a daemon) opens its shippers afterwards;
/// those that it had are of no use then, for what they have open may be the program's own files by number.
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

    /// For the program's own handler of fatal signals: takes one record of this thread, with the time of now, without a
    /// logger's name and without fields; what exceeds `buffer_options::max_record` is cut. Async-signal-safe: it takes
    /// no lock, allocates nothing, never waits (not even where `overflow::block` says so), and leaves `errno` alone. It
    /// may interrupt anything, a log call of the same thread included.
    ///
    /// False when there is no room, the shipper is closed, or a forked child has not logged through it yet. With a
    /// spool the record survives the end of the process, and the next one sends it; without, it is sent only if the
    /// process lives on for a while.
    bool crash_write(std::string_view message, level lvl = level::critical) noexcept;

    /// Asks the worker to send incomplete batches now. Does not wait; wakes the worker at most.
    void nudge() noexcept;

    /// Waits until every record accepted before the call is settled, and all that was found in the spool, or until
    /// `deadline` has passed, and tells how things stand: whether all was sent is `pending() == 0` and
    /// `spool.backlog_segments == 0`. Called on the worker thread (in a callback) it does not wait.
    shipper_stats drain(std::chrono::milliseconds deadline);

    /// Stops taking records, ships what it can within `budget`, and ends the worker. What is then still pending stays
    /// in the spool, for the next process; what is not in a spool is dropped (`at_close`). Returns within the budget
    /// plus scheduling, with figures that no longer change. Of several closes the one that ends first counts. No
    /// callback begins after it; one that is running is not waited for beyond the budget. On the worker thread (in a
    /// callback) it only begins the close.
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
    /// For adapters: counts a record whose severity could not be told and that goes out as info, and says so once.
    void note_unmapped_severity() noexcept;
    /// For adapters: counts an attribute that is left out of a record. Where a description is given, `name (type)`,
    /// that is said once; an adapter gives it when it meets the type for the first time, and none from then on.
    void note_unsent_attribute(std::string_view description = {}) noexcept;

private:
    struct core;
    explicit shipper(std::unique_ptr<core> c);
    std::unique_ptr<core> core_;
};

}  // namespace logferry
