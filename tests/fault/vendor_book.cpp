#include "vendor_book.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "payload.hpp"

namespace logferry::fault {

namespace {

using nlohmann::json;

/// The field says which record it is; what crossed an asynchronous logger has no fields, and then the text says it.
std::uint64_t id_of(const json& fields, const std::string& text) {
    if (!fields.contains("id")) return std::stoull(text.substr(text.rfind('=') + 1));
    const json& id = fields.at("id");
    return id.is_string() ? std::stoull(id.get<std::string>()) : id.get<std::uint64_t>();
}

/// With U+FFFD for what is not UTF-8, by another hand than logferry's.
std::string repaired(const std::string& text) {
    return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

bool is_what_was_logged(const std::string& text, std::uint64_t id, const payload_kind& payload) {
    if (payload.raw) return text == repaired(raw_payload_of(id, payload.bytes_of(id))) + " id=" + std::to_string(id);
    const auto logged = message_of(id, payload.bytes_of(id));
    if (!payload.cut) return text == logged;
    constexpr std::size_t longest_mark = 32;
    const auto same = std::mismatch(text.begin(), text.end(), logged.begin(), logged.end()).first - text.begin();
    return same > 1000 && text.size() - static_cast<std::size_t>(same) <= longest_mark;
}

sent_record message_record(const json& entry, const char* text, const char* free_form, const payload_kind& payload) {
    const json& fields = entry.at(free_form);
    sent_record record;
    record.text = entry.value(text, "");
    record.loss_report = fields.value("logger", "") == "logferry";
    if (record.loss_report) return record;
    record.id = id_of(fields, record.text);
    record.intact = is_what_was_logged(record.text, record.id, payload);
    return record;
}

sent_record path_record(const json& entry, const payload_kind& payload) {
    sent_record record;
    record.text = entry.at("path").get<std::string>();
    record.id = std::stoull(record.text.substr(1));
    record.intact = record.text == path_of(record.id, payload.bytes_of(record.id));
    return record;
}

}  // namespace

std::vector<sent_record> records_in(const std::string& vendor, const std::string& body, const payload_kind& payload) {
    const json parsed = json::parse(body);
    if (vendor == "logsfori") return {message_record(parsed, "message", "extra", payload)};
    if (vendor == "logwire") return {message_record(parsed, "body", "custom_references", payload)};
    if (vendor != "profound") throw std::invalid_argument("no reader for bodies of " + vendor);
    std::vector<sent_record> records;
    for (const json& entry : parsed) records.push_back(path_record(entry, payload));
    return records;
}

void vendor_book::note(const std::vector<sent_record>& records, bool taken) {
    const std::lock_guard lock(mutex_);
    sizes_.push_back(records.size());
    arrivals_.push_back(clock::now());
    for (const auto& record : records) {
        if (record.loss_report) {
            loss_reports_ += taken;
            continue;
        }
        entry& known = entries_[record.id];
        ++known.tries;
        if (!taken) continue;
        altered_ += !record.intact;
        if (++known.taken == 1) known.text = record.text;
    }
}

std::uint64_t vendor_book::distinct() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& [id, known] : entries_) sum += known.taken > 0;
    return sum;
}

std::uint64_t vendor_book::duplicates() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& [id, known] : entries_) sum += known.taken > 1 ? known.taken - 1 : 0;
    return sum;
}

std::uint64_t vendor_book::altered() const {
    const std::lock_guard lock(mutex_);
    return altered_;
}

std::uint64_t vendor_book::loss_reports() const {
    const std::lock_guard lock(mutex_);
    return loss_reports_;
}

std::uint64_t vendor_book::requests() const {
    const std::lock_guard lock(mutex_);
    return sizes_.size();
}

std::uint64_t vendor_book::tries_of(std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? 0 : found->second.tries;
}

std::vector<std::uint64_t> vendor_book::ids() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint64_t> all;
    for (const auto& [id, known] : entries_) {
        if (known.taken > 0) all.push_back(id);
    }
    return all;
}

std::vector<std::size_t> vendor_book::sizes() const {
    const std::lock_guard lock(mutex_);
    return sizes_;
}

std::vector<vendor_book::clock::time_point> vendor_book::arrivals() const {
    const std::lock_guard lock(mutex_);
    return arrivals_;
}

std::string vendor_book::text_of(std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? std::string() : found->second.text;
}

}  // namespace logferry::fault
