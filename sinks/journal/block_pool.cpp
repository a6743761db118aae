#include <cstring>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

#include <journal/segment.hpp>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23  // Linux 5.14; older kernels answer EINVAL and the pages are touched instead
#endif

namespace logferry::journal {

block_pool::block_pool(std::size_t block_size, std::size_t count) : block_size_(block_size), count_(count) {
    warm_.reserve(count);
    cold_.reserve(count);
    void* memory =
        mmap(nullptr, block_size * count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(memory);
    // A huge page would make the first record of a segment wait for two megabytes to be zeroed.
    madvise(base_, block_size * count, MADV_NOHUGEPAGE);
    for (std::size_t i = count; i > 0; --i) cold_.push_back(base_ + (i - 1) * block_size);
}

block_pool::~block_pool() { munmap(base_, block_size_ * count_); }

std::byte* block_pool::take_warm() noexcept {
    auto* block = warm_.back();
    warm_.pop_back();
    return block;
}

std::byte* block_pool::take_cold() noexcept {
    auto* block = cold_.back();
    cold_.pop_back();
    return block;
}

void block_pool::give_back(std::byte* block, std::size_t used) noexcept {
    if (warm_.size() < most_warm_) {
        std::memset(block, 0, used);
        warm_.push_back(block);
    } else {
        chill(block);
        cold_.push_back(block);
    }
}

void block_pool::chill(std::byte* block) noexcept {
    // Private anonymous pages read as zero again after this; should it fail, the zeroes are written.
    if (madvise(block, block_size_, MADV_DONTNEED) != 0) std::memset(block, 0, block_size_);
}

void block_pool::prefault(std::byte* block) noexcept {
    if (madvise(block, block_size_, MADV_POPULATE_WRITE) == 0) return;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    for (std::size_t at = 0; at < block_size_; at += page) {
        // An atomic OR of nothing makes the page present and cannot undo what a producer writes meanwhile.
        __atomic_fetch_or(reinterpret_cast<unsigned*>(block + at), 0u, __ATOMIC_RELAXED);
    }
}

void block_pool::trim() noexcept {
    while (!warm_.empty()) {
        auto* block = warm_.back();
        warm_.pop_back();
        chill(block);
        cold_.push_back(block);
    }
}

}  // namespace logferry::journal
