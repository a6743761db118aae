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
    /// Bytes for buffered records, 256 KiB or more; memory is used as it fills. Larger survives longer outages.
    std::size_t size = 64 * 1024 * 1024;
    /// Bytes of one segment, 64 KiB or more, at most a quarter of `size`. 0 chooses 1 MiB, or 1/16 of a buffer below
    /// 16 MiB. A quiet program keeps two segments in memory.
    std::size_t segment_size = 0;
    /// Most bytes of one record, 1 KiB or more, at most a quarter of a segment. What is longer is clipped: first fields
    /// from the end, then the message. 0 chooses 256 KiB or a quarter of a segment, whichever is less.
    std::size_t max_record = 0;
    overflow when_full = overflow::shed;
    /// The longest a log call waits with `overflow::block`.
    std::chrono::milliseconds block_for{100};
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
    /// The destination's name in statistics and diagnostics. Empty: the vendor's name, with a number if it is not
    /// alone.
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
    constexpr std::string_view names[] = {"paused", "resumed", "rejected", "dropped", "spilled", "delivered", "notice"};
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
};

}  // namespace logferry
