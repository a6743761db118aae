// The program's own disk: it refuses what the page says, and all else is the system's.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "inherited_page.hpp"

using logferry::fault::disk_faults;
using logferry::fault::inherited_page;

namespace {

/// How much of the read comes before the bad sector.
std::size_t readable(int file, std::size_t count, std::uint64_t at) {
    const auto& disk = inherited_page().disk;
    struct stat is {};
    if (disk.reading == 0 || ::fstat(file, &is) != 0 || is.st_ino != disk.inode) return count;
    const std::uint64_t begin = disk.sector_begins;
    if (at + count <= begin || at >= begin + disk_faults::sector_size) return count;
    return at < begin ? begin - at : 0;
}

}  // namespace

extern "C" int posix_fallocate(int file, off_t offset, off_t length) {
    static const auto real = reinterpret_cast<decltype(&::posix_fallocate)>(::dlsym(RTLD_NEXT, "posix_fallocate"));
    const int error = inherited_page().disk.allocating;
    return error != 0 ? error : real(file, offset, length);
}

extern "C" ssize_t pread(int file, void* to, std::size_t count, off_t at) {
    static const auto real = reinterpret_cast<decltype(&::pread)>(::dlsym(RTLD_NEXT, "pread"));
    const auto good = readable(file, count, static_cast<std::uint64_t>(at));
    if (good > 0 || count == 0) return real(file, to, good, at);
    errno = inherited_page().disk.reading;
    return -1;
}
