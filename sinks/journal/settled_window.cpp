#include <journal/settled_window.hpp>

namespace logferry::journal {

bool settled_window::settle(std::uint64_t token) noexcept {
    if (token < first_token_) return false;
    auto first = static_cast<std::size_t>(token - first_token_);
    auto last = first;
    if (first > 0 && places_[first - 1].run != 0) first -= places_[first - 1].run;
    if (last + 1 < places_.size() && places_[last + 1].run != 0) last += places_[last + 1].run;
    const auto run = last - first + 1;
    if (first == 0) {
        places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(run));
        first_token_ += run;
        return true;
    }
    // In the middle too, so that it is not taken for unsettled.
    places_[static_cast<std::size_t>(token - first_token_)].run = run;
    places_[first].run = run;
    places_[last].run = run;
    return true;
}

std::size_t settled_window::give_up(position bound) noexcept {
    std::size_t unsettled = 0;
    // A run that begins before the bound goes whole: its length would not be true any more.
    while (!places_.empty() && (places_.front().at < bound || places_.front().run != 0)) {
        unsettled += places_.front().run == 0;
        places_.pop_front();
        ++first_token_;
    }
    return unsettled;
}

std::size_t settled_window::settled_runs(position read_to, position_range* out, std::size_t most) const noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < places_.size() && count < most;) {
        if (places_[i].run == 0) {
            ++i;
            continue;
        }
        const auto behind = i + places_[i].run;
        out[count++] = {places_[i].at, behind < places_.size() ? places_[behind].at : read_to};
        i = behind;
    }
    return count;
}

}  // namespace logferry::journal
