#include "endpoint.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "ascii.hpp"

namespace logferry::transport {

namespace {

bool begins_with(std::string_view text, std::string_view scheme) {
    return same_word(text.substr(0, scheme.size()), scheme);
}

bool stays_in_its_line(const http_header& header) {
    const auto harmless = [](char c) { return c != '\r' && c != '\n' && c != '\0'; };
    return !header.name.empty() && std::all_of(header.name.begin(), header.name.end(), harmless) &&
           std::all_of(header.value.begin(), header.value.end(), harmless);
}

/// In libcurl's lists a semicolon stands for an empty value; a colon would take the header away.
std::string line_of(const http_header& header) {
    return header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
}

}  // namespace

endpoint::endpoint(const http_endpoint& from) : url_(from.url), secure_(begins_with(from.url, "https://")) {
    if (!secure_ && !begins_with(url_, "http://"))
        throw std::runtime_error("an endpoint is neither http:// nor https://");

    const auto given = [&](std::string_view name) {
        return std::any_of(from.headers.begin(), from.headers.end(),
                           [&](const http_header& header) { return same_word(header.name, name); });
    };
    // What libcurl would add of its own accord: a pause of a second before large bodies, and two headers nobody asked
    // for.
    headers_.append("Expect:");
    if (!given("Accept")) headers_.append("Accept:");
    if (!given("Content-Type")) headers_.append("Content-Type:");
    for (const http_header& header : from.headers) {
        if (!stays_in_its_line(header)) throw std::runtime_error("a header of an endpoint holds a line end or NUL");
        headers_.append(line_of(header).c_str());
    }
}

}  // namespace logferry::transport
