#include "support/memory_system.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace logferry::journal {

namespace {

constexpr std::size_t page = 4096;
constexpr std::int64_t second = 1'000'000'000;

}  // namespace

/// A file's bytes where they can be mapped: page-aligned, and zero behind the file's end.
class memory_system::page_buffer {
public:
    explicit page_buffer(std::size_t least)
        : capacity_((std::max(least, page) + page - 1) / page * page),
          data_(static_cast<std::byte*>(::operator new (capacity_, std::align_val_t{page}))) {
        std::memset(data_, 0, capacity_);
    }
    page_buffer(const page_buffer& other) : page_buffer(other.capacity_) { std::memcpy(data_, other.data_, capacity_); }
    page_buffer& operator=(const page_buffer&) = delete;
    ~page_buffer() { ::operator delete (data_, std::align_val_t{page}); }

    [[nodiscard]] std::byte* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    std::size_t capacity_;
    std::byte* data_;
};

struct memory_system::node {
    enum class kind : std::uint8_t { file, directory, link };

    node(kind what, unsigned bits, std::shared_ptr<std::uint64_t> counter)
        : is(what), mode(bits), used(std::move(counter)) {}
    ~node() { *used -= size; }
    node(const node&) = delete;
    node& operator=(const node&) = delete;

    kind is;
    unsigned mode;
    bool owned_by_us = true;
    std::uint64_t names = 1;
    std::uint64_t given_back = 0;
    int locked_by = -1;  ///< a descriptor
    std::map<std::string, node_pointer, std::less<>> children;
    std::uint64_t size = 0;
    std::size_t mapped = 0;
    std::shared_ptr<page_buffer> bytes;
    std::shared_ptr<std::uint64_t> used;
};

struct memory_system::place {
    node_pointer directory;
    std::string name;

    [[nodiscard]] node_pointer found() const {
        const auto it = directory->children.find(name);
        return it == directory->children.end() ? nullptr : it->second;
    }
    void forget_name() const {
        --found()->names;
        directory->children.erase(name);
    }
};

memory_system::memory_system()
    : used_(std::make_shared<std::uint64_t>(0)), root_(std::make_shared<node>(node::kind::directory, 0700, used_)) {}

memory_system::~memory_system() = default;

// Faults --------------------------------------------------------------------------------------------------------------

void memory_system::fail(call what, int error, std::uint64_t times) {
    const std::lock_guard lock(mutex_);
    orders_[static_cast<std::size_t>(what)] = {error, times};
}

void memory_system::fail_nth(std::uint64_t nth, int error) {
    const std::lock_guard lock(mutex_);
    nth_orders_[nth] = error;
}

void memory_system::fail_when(std::function<int(call what, std::uint64_t nth)> decide) {
    const std::lock_guard lock(mutex_);
    decide_ = std::move(decide);
}

void memory_system::fail_nothing() {
    const std::lock_guard lock(mutex_);
    orders_ = {};
    nth_orders_.clear();
    decide_ = nullptr;
}

void memory_system::set_room(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    limit_ = bytes;
}

void memory_system::set_most_at_once(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    most_at_once_ = bytes;
}

void memory_system::set_network(bool is) {
    const std::lock_guard lock(mutex_);
    network_ = is;
}

void memory_system::crash() {
    const std::lock_guard lock(mutex_);
    for (const auto& [fd, open] : descriptors_) open->locked_by = -1;
    descriptors_.clear();
    for (auto& [at, mapped] : mappings_) {
        if (!mapped.file) continue;
        mapped.file->mapped = 0;
        // The file goes on in a copy, so that the dead mapping can be written to.
        if (mapped.file->bytes == mapped.bytes) mapped.file->bytes = std::make_shared<page_buffer>(*mapped.bytes);
        mapped.file = nullptr;
    }
}

int memory_system::enter(call what) {
    const auto kind = static_cast<std::size_t>(what);
    ++counts_[kind];
    const auto nth = std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
    if (const auto it = nth_orders_.find(nth); it != nth_orders_.end()) return -it->second;
    if (orders_[kind].times != 0) {
        --orders_[kind].times;
        return -orders_[kind].error;
    }
    return decide_ ? -decide_(what, nth) : 0;
}

// Counts --------------------------------------------------------------------------------------------------------------

