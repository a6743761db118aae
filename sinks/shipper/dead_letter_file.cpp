#include <shipper/dead_letter_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include <text/json_writer.hpp>
#include <text/time.hpp>
#include <vendors/body.hpp>

namespace logferry::shipping {

namespace {

class descriptor {
public:
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

std::string now_text() {
    std::string out;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    text::append_rfc3339(out, std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
    return out;
}

void write_source(text::json_writer& w, const source_location& at) {
    if (at.file.empty() && at.function.empty()) return;
    w.key("source").open_object();
    w.key("file").string(at.file);
    w.key("line").number(at.line);
    w.key("function").string(at.function);
    w.close_object();
}

void write_record(text::json_writer& w, const record_view& r) {
    std::string time;
    std::string scratch;
    text::append_rfc3339(time, r.time_ns, 9);
    w.open_object();
    w.key("record_id").string(r.id.to_string());
    w.key("time").string(time);
    w.key("level").string(to_string(r.lvl));
    w.key("logger").string(r.logger);
    w.key("message").string(r.message);
    if (r.thread_id != 0) w.key("thread_id").number(r.thread_id);
    write_source(w, r.source);
    // As an array, for a key may occur more than once.
    w.key("fields").open_array();
    for (const auto& f : r.fields) {
        w.open_object().key("key").string(f.key).key("value");
        (void)vendors::append_value(w.value(), f.val, std::string_view::npos, scratch);
        w.close_object();
    }
    w.close_array().close_object();
}

std::string line_of(std::string_view destination, std::string_view vendor, const delivery::dead_letter& letter) {
    std::string line;
    text::json_writer w(line);
    w.open_object();
    w.key("at").string(now_text());
    w.key("destination").string(destination);
    w.key("vendor").string(vendor);
    w.key("status").number(letter.status);
    w.key("reason").string(letter.reason);
    w.key("record");
    if (letter.record != nullptr) {
        write_record(w, *letter.record);
    } else {
        w.null();
    }
    w.close_object();
    return line += '\n';
}

std::string reason_of(int error) { return std::generic_category().message(error); }

/// Why the open file is none to write records to; empty when it is one.
std::string distrust(const struct stat& is) {
    if (!S_ISREG(is.st_mode)) return "it is not a regular file";
    if (is.st_uid != ::geteuid()) return "it belongs to another user";
    if (is.st_nlink != 1) return "it has more than one name";
    if ((is.st_mode & 077) != 0) return "others may read or write it; its mode must be 0600";
    return {};
}

/// Half a line would spoil the next one. If somebody else has appended meanwhile, a reader finds one broken line.
void take_back(int file, off_t before, ssize_t written) {
    struct stat now {};
    if (::fstat(file, &now) != 0 || now.st_size != before + written) return;
    [[maybe_unused]] const auto cut = ::ftruncate(file, before);
}

}  // namespace

dead_letter_file::dead_letter_file(const dead_letter_options& chosen) : chosen_(chosen) {}

dead_letter_file::answer dead_letter_file::append(std::string_view destination, std::string_view vendor,
                                                  const delivery::dead_letter& letter) const {
    if (chosen_.file.empty()) return {};
    const auto line = line_of(destination, vendor, letter);
    // Non-blocking, so that a FIFO put there instead does not hold up the worker.
    const descriptor file(
        ::open(chosen_.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
    if (file.get() < 0) return {result::failed, reason_of(errno)};
    struct stat is {};
    if (::fstat(file.get(), &is) != 0) return {result::failed, reason_of(errno)};
    if (auto problem = distrust(is); !problem.empty()) return {result::failed, std::move(problem)};
    if (static_cast<std::uint64_t>(is.st_size) + line.size() > chosen_.max_bytes) return {result::full, {}};
    // One write, so that lines of other processes do not come in between.
    const auto written = ::write(file.get(), line.data(), line.size());
    if (written == static_cast<ssize_t>(line.size())) return {result::kept, {}};
    const auto problem = written < 0 ? reason_of(errno) : std::string("there was no room for the whole line");
    if (written > 0) take_back(file.get(), is.st_size, written);
    return {result::failed, problem};
}

}  // namespace logferry::shipping
