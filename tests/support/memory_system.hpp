// An operating system in memory, for tests of what lies in a spool: files that can be looked at and damaged, room that
// runs out, calls that fail when the test says so, and the death of the process.
//
//     memory_system os;
//     os.put_directory("/spool");
//     os.fail(call::allocate, ENOSPC);             // the next one
//     os.fail_nth(os.calls() + 7, EIO);            // whatever it is
//     ...
//     os.crash();                                  // the process is dead, its files are there
//     os.change("/spool/slot-0000/x.segment", 4096, damage);
//
// Paths begin at the root, with or without a slash. `operating_system::here` is the root.
//
// A failed call has no effect. What a test asks about (`bytes`, `names`, ...) and arranges is no call and never fails
// by order; it throws `std::out_of_range` for a path that is not there.
//
// Thread rule: any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <journal/operating_system.hpp>

namespace logferry::journal {

class memory_system : public operating_system {
public:
    /// Calls that can fail, by the member's name.
    enum class call : std::uint8_t {
        open_directory,
        make_directory,
        create_file,
        open_file,
        status,
        on_network,
        allocate,
        give_back,
        read_at,
        write_at,
        sync,
        map,
        populate,
        lock,
        rename,
        remove,
        list,
    };
    static constexpr std::size_t kinds_of_call = 17;

    memory_system();
    ~memory_system() override;
    memory_system(const memory_system&) = delete;
    memory_system& operator=(const memory_system&) = delete;

    // Faults ----------------------------------------------------------------------------------------------------------

    /// The next `times` calls of this kind fail with this errno value.
    void fail(call what, int error, std::uint64_t times = 1);
    /// The `nth` call fails, counted from 1 like `calls()`.
    void fail_nth(std::uint64_t nth, int error);
    /// `decide` is asked before every call, of which it is the `nth`: 0 lets it happen, an errno value makes it fail.
    /// It must not use this object.
    void fail_when(std::function<int(call what, std::uint64_t nth)> decide);
    /// From now on nothing fails by order.
    void fail_nothing();

    /// Bytes that all files together may hold; when there is no more, ENOSPC. Without limit at first. Removed files
    /// count as long as they are open or mapped.
    void set_room(std::uint64_t bytes);
    /// Most bytes that one read or write moves. Without limit at first.
    void set_most_at_once(std::size_t bytes);
    /// Whether everything lies on another machine.
    void set_network(bool is);

    /// The process dies: its descriptors and locks are gone, and mappings no longer reach their files. What is left of
    /// the dead objects may still be destroyed: its descriptors are of no use (EBADF) and never given again, and its
    /// mappings stay readable and writable until `unmap`, or the end of this object.
    void crash();

    // Counts ----------------------------------------------------------------------------------------------------------

    /// Calls so far, failed ones too.
    [[nodiscard]] std::uint64_t calls() const;
    [[nodiscard]] std::uint64_t calls(call what) const;
    [[nodiscard]] std::size_t open_descriptors() const;
    [[nodiscard]] std::size_t mappings() const;
    /// Bytes that all files hold.
    [[nodiscard]] std::uint64_t used() const;

    // Files -----------------------------------------------------------------------------------------------------------

    void put_directory(std::string_view path);
    /// Makes the file, or replaces what it holds. Not limited by the room.
    void put_file(std::string_view path, std::span<const std::byte> bytes);
    /// A symbolic link: whoever opens it gets ELOOP.
    void put_link(std::string_view path);
    /// A second name of a file.
    void put_name(std::string_view path, std::string_view of);
    /// Overwrites bytes in the middle of a file, which grows when it is too short.
    void change(std::string_view path, std::uint64_t offset, std::span<const std::byte> bytes);
    /// Cuts a file, or lengthens it by zeroes.
    void resize(std::string_view path, std::uint64_t size);
    /// Removes a file, or a directory with all that it holds.
    void erase(std::string_view path);
    void set_mode(std::string_view path, unsigned mode);
    void set_owned_by_us(std::string_view path, bool is);