std::uint64_t memory_system::calls() const {
    const std::lock_guard lock(mutex_);
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t memory_system::calls(call what) const {
    const std::lock_guard lock(mutex_);
    return counts_[static_cast<std::size_t>(what)];
}

std::size_t memory_system::open_descriptors() const {
    const std::lock_guard lock(mutex_);
    return descriptors_.size();
}

std::size_t memory_system::mappings() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(mappings_.begin(), mappings_.end(), [](const auto& m) { return m.second.file != nullptr; }));
}

std::uint64_t memory_system::used() const {
    const std::lock_guard lock(mutex_);
    return *used_;
}

// Files ---------------------------------------------------------------------------------------------------------------

void memory_system::put_directory(std::string_view path) {
    const std::lock_guard lock(mutex_);
    make(path, true);
}

void memory_system::put_file(std::string_view path, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    place where;
    const bool there = locate(here, path, where) == 0 && where.found();
    const auto file = there ? known_file(path) : make(path, false);
    set_size(*file, 0);
    set_size(*file, bytes.size());
    std::copy(bytes.begin(), bytes.end(), file->bytes->data());
}

void memory_system::put_link(std::string_view path) {
    const std::lock_guard lock(mutex_);
    make(path, false)->is = node::kind::link;
}

void memory_system::put_name(std::string_view path, std::string_view of) {
    const std::lock_guard lock(mutex_);
    const auto file = known_file(of);
    place where;
    if (locate(here, path, where) != 0 || where.found()) throw std::out_of_range(std::string(path));
    where.directory->children.emplace(where.name, file);
    ++file->names;
}

void memory_system::change(std::string_view path, std::uint64_t offset, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    const auto file = known_file(path);
    if (offset + bytes.size() > file->size) set_size(*file, offset + bytes.size());
    std::copy(bytes.begin(), bytes.end(), file->bytes->data() + offset);
}

void memory_system::resize(std::string_view path, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    set_size(*known_file(path), size);
}

void memory_system::erase(std::string_view path) {
    const std::lock_guard lock(mutex_);
    static_cast<void>(known(path));
    place where;
    locate(here, path, where);
    where.forget_name();
}

void memory_system::set_mode(std::string_view path, unsigned mode) {
    const std::lock_guard lock(mutex_);
    known(path)->mode = mode;
}

void memory_system::set_owned_by_us(std::string_view path, bool is) {
    const std::lock_guard lock(mutex_);
    known(path)->owned_by_us = is;
}

bool memory_system::exists(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    place where;
    return locate(here, path, where) == 0 && where.found();
}

std::vector<std::byte> memory_system::bytes(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    const auto file = known_file(path);
    return {file->bytes->data(), file->bytes->data() + file->size};
}

std::vector<std::string> memory_system::names(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all;
    for (const auto& [name, child] : known(path)->children) all.push_back(name);
    return all;
}

bool memory_system::locked(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    return known(path)->locked_by >= 0;
}

memory_system::node_pointer memory_system::known(std::string_view path) const {
    place where;
    if (locate(here, path, where) == 0) {
        if (auto found = where.found()) return found;
    }
    throw std::out_of_range(std::string(path));
}

memory_system::node_pointer memory_system::known_file(std::string_view path) const {
    auto found = known(path);
    if (found->is != node::kind::file) throw std::out_of_range(std::string(path));
    return found;
}

memory_system::node_pointer memory_system::make(std::string_view path, bool directory) {
    place where;
    if (locate(here, path, where) != 0 || where.found()) throw std::out_of_range(std::string(path));
    auto made =
        std::make_shared<node>(directory ? node::kind::directory : node::kind::file, directory ? 0700u : 0600u, used_);
    if (!directory) made->bytes = std::make_shared<page_buffer>(0);
    where.directory->children.emplace(where.name, made);
    return made;
}

void memory_system::set_size(node& file, std::uint64_t size) const {
    if (size > file.bytes->capacity()) {
        if (file.mapped != 0) throw std::logic_error("a mapped file cannot grow in memory_system");
        auto larger = std::make_shared<page_buffer>(std::max<std::uint64_t>(size, file.bytes->capacity() * 2));
        std::memcpy(larger->data(), file.bytes->data(), file.size);
        file.bytes = std::move(larger);
    }
    if (size < file.size) std::memset(file.bytes->data() + size, 0, file.size - size);
    *used_ += size - file.size;
    file.size = size;
}

std::uint64_t memory_system::room() const { return limit_ > *used_ ? limit_ - *used_ : 0; }

