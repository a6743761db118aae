// Everything an application can choose, as plain structs with defaults. `shipper::open` checks them all at once and
// throws one `config_error` that lists every problem.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/level.hpp>
#include <logferry/secret.hpp>
#include <logferry/vendors.hpp>

namespace logferry {

/// One thing that is wrong with a configuration.
struct config_problem {
    /// The path of the option, for example `destinations[1].api_key`.
    std::string field;
    /// What is wrong, the shape of the value (never a credential), and what to do about it.
    std::string message;
};

/// Thrown by `shipper::open` and the sinks' constructors for a configuration that cannot work. `what()` lists all
/// problems, one a line.
class config_error : public std::runtime_error {
public:
    explicit config_error(std::vector<config_problem> problems);
    [[nodiscard]] const std::vector<config_problem>& problems() const noexcept { return problems_; }

private:
    std::vector<config_problem> problems_;
};

/// What a log call does when the buffer runs out of room. Every record given up is counted as dropped, reason `full`.
enum class overflow : std::uint8_t {
    shed,         ///< under 1/4 free only warn and above are taken, under 1/8 only err and above
    block,        ///< the log call waits for room, at most `buffer_options::block_for`
    drop_oldest,  ///< the oldest segment is given up for the new records
};

/// The buffer between the log calls and the destinations. One for all destinations of a shipper.
struct buffer_options {
    /// Bytes for buffered records, 256 KiB or more; memory is used as it fills. Larger survives longer outages. 0
    /// chooses 64 MiB, or 256 MiB with a spool. What earlier processes left in the spool counts too; four segments
    /// there are always. Each process that uses the spool may have so much in it.
    std::size_t size = 0;
    /// Bytes of one segment, 64 KiB or more, at most a quarter of `size`. 0 chooses 1 MiB, or 4 MiB with a spool, or
    /// 1/16 of a buffer that is smaller than 16 of these. A quiet program keeps two segments in memory; a spool keeps
    /// room on the disk for five.
    std::size_t segment_size = 0;
    /// Most bytes of one record, 1 KiB or more, at most a quarter of a segment. What is longer is clipped: first fields
    /// from the end, then the message. 0 chooses 256 KiB or a quarter of a segment, whichever is less.
    std::size_t max_record = 0;
    overflow when_full = overflow::shed;
    /// The longest a log call waits with `overflow::block`.
    std::chrono::milliseconds block_for{100};
    /// A directory for records that are to outlive the process: one whose log call has returned is sent by the next
    /// process that opens the same spool, whatever ended this one (but the machine: see `spool_sync`). Empty: records
    /// live in memory.
    ///
    /// It is made with mode 0700 if its parent exists; if it is there, it must be this user's own, no symbolic link,
    /// and not writable by others. Any number of processes of one program may share it; programs that send to different
    /// places must not, for each ships what the others leave. When the disk is full or cannot be used, records are kept
    /// in memory, which is told and counted (`spool_stats`), until it can be used again.
    std::string spool = "";
    /// Bring each full segment to the device as soon as it is full. Without it, a power failure or a crash of the
    /// system costs what the kernel had not written yet (about the last 30 seconds); with it, what was in the segment
    /// not yet full and in those full but not yet synced. A record is never waited for.
    bool spool_sync = false;
    /// Allow a spool on a file system that another machine serves (NFS, SMB ...), where locks and mappings may not work
    /// as they should.
    bool spool_on_network = false;
    /// Bytes of damaged spool files that are kept for inspection, in the spool's `quarantine`.
    std::size_t quarantine_size = 16 * 1024 * 1024;
};

/// How batches are built and retried; the same for all destinations unless `destination_options` says otherwise.
struct delivery_options {
    /// First and longest wait before a retry. The wait doubles with each failure and a random part of it is used.
    std::chrono::milliseconds backoff_min{500};
    std::chrono::milliseconds backoff_max{60'000};
    /// Longest `Retry-After` that is obeyed; a longer one is cut to this.
    std::chrono::milliseconds retry_after_max{900'000};
    /// How long a destination rests after its vendor refused the credentials, the quota or the address, before one
    /// record is tried again. It doubles up to `pause_max`.
    std::chrono::milliseconds pause_min{60'000};
    std::chrono::milliseconds pause_max{900'000};
    /// A record older than this is dropped, reason `expired`. 0 keeps records as long as the buffer has room.
    std::chrono::milliseconds max_age{0};
    /// After records were lost (for want of room, expired, refused ...), one record of level warn tells the vendor how
    /// many, for which reasons, of which levels
    /// and from when to when: at most one in this time, and one at close. 0 switches these reports off. Records below
    /// `min_level`, and those logged in a callback or after closing, are not told of.
    std::chrono::milliseconds loss_report_every{60'000};
};

/// A file for records that a vendor will never take (refused for good, or poison): one JSON object a line with the
/// record, the destination, the vendor, the status and the reason; no credential.
///
/// It is created with mode 0600, appended to, and opened for each line anew, so that it may be moved away at any time.
/// A symbolic link, a directory or somebody else's file is refused. Several shippers and processes may share one file.
struct dead_letter_options {
    /// Empty: such records are counted and told, and not kept.
    std::string file = "";
    /// The file grows no further than this; what comes then is counted as not kept, and told. 4 KiB or more.
    std::size_t max_bytes = 16 * 1024 * 1024;
};

/// The oldest version of TLS that is spoken.
enum class tls_version : std::uint8_t { tls1_2, tls1_3 };

/// How requests are sent.
struct http_options {
    /// Longest wait for a connection, TLS included.
    std::chrono::milliseconds connect_timeout{10'000};
    /// Longest time for one request from start to end.
    std::chrono::milliseconds request_timeout{30'000};
    /// A request with a body of more than 64 KiB is given up when it is slower than this many bytes a second for
    /// `low_speed_time`; a smaller one only waits for its answer, which is what `request_timeout` is for. 0 switches
    /// the check off.
    std::size_t low_speed_limit = 16;
    std::chrono::seconds low_speed_time{15};
    /// Allow a token to be sent over `http://` to a host that is not loopback.
    bool allow_insecure = false;

    /// Certificate authorities to trust instead of the system's: a PEM file, and a directory as `openssl rehash` makes
    /// it. Empty: what libcurl was built with. Checked when the shipper opens; servers are always verified.
    std::string ca_file = "";
    std::string ca_directory = "";
    /// A certificate that the client shows, and its key, both PEM files; the key may be in the certificate's file.
    std::string client_certificate = "";
    std::string client_key = "";
    secret client_key_password = {};
    tls_version tls_minimum = tls_version::tls1_2;

    /// A proxy's URL, `http://host:port` or `https://host:port`, without user and password in it. Empty: none, not even
    /// one of the environment.
    std::string proxy = "";
    /// `user:password` for the proxy.
    secret proxy_credential = {};
    /// Use `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` of the environment, as curl reads them. Not together
    /// with `proxy`.
    bool proxy_from_environment = false;

    /// A kept connection is not used again after so long without a request: less than the idle limit of most load
    /// balancers, which is 60 s.
    std::chrono::seconds connection_idle{50};
    /// Nor after so long a life, so that an address taken out of service is left.
    std::chrono::seconds connection_lifetime{3600};
};

/// What all records say about the program, in each vendor's free-form place: `service.name`, `service.version`,
/// `deployment.environment.name`. Empty parts are left out.
struct service_options {
    std::string name = "";
    std::string version = "";
    std::string environment = "";
};

/// What differs from destination to destination.
struct destination_options {
    /// Records below this level are filtered for this destination.
    level min_level = level::trace;
    /// The destination's name in statistics and diagnostics, at most 255 bytes. Empty: the vendor's name, with a number
    /// if it is not alone. The spool remembers by it how far the destination has come, so there a name must not go to
    /// another destination, and all but one of the same vendor need one.
    std::string name = "";
    /// Most requests in flight, 1 to 256. 0: the vendor's own default (LogSentry and LogsForI 1, others 8). The number
    /// used follows the vendor's latency and errors between 1 and this. 1 also means strictly ordered.
    std::size_t in_flight = 0;
    /// Most records in a request. 0: the vendor's own limit. Values above the vendor's limit are refused.
    std::size_t batch_records = 0;
    /// Most bytes in a request body. 0: the vendor's own limit. Values above the vendor's limit are refused.
    std::size_t batch_bytes = 0;
    /// How long an incomplete batch waits for company. Empty: the vendor's own default.
    std::optional<std::chrono::milliseconds> batch_age = std::nullopt;
    /// Instead of `options::http` for this destination.
    std::optional<http_options> http = std::nullopt;
};

/// A vendor with what is particular to sending there.
struct destination {
    vendor_options vendor;
    destination_options options = {};
};

/// Something the application may want to know, given to `options::on_event`.
struct event {
    enum class kind : std::uint8_t {
        paused,     ///< a destination rests: credentials, quota, rate or configuration
        resumed,    ///< it works again
        rejected,   ///< the vendor refused records for good
        dropped,    ///< records were given up without the vendor refusing them
        spilled,    ///< records were written to the dead-letter file, or could not be
        delivered,  ///< a vendor's receipt; only with `options::receipts`
        notice,     ///< anything else, such as an asynchronous logger in front of a sink
        spool,      ///< the spool: found records, damage, a disk that cannot be used, and that it can again
    };
    kind what = kind::notice;
    /// The destination's name; empty when it concerns the whole shipper.
    std::string_view destination;
    /// One line for a person. Holds no credential.
    std::string_view text;
    /// How many records it is about; 0 when it is about none or the number is not known.
    std::uint64_t records = 0;
    /// With `delivered`: what the vendor gave as its own handle, such as LogSentry's `hash`.
    std::string_view receipt = {};
    /// With `delivered` of a single record: the id that travels as `record_id`.
    std::string_view record_id = {};
};

[[nodiscard]] constexpr std::string_view to_string(event::kind what) noexcept {
    constexpr std::string_view names[] = {"paused",  "resumed",   "rejected", "dropped",
                                          "spilled", "delivered", "notice",   "spool"};
    const auto index = static_cast<std::size_t>(what);
    return index < sizeof names / sizeof names[0] ? names[index] : std::string_view("unknown");
}

/// The whole configuration of a shipper.
struct options {
    /// At least one.
    std::vector<destination> destinations;
    buffer_options buffer;
    delivery_options delivery;
    http_options http;
    service_options service;
    dead_letter_options dead_letters;
    /// How long the destructor, and `close` without an argument, may take.
    std::chrono::milliseconds close_budget{5'000};
    /// Called on the worker thread, at most once a minute for the same kind and destination, but for `delivered`. What
    /// it throws is ignored, and what it logs through logferry is dropped and counted (`reentrant`). Empty: one line on
    /// standard error. It tells the rest while closing, so what it uses must outlive the last sink.
    std::function<void(const event&)> on_event;
    /// Tell `on_event` of each request that a vendor gave a receipt for (LogSentry, Profound).
    bool receipts = false;
    /// What is not wrong but should be known, such as a credential written into a configuration file.
    /// `logferry::config` fills it; opening a shipper tells each as an event of kind `notice`.
    std::vector<config_problem> notices = {};
};

/// Everything that `shipper::open` would refuse in these options as they stand; empty when there is nothing. Opens
/// nothing: a certificate that cannot be read, or a spool that cannot be used, is found when the shipper opens. Thread
/// rule: any thread.
[[nodiscard]] std::vector<config_problem> problems_of(const options& opts);

}  // namespace logferry
