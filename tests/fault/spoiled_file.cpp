#include "spoiled_file.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace logferry::fault {

namespace {

/// Of the file, not of a record.
constexpr std::size_t head = 64;

/// No byte of a record is further from its path's beginning.
constexpr std::size_t reach = 1024;

std::string contents_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

/// Each record has a path like no other's: /17/70..., see payload.hpp.
spoiled_file::spoiled_file(std::filesystem::path path) : path_(std::move(path)), bytes_(contents_of(path_)) {
    const auto* const end = bytes_.data() + bytes_.size();
    for (auto at = bytes_.find('/'); at != bytes_.npos; at = bytes_.find('/', at + 1)) {
        std::uint64_t id = 0;
        const auto number = std::from_chars(bytes_.data() + at + 1, end, id);
        const std::string_view rest(number.ptr, static_cast<std::size_t>(end - number.ptr));
        if (number.ec == std::errc() && rest.starts_with("/70")) place_of_[id] = at;
    }
}

void spoiled_file::add_spared(std::set<std::uint64_t>& to) const {
    for (const auto& [id, place] : place_of_) to.insert(id);
}

void spoiled_file::change(std::size_t begin, std::size_t end, const std::function<char(char)>& changed) {
    for (auto at = begin; at < end; ++at) bytes_[at] = changed(bytes_[at]);
    count_as_hit(begin, end);
}

void spoiled_file::cut(std::size_t to_size) {
    count_as_hit(to_size, bytes_.size());
    bytes_.resize(to_size);
}

void spoiled_file::count_as_hit(std::size_t begin, std::size_t end) {
    hit_ += std::erase_if(place_of_, [=](const auto& record) {
        return begin < head || (record.second + reach > begin && record.second < end + reach);
    });
}

void spoiled_file::save() const { std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes_; }

}  // namespace logferry::fault