    [[nodiscard]] bool exists(std::string_view path) const;
    [[nodiscard]] std::vector<std::byte> bytes(std::string_view path) const;
    /// In order.
    [[nodiscard]] std::vector<std::string> names(std::string_view path) const;
    [[nodiscard]] bool locked(std::string_view path) const;

    // Time and chance -------------------------------------------------------------------------------------------------

    /// The clock stands still but for one nanosecond a reading.
    void advance(std::int64_t nanoseconds);
    /// What `random` gives follows from it.
    void set_seed(std::uint64_t seed);

    // The operating system --------------------------------------------------------------------------------------------

    int open_directory(int at, const char* name) noexcept override;
    int make_directory(int at, const char* name) noexcept override;
    int create_file(int at, const char* name) noexcept override;
    int open_file(int at, const char* name) noexcept override;
    void close(int fd) noexcept override;
    int status(int fd, file_status& out) noexcept override;
    int on_network(int fd) noexcept override;
    int allocate(int fd, std::uint64_t size) noexcept override;
    int give_back(int fd, std::uint64_t offset) noexcept override;
    std::int64_t read_at(int fd, void* to, std::size_t size, std::uint64_t offset) noexcept override;
    std::int64_t write_at(int fd, const void* from, std::size_t size, std::uint64_t offset) noexcept override;
    int sync(int fd) noexcept override;
    int map(int fd, std::size_t size, std::byte*& at) noexcept override;
    void unmap(std::byte* at, std::size_t size) noexcept override;
    int populate(std::byte* at, std::size_t size) noexcept override;
    int lock(int fd) noexcept override;
    int rename(int from_at, const char* from, int to_at, const char* to) noexcept override;
    int remove(int at, const char* name) noexcept override;
    int list(int fd, std::vector<std::string>& names) override;
    std::int64_t wall_clock() noexcept override;
    std::uint64_t random() noexcept override;

private:
    class page_buffer;
    struct node;
    using node_pointer = std::shared_ptr<node>;
    struct place;
    struct mapping {
        node_pointer file;  ///< none after a crash
        std::shared_ptr<page_buffer> bytes;
    };
    struct order {
        int error = 0;
        std::uint64_t times = 0;
    };

    // All with the mutex held. What fails gives an errno value with its sign changed.

    /// Counts the call; 0, or what it is to fail with.
    int enter(call what);
    /// The directory that a name is in, and the name's last component: 0.
    int locate(int at, std::string_view name, place& out) const;
    int open(int at, const char* name, bool directory);
    int give_descriptor(node_pointer to);
    /// None when the descriptor is not open.
    [[nodiscard]] node_pointer opened(int fd) const;
    /// A regular file: 0.
    int opened_file(int fd, node_pointer& out) const;
    [[nodiscard]] node_pointer known(std::string_view path) const;
    [[nodiscard]] node_pointer known_file(std::string_view path) const;
    node_pointer make(std::string_view path, bool directory);
    void set_size(node& file, std::uint64_t size) const;
    [[nodiscard]] std::uint64_t room() const;

    mutable std::mutex mutex_;
    std::shared_ptr<std::uint64_t> used_;
    node_pointer root_;
    std::map<int, node_pointer> descriptors_;
    std::multimap<const std::byte*, mapping> mappings_;
    int next_descriptor_ = 1000;

    std::array<std::uint64_t, kinds_of_call> counts_{};
    std::array<order, kinds_of_call> orders_{};
    std::map<std::uint64_t, int> nth_orders_;
    std::function<int(call, std::uint64_t)> decide_;

    std::uint64_t limit_ = UINT64_MAX;
    std::size_t most_at_once_ = SIZE_MAX;
    bool network_ = false;
    std::int64_t clock_ = 1'760'000'000'000'000'000;
    std::uint64_t seed_ = 1;
};

}  // namespace logferry::journal
