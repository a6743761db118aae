#include <algorithm>
#include <utility>

#include <delivery/shelf.hpp>

namespace logferry::delivery {

batch& shelf::put(std::unique_ptr<batch> b) {
    const auto older = [](const auto& x, const auto& y) { return x->order < y->order; };
    const auto place = std::upper_bound(batches_.begin(), batches_.end(), b, older);
    return **batches_.insert(place, std::move(b));
}

void shelf::put_halves(std::unique_ptr<batch> b) { split(std::move(b)); }

void shelf::put_guilty_halves(std::unique_ptr<batch> b) {
    const auto [whole, rest] = split(std::move(b));
    for (auto* half : {whole, rest}) {
        half->guilty = half->entries.size() > 1;
        half->proofs = 1;
    }
}

std::pair<batch*, batch*> shelf::split(std::unique_ptr<batch> b) {
    auto& whole = put(std::move(b));  // first, so that it is not lost should memory run out below
    auto rest = pool_.take();
    halve(whole, *rest, frame_);
    return {&whole, &put(std::move(rest))};
}

std::unique_ptr<batch> shelf::take_oldest(bool in_order, bool admitted) {
    for (auto it = batches_.begin(); it != batches_.end(); ++it) {
        if ((*it)->suspect) continue;
        if (may_go(**it, admitted)) return take(it);
        if (in_order) break;
    }
    return nullptr;
}

std::unique_ptr<batch> shelf::take_suspect(bool admitted) {
    auto longest = batches_.end();
    for (auto it = batches_.begin(); it != batches_.end(); ++it) {
        if (!(*it)->suspect || !may_go(**it, admitted)) continue;
        if (longest == batches_.end() || (*it)->tag < (*longest)->tag) longest = it;
    }
    return longest == batches_.end() ? nullptr : take(longest);
}

bool shelf::may_go(const batch& b, bool admitted) noexcept { return !b.last_try && (admitted || !b.patient); }

bool shelf::any_patient() const noexcept {
    return std::any_of(batches_.begin(), batches_.end(), [](const auto& b) { return b->patient && !b->last_try; });
}

void shelf::allow_another_try() noexcept {
    for (const auto& b : batches_) b->last_try = b->patient = false;
}

void shelf::clear_suspects(std::uint64_t tag) noexcept {
    for (const auto& b : batches_) {
        if (b->mark < tag) b->suspect = false;
    }
}

bool shelf::only_suspects() const noexcept {
    return std::all_of(batches_.begin(), batches_.end(), [](const auto& b) { return b->suspect; });
}

std::size_t shelf::suspect_bytes() const noexcept {
    std::size_t sum = 0;
    for (const auto& b : batches_) sum += b->suspect ? b->body.size() : 0;
    return sum;
}

std::unique_ptr<batch> shelf::take(std::vector<std::unique_ptr<batch>>::iterator which) {
    auto b = std::move(*which);
    batches_.erase(which);
    return b;
}

}  // namespace logferry::delivery