// Time and chance -----------------------------------------------------------------------------------------------------

void memory_system::advance(std::int64_t nanoseconds) {
    const std::lock_guard lock(mutex_);
    clock_ += nanoseconds;
}

void memory_system::set_seed(std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    seed_ = seed;
}

std::int64_t memory_system::wall_clock() noexcept {
    const std::lock_guard lock(mutex_);
    return clock_++;
}

std::uint64_t memory_system::random() noexcept {
    const std::lock_guard lock(mutex_);
    // splitmix64
    auto z = seed_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

// Names ---------------------------------------------------------------------------------------------------------------

int memory_system::locate(int at, std::string_view name, place& out) const {
    out.directory = at == here ? root_ : opened(at);
    if (!out.directory) return -EBADF;
    for (;;) {
        if (out.directory->is != node::kind::directory) return -ENOTDIR;
        name.remove_prefix(std::min(name.find_first_not_of('/'), name.size()));
        const auto slash = name.find('/');
        out.name = name.substr(0, slash);
        if (out.name.empty()) return -ENOENT;
        if (slash == std::string_view::npos) return 0;
        name.remove_prefix(slash);
        auto next = out.found();
        if (!next) return -ENOENT;
        out.directory = std::move(next);
    }
}

int memory_system::make_directory(int at, const char* name) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::make_directory)) return error;
    place where;
    if (const auto error = locate(at, name, where)) return error;
    if (where.found()) return -EEXIST;
    where.directory->children.emplace(where.name, std::make_shared<node>(node::kind::directory, 0700u, used_));
    return 0;
}

int memory_system::create_file(int at, const char* name) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::create_file)) return error;
    place where;
    if (const auto error = locate(at, name, where)) return error;
    if (where.found()) return -EEXIST;
    auto made = std::make_shared<node>(node::kind::file, 0600u, used_);
    made->bytes = std::make_shared<page_buffer>(0);
    where.directory->children.emplace(where.name, made);
    return give_descriptor(std::move(made));
}

int memory_system::open_directory(int at, const char* name) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::open_directory)) return error;
    return open(at, name, true);
}

int memory_system::open_file(int at, const char* name) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::open_file)) return error;
    return open(at, name, false);
}

int memory_system::open(int at, const char* name, bool directory) {
    place where;
    if (const auto error = locate(at, name, where)) return error;
    auto found = where.found();
    if (!found) return -ENOENT;
    if (found->is == node::kind::link) return -ELOOP;
    if (directory && found->is == node::kind::file) return -ENOTDIR;
    if (!directory && found->is == node::kind::directory) return -EISDIR;
    return give_descriptor(std::move(found));
}

int memory_system::rename(int from_at, const char* from, int to_at, const char* to) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::rename)) return error;
    place old_place;
    place new_place;
    if (const auto error = locate(from_at, from, old_place)) return error;
    if (const auto error = locate(to_at, to, new_place)) return error;
    const auto moved = old_place.found();
    if (!moved) return -ENOENT;
    if (const auto replaced = new_place.found()) {
        if (replaced == moved) return 0;
        if (replaced->is == node::kind::directory) return -EISDIR;
        new_place.forget_name();
    }
    new_place.directory->children.emplace(new_place.name, moved);
    ++moved->names;
    old_place.forget_name();
    return 0;
}

int memory_system::remove(int at, const char* name) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::remove)) return error;
    place where;
    if (const auto error = locate(at, name, where)) return error;
    const auto found = where.found();
    if (!found) return -ENOENT;
    if (found->is == node::kind::directory) return -EISDIR;
    where.forget_name();
    return 0;
}

int memory_system::list(int fd, std::vector<std::string>& names) {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::list)) return error;
    const auto directory = opened(fd);
    if (!directory) return -EBADF;
    if (directory->is != node::kind::directory) return -ENOTDIR;
    names.clear();
    for (const auto& [name, child] : directory->children) names.push_back(name);
    return 0;
}

// Descriptors ---------------------------------------------------------------------------------------------------------

int memory_system::give_descriptor(node_pointer to) {
    descriptors_.emplace(next_descriptor_, std::move(to));
    return next_descriptor_++;
}

memory_system::node_pointer memory_system::opened(int fd) const {
    const auto it = descriptors_.find(fd);
    return it == descriptors_.end() ? nullptr : it->second;
}

