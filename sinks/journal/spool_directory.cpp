#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include <journal/spool_directory.hpp>

#include "descriptor.hpp"
#include "spool_problem.hpp"

namespace logferry::journal {

namespace {

constexpr const char* quarantine_name = "quarantine";

/// `link/` is what a link leads to; `link` is the link.
std::string without_trailing_slashes(std::string path) {
    for (;;) {
        if (path.ends_with("/.")) path.resize(path.size() - 1);
        if (path.size() < 2 || path.back() != '/') return path;
        path.pop_back();
    }
}

/// A descriptor, or an errno value with its sign changed. Somebody else may make it at the same moment.
int make_and_open(operating_system& os, int at, const char* name) noexcept {
    const int error = os.make_directory(at, name);
    return error == 0 || error == -EEXIST ? os.open_directory(at, name) : error;
}

/// A descriptor of the file that is locked, or an errno value with its sign changed.
int open_lock(operating_system& os, int slot) noexcept {
    int fd = os.open_file(slot, lock_name);
    if (fd != -ENOENT) return fd;
    fd = os.create_file(slot, lock_name);
    return fd == -EEXIST ? os.open_file(slot, lock_name) : fd;
}

bool trusted_directory(operating_system& os, int fd) noexcept {
    file_status is;
    return os.status(fd, is) == 0 && distrust_of_directory(is) == nullptr;
}

/// Also that it still has its name: who removed it may have made another one.
bool trusted_lock(operating_system& os, int fd) noexcept {
    file_status is;
    return os.status(fd, is) == 0 && is.what == file_status::type::regular && is.owned_by_us && is.names == 1 &&
           (is.mode & 022) == 0;
}

/// -1 when there is none that can be used.
int open_quarantine(operating_system& os, int spool) noexcept {
    int fd = os.open_directory(spool, quarantine_name);
    if (fd == -ENOENT) fd = make_and_open(os, spool, quarantine_name);
    descriptor quarantine(os, fd);
    return quarantine.error() == 0 && trusted_directory(os, fd) ? quarantine.release() : -1;
}

/// The spool itself, when it may be used.
int open_spool(operating_system& os, const spool_place& place, spool_problem& problem) {
    const auto path = without_trailing_slashes(place.path);
    int fd = os.open_directory(operating_system::here, path.c_str());
    if (fd == -ENOENT) fd = make_and_open(os, operating_system::here, path.c_str());
    descriptor spool(os, fd);
    file_status is;
    int error = spool.error();
    if (error == 0) error = os.status(fd, is);
    const int network = error == 0 ? os.on_network(fd) : 0;
    if (network < 0) error = network;
    if (error != 0) {
        problem = problem_of(error);
    } else if (const auto* const distrust = distrust_of_directory(is)) {
        problem = {distrust, false};
    } else if (network > 0 && !place.network_allowed) {
        problem = {"another machine serves it; choose a directory on a local disk, or allow it (spool_on_network)",
                   false};
    } else {
        return spool.release();
    }
    return -1;
}

/// True when what was refused for one slot would be refused for all.
bool hinders_every_slot(int error) noexcept { return error == -EMFILE || error == -ENFILE || error == -ENOMEM; }

/// Nothing when it is not the name of a slot.
std::optional<unsigned> slot_number(std::string_view name) {
    constexpr std::string_view prefix = "slot-";
    if (name.size() != prefix.size() + 4 || !name.starts_with(prefix)) return std::nullopt;
    unsigned number = 0;
    for (const char digit : name.substr(prefix.size())) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + static_cast<unsigned>(digit - '0');
    }
    if (number >= spool_directory::most_slots) return std::nullopt;
    return number;
}

bool holds_anything(const spool_slot& slot) {
    std::vector<std::string> names;
    return slot.list(names) == 0 && !names.empty();
}

}  // namespace

std::unique_ptr<spool_directory> spool_directory::open(operating_system& os, const spool_place& place,
                                                       spool_problem& problem) {
    problem = {};
    descriptor directory(os, open_spool(os, place, problem));
    if (directory.error() != 0) return nullptr;
    descriptor quarantine(os, open_quarantine(os, directory.get()));
    std::unique_ptr<spool_directory> opened(new spool_directory(os, directory.get(), quarantine.get()));
    directory.release();
    quarantine.release();
    return opened;
}

spool_directory::spool_directory(operating_system& os, int directory, int quarantine) noexcept
    : os_(os), directory_(directory), quarantine_(quarantine) {}

spool_directory::~spool_directory() { forget(); }

void spool_directory::forget() noexcept {
    if (directory_ >= 0) os_.close(std::exchange(directory_, -1));
    if (quarantine_ >= 0) os_.close(std::exchange(quarantine_, -1));
}

std::unique_ptr<spool_slot> spool_directory::take_slot(spool_problem& problem) {
    problem = {};
    int first_error = 0;
    for (unsigned number = 0; number < most_slots; ++number) {
        refusal why;
        if (auto slot = try_slot(number, why)) return slot;
        if (why.error == -EWOULDBLOCK) continue;
        if (first_error == 0) first_error = why.error;
        // A slot that cannot be used is passed; but if one cannot be made or locked, none can.
        if (why.of_all || hinders_every_slot(why.error)) {
            problem = problem_of(why.error);
            return nullptr;
        }
    }
    problem = first_error != 0 ? problem_of(first_error)
                               : spool_problem{"all of its slots are in use; let fewer processes share it", true};
    return nullptr;
}

std::unique_ptr<spool_slot> spool_directory::adopt_orphan(unsigned from) {
    std::vector<std::string> names;
    if (os_.list(directory_, names) != 0) return nullptr;
    std::sort(names.begin(), names.end());
    for (const auto& name : names) {
        const auto number = slot_number(name);
        if (!number || *number < from) continue;
        refusal why;
        auto slot = try_slot(*number, why);
        if (slot && holds_anything(*slot)) return slot;
        if (hinders_every_slot(why.error)) break;
    }
    return nullptr;
}

std::unique_ptr<spool_slot> spool_directory::try_slot(unsigned number, refusal& why) {
    const auto refuse = [&why](int error, bool of_all = false) {
        why = {error, of_all};
        return nullptr;
    };
    const auto name = slot_name(number);
    int fd = os_.open_directory(directory_, name.c_str());
    const bool missing = fd == -ENOENT;
    if (missing) fd = make_and_open(os_, directory_, name.c_str());
    descriptor directory(os_, fd);
    if (directory.error() != 0) return refuse(directory.error(), missing);
    if (!trusted_directory(os_, directory.get())) return refuse(-EPERM);

    descriptor lock(os_, open_lock(os_, directory.get()));
    if (lock.error() != 0) return refuse(lock.error(), missing);
    if (const int error = os_.lock(lock.get()); error != 0) return refuse(error, error != -EWOULDBLOCK);
    if (!trusted_lock(os_, lock.get())) return refuse(-EPERM);

    auto slot = std::make_unique<spool_slot>(os_, number, directory.get(), lock.get(), quarantine_);
    directory.release();
    lock.release();
    return slot;
}

}  // namespace logferry::journal
