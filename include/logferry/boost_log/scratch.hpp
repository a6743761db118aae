// Memory for the texts of one record that must be made: converted strings, times, arrays.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace logferry::detail::boost_log {

/// Some of it on the stack, then from the heap. Texts stay where they are until the object ends. Throws
/// `std::bad_alloc`. Thread rule: one thread.
class scratch {
public:
    scratch() noexcept = default;
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;

    /// Room for `size` bytes, which are still free until they are taken.
    [[nodiscard]] char* reserve(std::size_t size) {
        if (size > room_) {
            const auto block = std::max<std::size_t>(size, 4096);
            blocks_.push_back(std::unique_ptr<char[]>(new char[block]));
            next_ = blocks_.back().get();
            room_ = block;
        }
        return next_;
    }
    /// Takes the first `size` bytes of what was reserved.
    std::string_view take(std::size_t size) noexcept {
        const std::string_view text(next_, size);
        next_ += size;
        room_ -= size;
        return text;
    }
    [[nodiscard]] std::size_t room() const noexcept { return room_; }

    [[nodiscard]] std::string_view copy(std::string_view text) {
        char* const to = reserve(text.size());
        std::copy(text.begin(), text.end(), to);
        return take(text.size());
    }

private:
    // Left as it is: to fill it would cost more than all the rest.
    char first_[1024];
    char* next_ = first_;
    std::size_t room_ = sizeof first_;
    std::vector<std::unique_ptr<char[]>> blocks_;
};

/// One text that grows in a scratch. Nothing else may be taken from there before it is finished.
class growing_text {
public:
    explicit growing_text(scratch& memory) : memory_(memory), begin_(memory.reserve(1)) {}

    void append(std::string_view text) {
        make_room(text.size());
        std::copy(text.begin(), text.end(), begin_ + size_);
        size_ += text.size();
    }
    void append(char c) { append(std::string_view(&c, 1)); }

    /// An integer, or the shortest text that reads back as the same floating point number.
    template <typename Number>
    void append_number(Number number) {
        constexpr std::size_t longest = 40;
        make_room(longest);
        size_ = static_cast<std::size_t>(std::to_chars(begin_ + size_, begin_ + size_ + longest, number).ptr - begin_);
    }

    [[nodiscard]] std::string_view finish() noexcept { return memory_.take(size_); }

private:
    void make_room(std::size_t more) {
        if (size_ + more <= memory_.room()) return;
        // What was written so far stays in the old block, which lives on.
        char* const wider = memory_.reserve(2 * size_ + more);
        std::copy(begin_, begin_ + size_, wider);
        begin_ = wider;
    }

    scratch& memory_;
    char* begin_;
    std::size_t size_ = 0;
};

}  // namespace logferry::detail::boost_log