int memory_system::opened_file(int fd, node_pointer& out) const {
    out = opened(fd);
    if (!out) return -EBADF;
    return out->is == node::kind::file ? 0 : -EISDIR;
}

void memory_system::close(int fd) noexcept {
    const std::lock_guard lock(mutex_);
    const auto it = descriptors_.find(fd);
    if (it == descriptors_.end()) return;
    if (it->second->locked_by == fd) it->second->locked_by = -1;
    descriptors_.erase(it);
}

int memory_system::status(int fd, file_status& out) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::status)) return error;
    const auto of = opened(fd);
    if (!of) return -EBADF;
    out.what = of->is == node::kind::directory ? file_status::type::directory : file_status::type::regular;
    out.mode = of->mode;
    out.owned_by_us = of->owned_by_us;
    out.names = of->names;
    out.size = of->size;
    out.allocated = of->size - of->given_back;
    return 0;
}

int memory_system::on_network(int fd) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::on_network)) return error;
    return opened(fd) ? static_cast<int>(network_) : -EBADF;
}

int memory_system::lock(int fd) noexcept {
    const std::lock_guard guard(mutex_);
    if (const auto error = enter(call::lock)) return error;
    const auto file = opened(fd);
    if (!file) return -EBADF;
    if (file->locked_by >= 0 && file->locked_by != fd) return -EWOULDBLOCK;
    file->locked_by = fd;
    return 0;
}

// Bytes ---------------------------------------------------------------------------------------------------------------

int memory_system::allocate(int fd, std::uint64_t size) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::allocate)) return error;
    node_pointer file;
    if (const auto error = opened_file(fd, file)) return error;
    if (size <= file->size) return 0;
    if (size - file->size > room()) return -ENOSPC;
    set_size(*file, size);
    return 0;
}

int memory_system::give_back(int fd, std::uint64_t offset) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::give_back)) return error;
    node_pointer file;
    if (const auto error = opened_file(fd, file)) return error;
    if (offset >= file->size) return 0;
    std::memset(file->bytes->data() + offset, 0, file->size - offset);
    file->given_back = file->size - offset;
    return 0;
}

std::int64_t memory_system::read_at(int fd, void* to, std::size_t size, std::uint64_t offset) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::read_at)) return error;
    node_pointer file;
    if (const auto error = opened_file(fd, file)) return error;
    if (offset >= file->size) return 0;
    const auto count = std::min({size, static_cast<std::size_t>(file->size - offset), most_at_once_});
    std::memcpy(to, file->bytes->data() + offset, count);
    return static_cast<std::int64_t>(count);
}

std::int64_t memory_system::write_at(int fd, const void* from, std::size_t size, std::uint64_t offset) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::write_at)) return error;
    node_pointer file;
    if (const auto error = opened_file(fd, file)) return error;
    // A gap in front of what is written takes room too.
    const auto end = file->size + std::min(room(), UINT64_MAX - file->size);
    if (offset >= end && size != 0) return -ENOSPC;
    const auto count = std::min({size, static_cast<std::size_t>(end - offset), most_at_once_});
    if (count == 0) return 0;
    if (offset + count > file->size) set_size(*file, offset + count);
    std::memcpy(file->bytes->data() + offset, from, count);
    return static_cast<std::int64_t>(count);
}

int memory_system::sync(int fd) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::sync)) return error;
    return opened(fd) ? 0 : -EBADF;
}

int memory_system::map(int fd, std::size_t size, std::byte*& at) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::map)) return error;
    node_pointer file;
    if (const auto error = opened_file(fd, file)) return error;
    // The real one would map it, and end the program at the first store behind the end.
    if (size == 0 || size > file->size) return -EINVAL;
    ++file->mapped;
    at = file->bytes->data();
    mappings_.emplace(at, mapping{file, file->bytes});
    return 0;
}

void memory_system::unmap(std::byte* at, std::size_t) noexcept {
    const std::lock_guard lock(mutex_);
    const auto it = mappings_.find(at);
    if (it == mappings_.end()) return;
    if (it->second.file) --it->second.file->mapped;
    mappings_.erase(it);
}

int memory_system::populate(std::byte* at, std::size_t) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto error = enter(call::populate)) return error;
    const auto inside = std::any_of(mappings_.begin(), mappings_.end(), [at](const auto& entry) {
        return at >= entry.first && at < entry.first + entry.second.bytes->capacity();
    });
    return inside ? 0 : -ENOMEM;
}

}  // namespace logferry::journal
