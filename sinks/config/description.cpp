#include <config/description.hpp>

#include <algorithm>

namespace logferry::config {

option_list describe(options& of) {
    return {
        {"service", group{describe(of.service)}, "What all records say about the program."},
        {"buffer", group{describe(of.buffer)}, "The buffer between the log calls and the destinations."},
        {"delivery", group{describe(of.delivery)}, "How records are retried, and how long they are kept."},
        {"http", group{describe(of.http)}, "How requests are sent."},
        {"dead_letters", group{describe(of.dead_letters)}, "A file for records that a vendor will never take."},
        {"close_budget", &of.close_budget, "How long closing may take to send what is left."},
        {"receipts", &of.receipts,
         "Tell the program's callback of each request that a vendor gave a receipt for (LogSentry, Profound)."},
        {"destinations", &of.destinations, "Where the records go: one destination or more.", true},
    };
}

option_list describe(service_options& of) {
    return {
        {"name", &of.name, "The program's name, sent as `service.name`."},
        {"version", &of.version, "Its version, sent as `service.version`."},
        {"environment", &of.environment, "Where it runs, sent as `deployment.environment.name`."},
    };
}

option_list describe(buffer_options& of) {
    return {
        {"size", byte_count{&of.size},
         "Room for buffered records, 256 KiB or more. 0 chooses 64 MiB, or 256 MiB with a spool."},
        {"segment_size", byte_count{&of.segment_size},
         "Size of one segment, 64 KiB or more, at most a quarter of `size`. 0 chooses."},
        {"max_record", byte_count{&of.max_record},
         "Longest record, 1 KiB or more, at most a quarter of a segment; what is longer is clipped. 0 chooses."},
        {"when_full", one_of(of.when_full, {"shed", "block", "drop_oldest"}),
         "What a log call does without room: `shed` gives up the less severe records first, `block` waits, "
         "`drop_oldest` gives up the oldest."},
        {"block_for", &of.block_for, "Longest wait of a log call with `block`."},
        {"spool", &of.spool, "A directory for records that are to outlive the process. Empty: they live in memory."},
        {"spool_sync", &of.spool_sync, "Bring each full segment of the spool to the device at once."},
        {"spool_on_network", &of.spool_on_network, "Allow a spool on a file system that another machine serves."},
        {"quarantine_size", byte_count{&of.quarantine_size}, "Damaged spool files that are kept for inspection."},
    };
}

option_list describe(delivery_options& of) {
    return {
        {"backoff_min", &of.backoff_min, "First wait before a retry; it doubles with each failure."},
        {"backoff_max", &of.backoff_max, "Longest wait before a retry."},
        {"retry_after_max", &of.retry_after_max, "Longest `Retry-After` that is obeyed; a longer one is cut to this."},
        {"pause_min", &of.pause_min,
         "First rest of a destination whose vendor refused the credentials, the quota or the address."},
        {"pause_max", &of.pause_max, "Longest such rest."},
        {"max_age", &of.max_age, "Records older than this are dropped. `0s` keeps them as long as there is room."},
        {"loss_report_every", &of.loss_report_every,
         "At most one record in this time tells the vendor of records that were lost. `0s` switches these off."},
    };
}

option_list describe(http_options& of) {
    return {
        {"connect_timeout", &of.connect_timeout, "Longest wait for a connection, TLS included."},
        {"request_timeout", &of.request_timeout, "Longest time for one request."},
        {"low_speed_limit", byte_count{&of.low_speed_limit},
         "A large request slower than this many bytes a second is given up. 0 switches the check off."},
        {"low_speed_time", &of.low_speed_time, "After so long at that speed."},
        {"allow_insecure", &of.allow_insecure, "Allow a token over `http://` to a host that is not loopback."},
        {"ca_file", &of.ca_file, "Certificate authorities to trust instead of the system's, a PEM file."},
        {"ca_directory", &of.ca_directory, "The same as a directory that `openssl rehash` made."},
        {"client_certificate", &of.client_certificate, "A certificate that the client shows, a PEM file."},
        {"client_key", &of.client_key, "Its key, a PEM file. Empty: it is in the certificate's file."},
        {"client_key_password", &of.client_key_password, "The key's password."},
        {"tls_minimum", one_of(of.tls_minimum, {"tls1_2", "tls1_3"}), "The oldest version of TLS that is spoken."},
        {"proxy", &of.proxy, "A proxy's URL, without user and password in it. Empty: none."},
        {"proxy_credential", &of.proxy_credential, "`user:password` for the proxy."},
        {"proxy_from_environment", &of.proxy_from_environment,
         "Use `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` of the environment. Not together with `proxy`."},
        {"connection_idle", &of.connection_idle, "A connection that was idle for so long is not used again."},
        {"connection_lifetime", &of.connection_lifetime, "Nor is one that is so old."},
    };
}

option_list describe(dead_letter_options& of) {
    return {
        {"file", &of.file, "The file, one JSON object a line. Empty: such records are counted and not kept."},
        {"max_bytes", byte_count{&of.max_bytes}, "The file grows no further than this; 4 KiB or more."},
    };
}

option_list describe(destination_options& of) {
    return {
        {"min_level", &of.min_level, "Records below this level are not sent here."},
        {"name", &of.name,
         "The destination's name in statistics and diagnostics. Empty: the vendor's name. Needed when a vendor is used "
         "twice with a spool."},
        {"in_flight", &of.in_flight,
         "Most requests at once, 1 to 256; 1 keeps the order. 0: the vendor's own default (LogSentry and LogsForI 1, "
         "others 8)."},
        {"batch_records", &of.batch_records, "Most records in a request. 0: the vendor's own limit."},
        {"batch_bytes", byte_count{&of.batch_bytes}, "Largest request body. 0: the vendor's own limit."},
        {"batch_age", &of.batch_age,
         "How long an incomplete batch waits for company. Left out: the vendor's own default."},
        {"http", &of.http,
         "How requests to this destination are sent; what is not said here is as in the document's own `http`."},
    };
}

option_list describe(destination& of) {
    option_list all = {{"vendor", &of.vendor, "Who receives the records.", true}};
    for (auto&& more : {describe(of.options), describe(of.vendor)}) all.insert(all.end(), more.begin(), more.end());
    return all;
}

const option* find(const option_list& among, std::string_view key) noexcept {
    const auto found = std::find_if(among.begin(), among.end(), [key](const option& o) { return o.key == key; });
    return found == among.end() ? nullptr : &*found;
}

}  // namespace logferry::config
