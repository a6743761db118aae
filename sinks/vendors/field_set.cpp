#include <vendors/field_set.hpp>

#include <cstring>

#include <text/scan.hpp>
#include <text/utf8.hpp>

namespace logferry::vendors {
namespace {

/// ASCII of a usual length, which needs no repair, no clipping and no escape.
bool is_plain(std::string_view key) noexcept {
    const auto* end = key.data() + key.size();
    return key.size() <= max_key_units && text::skip<text::plain_in_json>(key.data(), end) == end;
}

template <typename Word>
std::uint64_t word_at(const char* p) noexcept {
    Word word;
    std::memcpy(&word, p, sizeof word);
    return word;
}

/// Mixes the length with both ends of the key, which is where keys differ. It need not be strong: the number of entries
/// is bounded, and so is the longest probe that a hostile choice of keys can cause.
std::size_t mix(std::string_view key) noexcept {
    const auto* end = key.data() + key.size();
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    if (key.size() >= 8) {
        head = word_at<std::uint64_t>(key.data());
        tail = word_at<std::uint64_t>(end - 8);
    } else if (key.size() >= 4) {
        head = word_at<std::uint32_t>(key.data());
        tail = word_at<std::uint32_t>(end - 4);
    } else {
        for (const char c : key) head = head << 8 | static_cast<unsigned char>(c);
    }
    const auto sum = (head ^ (tail << 1) ^ key.size()) * 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(sum >> 56);
}

std::uint64_t length_bit(std::string_view key) noexcept { return std::uint64_t{1} << key.size() % 64; }

}  // namespace

void field_set::assign(const record_view& record) {
    static_assert(max_fields < 256 && bucket_count == 256, "an index fits a byte, and so does a bucket's number");
    if (!entries_.empty()) buckets_.fill(0);
    entries_.clear();
    lengths_ = 0;
    changed_count_ = 0;
    left_out_ = 0;
    for (auto at = record.fields.begin(); at != record.fields.end(); ++at) {
        entries_.emplace_back(at);
        settle_last();
    }
}

void field_set::settle_last() {
    auto& last = entries_.back();
    const auto given = last.f.key;
    last.plain = is_plain(given);
    if (!last.plain) last.f.key = cleaned(given);
    const auto bucket = bucket_of(last.f.key);
    if (buckets_[bucket] != 0) {
        entries_[buckets_[bucket] - 1U].f.val = last.f.val;
        entries_.pop_back();
    } else if (last.f.key.empty() || entries_.size() > max_fields) {
        ++left_out_;
        entries_.pop_back();
    } else {
        lengths_ |= length_bit(last.f.key);
        buckets_[bucket] = static_cast<std::uint8_t>(entries_.size());
        if (last.f.key.data() != given.data()) ++changed_count_;  // the entry keeps what `cleaned` wrote
    }
}

std::string_view field_set::cleaned(std::string_view key) {
    const auto fitted = text::fit(key, max_key_units, text::length_unit::utf16, scratch_);
    if (fitted.cut) ++left_out_;
    if (fitted.text == key) return key;
    if (changed_count_ == changed_keys_.size()) changed_keys_.emplace_back();
    return changed_keys_[changed_count_] = fitted.text;
}

std::size_t field_set::bucket_of(std::string_view key) const noexcept {
    auto bucket = mix(key);
    while (buckets_[bucket] != 0 && entries_[buckets_[bucket] - 1U].f.key != key) bucket = (bucket + 1) % bucket_count;
    return bucket;
}

const field* field_set::take(std::string_view key) noexcept {
    const auto index = (lengths_ & length_bit(key)) == 0 ? 0U : buckets_[bucket_of(key)];
    if (index == 0 || entries_[index - 1U].taken) return nullptr;
    entries_[index - 1U].taken = true;
    return &entries_[index - 1U].f;
}

const field* field_set::take_first(const std::vector<std::string_view>& keys) noexcept {
    for (const auto key : keys) {
        if (const auto* found = take(key)) return found;
    }
    return nullptr;
}

const field* field_set::find(std::string_view key) const noexcept {
    const auto index = (lengths_ & length_bit(key)) == 0 ? 0U : buckets_[bucket_of(key)];
    return index == 0 ? nullptr : &entries_[index - 1U].f;
}

}  // namespace logferry::vendors
