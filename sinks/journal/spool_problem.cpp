#include "spool_problem.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace logferry::journal {

namespace {

struct known_problem {
    int error;
    bool passing;
    const char* text;
};

constexpr known_problem known_problems[] = {
    {ENOSPC, true, "there is no room left; free some on its file system"},
    {EDQUOT, true, "this user's quota is used up; free some room or raise the quota"},
    {EROFS, true, "its file system is mounted read-only; mount it for writing"},
    {EIO, true, "its device reports an error; look into the system's log and check the disk"},
    {EMFILE, true, "this process may open no more files; raise its limit (ulimit -n)"},
    {ENFILE, true, "this machine may open no more files; raise its limit (fs.file-max)"},
    {ENOMEM, true, "the system has no memory left; free some"},
    {EAGAIN, true, "the system is short of something for the moment; wait"},
    {EINTR, true, "a signal came in between; wait"},
    {ENOLCK, true, "its file system gives no more locks; wait, or choose another one"},
    {EMLINK, true, "it holds too many directories; remove what does not belong there"},
    {EFBIG, true, "a file would be larger than this process may make one; raise its limit (ulimit -f)"},
    {ENOENT, false, "the directory that it should be made in does not exist; make that one first"},
    {ENOTDIR, false, "it, or something on the way to it, is not a directory; name a directory"},
    {ELOOP, false, "it is a symbolic link; name the directory that it leads to"},
    {EACCES, false, "permission is denied; name a directory of the program's own, whose parent it may enter"},
    {EPERM, false, "permission is denied; name a directory of the program's own"},
    {ENAMETOOLONG, false, "its path is too long; choose a shorter one"},
};

}  // namespace

spool_problem problem_of(int error) {
    error = std::abs(error);
    const auto* const known = std::find_if(std::begin(known_problems), std::end(known_problems),
                                           [error](const auto& candidate) { return candidate.error == error; });
    if (known != std::end(known_problems)) return {known->text, known->passing};
    return {std::generic_category().message(error) + "; choose another directory", false};
}

const char* distrust_of_directory(const file_status& is) noexcept {
    if (is.what != file_status::type::directory) return "it is not a directory; name a directory";
    if (!is.owned_by_us)
        return "it belongs to another user; name one of the program's own, which is made if its parent exists";
    if ((is.mode & 022) != 0) {
        return "other users may write to it; name one of the program's own (mode 0700), which is made if its parent "
               "exists";
    }
    return nullptr;
}

}  // namespace logferry::journal
