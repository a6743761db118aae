#include "small_disk.hpp"

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <system_error>

namespace logferry::fault {

limit::limit(const program& of, int what, rlim_t most) : pid_(of.pid()), what_(static_cast<__rlimit_resource>(what)) {
    if (::prlimit(pid_, what_, nullptr, &before_) != 0)
        throw std::system_error(errno, std::generic_category(), "prlimit");
    const rlimit now{most, before_.rlim_max};
    if (::prlimit(pid_, what_, &now, nullptr) != 0) throw std::system_error(errno, std::generic_category(), "prlimit");
}

void limit::lift() {
    // A program that has ended has no limits any more.
    if (!lifted_) ::prlimit(pid_, what_, &before_, nullptr);
    lifted_ = true;
}

small_disk::small_disk() {
    mounted_ = ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=2m,nr_inodes=64") == 0;
    if (!mounted_) std::cout << "mounting is not permitted: a limit for files stands in for a full disk\n";
}

small_disk::~small_disk() {
    if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
}

void small_disk::fill(const program& seen_by) {
    if (!mounted_) {
        instead_ = std::make_unique<limit>(seen_by, RLIMIT_FSIZE, 0);
        return;
    }
    std::ofstream filler(path() / "filler", std::ios::binary);
    const std::string page(4096, 'x');
    while (filler.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
}

void small_disk::use_up_names() {
    const auto fillers = path() / "fillers";
    std::filesystem::create_directory(fillers);
    for (int number = 0; std::ofstream(fillers / std::to_string(number)); ++number) {
    }
}

void small_disk::make_read_only(bool now) {
    const auto how = MS_REMOUNT | (now ? MS_RDONLY : 0);
    if (::mount(nullptr, path().c_str(), nullptr, how, nullptr) != 0)
        throw std::system_error(errno, std::generic_category(), "remount");
}

void small_disk::make_room() {
    instead_.reset();
    std::error_code ignored;
    std::filesystem::remove(path() / "filler", ignored);
    std::filesystem::remove_all(path() / "fillers", ignored);
}

}  // namespace logferry::fault
