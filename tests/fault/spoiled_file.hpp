// A file of the spool that something happens to. Which of its records that may cost is known from their texts alone,
// without a word of the format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace logferry::fault {

class spoiled_file {
public:
    explicit spoiled_file(std::filesystem::path path);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
    [[nodiscard]] std::size_t records() const noexcept { return place_of_.size() + hit_; }
    /// Records that nothing has come near. None when the file's head was hit.
    void add_spared(std::set<std::uint64_t>& to) const;

    void change(std::size_t begin, std::size_t end, const std::function<char(char)>& changed);
    void cut(std::size_t to_size);
    /// Nothing is changed, but what lies there cannot be had.
    void count_as_hit(std::size_t begin, std::size_t end);
    void save() const;

private:
    std::filesystem::path path_;
    std::string bytes_;
    std::map<std::uint64_t, std::size_t> place_of_;
    std::size_t hit_ = 0;
};

}  // namespace logferry::fault
