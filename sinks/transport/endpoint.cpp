#include "endpoint.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "ascii.hpp"
#include "wiped_text.hpp"

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
void append_header(header_list& lines, const http_header& header) {
    wiped_text line(header.name.size() + header.value.size() + 2);
    line.append(header.name).append(header.value.empty() ? ";" : ": ").append(header.value);
    lines.append(line.c_str());
}

header_list lines_of(const std::vector<http_header>& headers) {
    const auto given = [&](std::string_view name) {
        return std::any_of(headers.begin(), headers.end(),
                           [&](const http_header& header) { return same_word(header.name, name); });
    };
    header_list lines;
    // What libcurl would add of its own accord: a pause of a second before large bodies, and two headers nobody asked
    // for.
    lines.append("Expect:");
    if (!given("Accept")) lines.append("Accept:");
    if (!given("Content-Type")) lines.append("Content-Type:");
    for (const http_header& header : headers) append_header(lines, header);
    return lines;
}

}  // namespace

endpoint::endpoint(const http_endpoint& from) : url_(from.url), secure_(begins_with(from.url, "https://")) {
    if (!secure_ && !begins_with(url_, "http://"))
        throw std::runtime_error("an endpoint is neither http:// nor https://");
    if (!std::all_of(from.headers.begin(), from.headers.end(), stays_in_its_line))
        throw std::runtime_error("a header of an endpoint holds a line end or NUL");
    plain_ = lines_of(from.headers);
    gzip_ = lines_of(from.headers);
    gzip_.append("Content-Encoding: gzip");
}

}  // namespace logferry::transport
