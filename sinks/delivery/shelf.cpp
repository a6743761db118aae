#include <algorithm>
#include <utility>

#include <delivery/shelf.hpp>

namespace logferry::delivery {

batch& shelf::put(std::unique_ptr<batch> b) {
    const auto older = [](const auto& x, const auto& y) { return x->order < y->order; };
    const auto place = std::upper_bound(batches_.begin(), batches_.end(), b, older);
    return **batches_.insert(place, std::move(b));
}

void shelf::put_halves(std::unique_ptr<batch> b) {
    auto& whole = put(std::move(b));  // first, so that it is not lost should memory run out below
    auto rest = pool_.take();
    halve(whole, *rest, frame_);
    put(std::move(rest));
}

std::unique_ptr<batch> shelf::take_oldest(bool in_order) {
    const auto may_go = [](const auto& b) { return !b->last_try; };
    const auto end = in_order && !batches_.empty() ? batches_.begin() + 1 : batches_.end();
    const auto oldest = std::find_if(batches_.begin(), end, may_go);
    if (oldest == end) return nullptr;
    auto b = std::move(*oldest);
    batches_.erase(oldest);
    return b;
}

}  // namespace logferry::delivery
