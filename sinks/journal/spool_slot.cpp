#include <algorithm>
#include <cerrno>
#include <new>
#include <string>
#include <utility>

#include <journal/spool_directory.hpp>

#include "descriptor.hpp"
#include "shortage.hpp"

namespace logferry::journal {

namespace {

/// What a small file costs the file system. So that the quarantine is bounded in files too.
constexpr std::uint64_t least_bytes = 4096;

/// 0 when it cannot be had.
std::uint64_t size_of(operating_system& os, int directory, const char* name) noexcept {
    const descriptor file(os, os.open_file(directory, name));
    file_status is;
    return file.error() == 0 && os.status(file.get(), is) == 0 ? is.size : 0;
}

bool room_for(operating_system& os, int quarantine, const std::vector<std::string>& names, std::uint64_t size,
              std::uint64_t most_bytes) noexcept {
    auto held = std::max(size, least_bytes);
    // Spares a look at every file of a quarantine that is full of small ones.
    if (held + names.size() * least_bytes > most_bytes) return false;
    for (const auto& name : names) held += std::max(size_of(os, quarantine, name.c_str()), least_bytes);
    return held <= most_bytes;
}

/// None of `names`.
std::string new_name(const std::string& wanted, const std::vector<std::string>& names) {
    auto name = wanted;
    for (unsigned number = 2; std::find(names.begin(), names.end(), name) != names.end(); ++number) {
        name = wanted + '-' + std::to_string(number);
    }
    return name;
}

}  // namespace

std::string slot_name(unsigned number) {
    auto digits = std::to_string(number);
    return "slot-" + std::string(4 - std::min<std::size_t>(digits.size(), 4), '0') + digits;
}

spool_slot::spool_slot(operating_system& os, unsigned number, int directory, int lock, int quarantine) noexcept
    : os_(os), number_(number), directory_(directory), lock_(lock), quarantine_(quarantine) {}

spool_slot::~spool_slot() { forget(); }

void spool_slot::forget() noexcept {
    if (directory_ >= 0) os_.close(std::exchange(directory_, -1));
    if (lock_ >= 0) os_.close(std::exchange(lock_, -1));
    quarantine_ = -1;
}

int spool_slot::list(std::vector<std::string>& names) const {
    if (const int error = os_.list(directory_, names); error != 0) return error;
    std::erase(names, lock_name);
    return 0;
}

int spool_slot::open(const char* name) const noexcept {
    descriptor file(os_, os_.open_file(directory_, name));
    // A symbolic link, a directory, a socket.
    if (file.error() == -ELOOP || file.error() == -EISDIR || file.error() == -ENXIO) return -EPERM;
    if (file.error() != 0) return file.error();
    file_status is;
    if (const int error = os_.status(file.get(), is); error != 0) return error;
    const bool trusted = is.what == file_status::type::regular && is.owned_by_us && is.names == 1;
    return trusted ? file.release() : -EPERM;
}

int spool_slot::create(const char* name) const noexcept { return os_.create_file(directory_, name); }

int spool_slot::remove(const char* name) const noexcept { return os_.remove(directory_, name); }

spool_slot::quarantined spool_slot::quarantine(const char* name, std::string_view reason,
                                               std::uint64_t most_bytes) const noexcept {
    int error = -ENOMEM;
    try {
        error = move_to_quarantine(name, reason, most_bytes);
    } catch (const std::bad_alloc&) {
        // No memory for names.
    }
    if (error == 0) return quarantined::kept;
    if (is_shortage(-error)) return quarantined::later;
    remove(name);
    return quarantined::removed;
}

int spool_slot::move_to_quarantine(const char* name, std::string_view reason, std::uint64_t most_bytes) const {
    std::vector<std::string> names;
    if (const int error = os_.list(quarantine_, names); error != 0) return error;
    if (!room_for(os_, quarantine_, names, size_of(os_, directory_, name), most_bytes)) return -ENOSPC;
    // Nobody else gives names of this slot, so what is free now stays free.
    const auto kept_as = new_name(slot_name(number_) + '-' + name + '.' + std::string(reason), names);
    return os_.rename(directory_, name, quarantine_, kept_as.c_str());
}

}  // namespace logferry::journal
