#include "request_log.hpp"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "vendor_apis.hpp"

namespace logferry::emulation {
namespace {

using nlohmann::ordered_json;

std::size_t weight(const emulated_request& one) { return one.body.size() + one.answer.size(); }

// Repeated headers are joined, as HTTP allows.
ordered_json headers_of(const emulated_request& one) {
    ordered_json headers = ordered_json::object();
    for (const auto& [name, value] : one.headers) {
        auto& joined = headers[name];
        joined = joined.is_null() ? value : joined.get<std::string>() + ", " + value;
    }
    return headers;
}

ordered_json to_object(const emulated_request& one) {
    return {{"vendor", one.vendor}, {"path", one.path},     {"headers", headers_of(one)}, {"body", one.body},
            {"status", one.status}, {"answer", one.answer}, {"accepted", one.accepted},   {"problem", one.problem}};
}

}  // namespace

request_log::request_log(std::size_t keep, std::size_t keep_bytes)
    : keep_(keep), keep_bytes_(keep_bytes), counts_(vendor_apis().size()) {}

void request_log::add(std::size_t vendor, emulated_request request) {
    {
        const std::lock_guard lock(mutex_);
        ++counts_[vendor].requests;
        counts_[vendor].accepted += request.accepted;
        kept_bytes_ += weight(request);
        kept_.push_back(std::move(request));
        while (kept_.size() > keep_ || (kept_bytes_ > keep_bytes_ && !kept_.empty())) {
            kept_bytes_ -= weight(kept_.front());
            kept_.pop_front();
        }
    }
    changed_.notify_all();
}

std::size_t request_log::accepted(std::size_t vendor) const {
    const std::lock_guard lock(mutex_);
    return counts_[vendor].accepted;
}

std::size_t request_log::requests(std::size_t vendor) const {
    const std::lock_guard lock(mutex_);
    return counts_[vendor].requests;
}

bool request_log::wait_for(std::size_t vendor, std::size_t count, std::chrono::milliseconds timeout) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [&] { return counts_[vendor].accepted >= count; });
}

std::vector<emulated_request> request_log::kept(std::string_view vendor) const {
    std::vector<emulated_request> found;
    const std::lock_guard lock(mutex_);
    std::ranges::copy_if(kept_, std::back_inserter(found),
                         [&](const auto& one) { return vendor.empty() || one.vendor == vendor; });
    return found;
}

std::string to_json(const std::vector<emulated_request>& requests) {
    ordered_json all = ordered_json::array();
    for (const auto& one : requests) all.push_back(to_object(one));
    return all.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace logferry::emulation
