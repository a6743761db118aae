// The words in which tests of what earlier processes left are told: files in a slot of a spool in memory, and the lives
// of processes that read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <journal/backlog.hpp>
#include <support/memory_system.hpp>

#include "spool_writer.hpp"

namespace logferry::journal {

class recovery_test : public ::testing::Test {
protected:
    static constexpr std::uint64_t now = 0x7000'0000'0000'0000;

    recovery_test() {
        os.put_directory("/spool");
        os.put_directory("/spool/slot-0000");
    }

    [[nodiscard]] static std::string path(std::string_view name, std::string_view slot = "slot-0000") {
        return "/spool/" + std::string(slot) + "/" + std::string(name);
    }
    template <typename File>
    void put(const File& file, std::string_view slot = "slot-0000") {
        os.put_file(path(file.name(), slot), file.file());
    }
    /// Names in the slot, without the lock.
    [[nodiscard]] std::vector<std::string> left(std::string_view slot = "slot-0000") const {
        auto names = os.names("/spool/" + std::string(slot));
        std::erase(names, "lock");
        return names;
    }
    [[nodiscard]] std::vector<std::string> quarantined() const {
        return os.exists("/spool/quarantine") ? os.names("/spool/quarantine") : std::vector<std::string>{};
    }

    /// A process that uses the spool.
    struct life {
        std::unique_ptr<spool_directory> spool;
        std::unique_ptr<spool_slot> slot;
        std::unique_ptr<backlog> old;

        ~life() { end(); }
        void end() {
            old.reset();
            slot.reset();
            spool.reset();
        }
    };
    [[nodiscard]] std::unique_ptr<life> live(std::vector<std::string> destinations = {"a"}) {
        auto made = std::make_unique<life>();
        spool_problem problem;
        made->spool = spool_directory::open(os, {"/spool", false}, problem);
        if (made->spool) made->slot = made->spool->take_slot(problem);
        if (!made->slot) return nullptr;
        backlog_settings chosen;
        chosen.destinations = std::move(destinations);
        chosen.quarantine_bytes = quarantine_bytes;
        chosen.segment_size = 64 * 1024;
        made->old = std::make_unique<backlog>(*made->spool, *made->slot, now, chosen);
        return made;
    }

    [[nodiscard]] static std::string text_of(const entry& e) {
        return {reinterpret_cast<const char*>(e.data.data()), e.data.size()};
    }
    /// Everything that comes, settled at once.
    static std::vector<std::string> read_all(backlog& from, std::size_t destination = 0) {
        std::vector<std::string> texts;
        auto& reader = from.cursor(destination);
        for (int round = 0; !reader.finished(); ++round) {
            if (round == 10'000) {
                ADD_FAILURE() << "there is no end to it";
                break;
            }
            std::uint64_t journal_id = 0;
            for (entry e; reader.next(e, journal_id);) {
                texts.push_back(text_of(e));
                reader.settle(e.token);
            }
            from.maintain();
        }
        for (int round = 0; round < 100; ++round) from.maintain();
        return texts;
    }

    memory_system os;
    std::uint64_t quarantine_bytes = 1024 * 1024;
};

using texts = std::vector<std::string>;

}  // namespace logferry::journal
