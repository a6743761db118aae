// Scopes: a chain of frames for each thread, the innermost first. A frame holds its parent's encoded fields in front of
// its own, so that a record copies one run of bytes however deep the scopes nest.
#include <atomic>
#include <cstring>
#include <new>

#include <logferry/fields.hpp>
#include <record/thread_fields.hpp>

namespace logferry {

struct detail::scope_frame {
    scope_frame* parent;
    std::size_t size;
    // Set by the scope's destructor, on whatever thread that runs; read by the thread that owns the chain.
    std::atomic<bool> ended{false};

    [[nodiscard]] std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
};

namespace {

using detail::scope_frame;

// Trivially destructible, so that it still serves records logged while the thread ends.
constinit thread_local scope_frame* innermost = nullptr;

scope_frame* make_frame(scope_frame* parent, std::size_t size) {
    return new (::operator new(sizeof(scope_frame) + size)) scope_frame{parent, size};
}

void drop_ended() noexcept {
    while (innermost != nullptr && innermost->ended.load(std::memory_order_acquire)) {
        auto* done = innermost;
        innermost = done->parent;
        done->~scope_frame();
        ::operator delete(done);
    }
}

}  // namespace

scope::scope(const field* fields, std::size_t count) {
    drop_ended();
    const auto inherited = innermost ? innermost->size : 0;
    auto size = inherited;
    for (std::size_t i = 0; i < count; ++i) size += record::field_size(fields[i]);

    frame_ = make_frame(innermost, size);
    if (inherited > 0) std::memcpy(frame_->data(), innermost->data(), inherited);
    auto* out = frame_->data() + inherited;
    for (std::size_t i = 0; i < count; ++i) out = record::write_field(out, fields[i]);
    innermost = frame_;
}

scope::~scope() {
    // The frame belongs to its thread's chain, not to this object: only that thread may unlink it, and only from the
    // top.
    frame_->ended.store(true, std::memory_order_release);
    drop_ended();
}

record::bytes record::scope_fields() noexcept {
    if (innermost == nullptr) return {};
    drop_ended();
    return innermost ? bytes(innermost->data(), innermost->size) : bytes();
}

}  // namespace logferry
