#include <transport/descriptor_list.hpp>

#include <unistd.h>

#include <algorithm>
#include <new>

namespace logferry::transport {

descriptor_list::~descriptor_list() {
    for (link* each = first_.next; each != nullptr;) {
        const std::unique_ptr<link> done(each);
        each = done->next;
    }
}

std::atomic<int>* descriptor_list::find(int fd) noexcept {
    for (link* each = &first_; each != nullptr; each = each->next.load(std::memory_order_acquire)) {
        const auto place = std::find(each->descriptors.begin(), each->descriptors.end(), fd);
        if (place != each->descriptors.end()) return &*place;
    }
    return nullptr;
}

bool descriptor_list::add(int fd) noexcept {
    if (auto* const place = find(none)) {
        place->store(fd, std::memory_order_release);
        return true;
    }
    auto* const longer = new (std::nothrow) link;
    if (longer == nullptr) return false;
    longer->descriptors.front().store(fd, std::memory_order_relaxed);
    link* last = &first_;
    while (link* const next = last->next.load(std::memory_order_relaxed)) last = next;
    last->next.store(longer, std::memory_order_release);
    return true;
}

void descriptor_list::remove(int fd) noexcept {
    if (auto* const place = find(fd)) place->store(none, std::memory_order_release);
}

void descriptor_list::close_all() noexcept {
    for (link* each = &first_; each != nullptr; each = each->next.load(std::memory_order_acquire)) {
        for (auto& fd : each->descriptors) {
            if (const int open = fd.exchange(none, std::memory_order_acq_rel); open != none) ::close(open);
        }
    }
}

}  // namespace logferry::transport
