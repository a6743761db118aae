// How fast a spool is read after a crash: records of 200 bytes, all checked, through one cursor that settles each;
// beside reading the same files with plain reads. And what a spool that is always delivered writes to the device.
//
//     bench_recover DIRECTORY MIB
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <journal/backlog.hpp>
#include <journal/journal.hpp>
#include <journal/spool.hpp>
#include <logferry/shipper.hpp>

#include "filtering_vendor.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using namespace logferry::journal;

double seconds_since(clock_type::time_point start) {
    return std::chrono::duration<double>(clock_type::now() - start).count();
}

spool_settings in(const std::string& directory) {
    spool_settings chosen;
    chosen.place.path = directory;
    return chosen;
}

void open_or_end(spool& disk) {
    if (const auto problem = disk.open(); !problem.text.empty()) {
        std::printf("%s\n", problem.text.c_str());
        std::exit(2);
    }
}

/// As a process that was killed leaves it.
std::uint64_t fill(const std::string& directory, std::size_t bytes) {
    spool disk(this_system(), in(directory));
    open_or_end(disk);
    settings chosen;
    chosen.size = bytes + (16 << 20);
    chosen.segment_size = 4 << 20;
    chosen.disk = &disk;
    chosen.policy = when_full::block;  // nothing goes into memory
    logferry::journal::journal log(chosen);
    log.add_cursor("bench");
    const std::string text(200, 'x');
    std::uint64_t records = 0;
    for (std::size_t done = 0; done < bytes; done += stride(text.size()), ++records) {
        auto room = log.reserve(text.size(), importance::high, patience::none);
        while (room.data == nullptr) {
            log.maintain();
            room = log.reserve(text.size(), importance::high, patience::none);
        }
        std::memcpy(room.data, text.data(), text.size());
        log.commit(room);
    }
    return records;
}

double read_plainly(const std::string& directory) {
    std::vector<char> buffer(256 * 1024);
    const auto start = clock_type::now();
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
        if (!file.is_regular_file()) continue;
        const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
        while (::read(fd, buffer.data(), buffer.size()) > 0) {
        }
        ::close(fd);
    }
    return seconds_since(start);
}

double recover(const std::string& directory, std::uint64_t expected) {
    spool disk(this_system(), in(directory));
    open_or_end(disk);
    backlog_settings chosen;
    chosen.destinations = {"bench"};
    const auto start = clock_type::now();
    backlog left(*disk.directory(), *disk.slot(), disk.created(), chosen);
    auto& reader = left.cursor(0);
    std::uint64_t records = 0;
    entry e;
    std::uint64_t journal_id = 0;
    while (!reader.finished()) {
        while (reader.next(e, journal_id)) {
            ++records;
            reader.settle(e.token);
        }
        left.maintain();
    }
    const auto took = seconds_since(start);
    if (records != expected) {
        std::printf("%lu records of %lu: the figure counts for nothing\n", static_cast<unsigned long>(records),
                    static_cast<unsigned long>(expected));
        std::exit(1);
    }
    // Removal is not what is measured.
    while (left.counts().journals > 0) left.maintain();
    disk.remove_cursors();
    return took;
}

/// Bytes written so far to the device that the directory lies on, by anybody; 0 where it lies on none.
std::uint64_t written_to_device(const std::string& directory) {
    const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat about {};
    if (fd < 0 || ::fstat(fd, &about) != 0 || ::syncfs(fd) != 0) std::exit(2);
    ::close(fd);
    const auto device = std::to_string(major(about.st_dev)) + ":" + std::to_string(minor(about.st_dev));
    std::ifstream stat("/sys/dev/block/" + device + "/stat");
    constexpr int sectors_written = 7;
    std::uint64_t figure = 0;
    for (int i = 0; i < sectors_written; ++i) stat >> figure;
    return figure * 512;
}

/// A healthy program: what it logs is gone a moment later.
void deliver(const std::string& directory, int seconds) {
    const auto before = written_to_device(directory);
    auto shipper = logferry::shipper::open(bench::filtering(directory));
    const std::string text(200, 'x');
    const auto start = clock_type::now();
    std::uint64_t records = 0;
    for (int ms = 0; ms < seconds * 1000; ++ms) {
        for (int i = 0; i < 100; ++i, ++records) {
            logferry::record_input record;
            record.message = text;
            shipper->submit(record);
        }
        while (clock_type::now() < start + std::chrono::milliseconds(ms)) usleep(200);
    }
    shipper->close();
    shipper.reset();
    const auto written = static_cast<double>(written_to_device(directory) - before);
    std::printf("healthy: %lu records of %zu bytes in %d s, %.1f bytes written to the device for each\n",
                static_cast<unsigned long>(records), text.size(), seconds, written / static_cast<double>(records));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const std::string directory = argv[1];
    const auto bytes = static_cast<std::size_t>(std::strtoul(argv[2], nullptr, 10)) << 20;
    const auto records = fill(directory, bytes);
    const auto plain = read_plainly(directory);
    const auto took = recover(directory, records);
    const auto gb = static_cast<double>(bytes) / 1e9;
    std::printf("recovery: %.2f GB/s, %.1f M records/s; plain reads %.2f GB/s; ratio %.2f\n", gb / took,
                static_cast<double>(records) / took / 1e6, gb / plain, plain / took);
    deliver(directory, 5);
}
