// The records of one request: their encoded bytes in one body, and where each of them is, so that a batch can be taken
// apart without encoding anything again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <delivery/moment.hpp>
#include <logferry/level.hpp>
#include <logferry/vendor.hpp>

namespace logferry::delivery {

/// What stands around and between the records of a body. The views are the vendor's and live as long as it does.
struct framing {
    std::string_view open;
    std::string_view separator;
    std::string_view close;
};

/// One record in a batch.
struct batch_entry {
    /// Its name at the record source.
    std::uint64_t token = 0;
    /// Its own time, nanoseconds since the Unix epoch.
    std::int64_t time_ns = 0;
    /// Its bytes in the body, without separators.
    std::size_t begin = 0;
    std::size_t end = 0;
    level lvl = level::info;
    /// Sending it twice would page a person twice.
    bool pages = false;
};

/// Open while records are added, then sealed; only a sealed body is sent, and only a sealed batch is taken apart.
struct batch {
    std::string body;
    std::vector<batch_entry> entries;

    /// The place of its first record among all records taken; a batch with a smaller one is older.
    std::uint64_t order = 0;
    /// The request that carries it now.
    std::uint64_t tag = 0;
    /// When its first record came.
    steady_time opened;
    /// Waits for no company: it was the first after a pause.
    bool eager = false;
    /// It has been given out before.
    bool sent = false;
    /// It was given out while closing: if it fails there is no further try.
    bool last_try = false;
    /// It failed while closing, but there is hope: it is tried again when the gate lets it.
    bool patient = false;
    /// It went out compressed.
    bool gzip = false;
    /// When it left.
    steady_time left_at;
    /// Failed tries of these very bytes that may be their own fault, how many of them came although the vendor had
    /// meanwhile taken what left later, and the last request that had left when the last of them was known.
    std::uint32_t tries = 0;
    std::uint32_t proofs = 0;
    std::uint64_t mark = 0;
    /// A part of what was proven to hold poison: it is halved as soon as it fails.
    bool guilty = false;
    /// It failed as often as its vendor's rules allow, and nobody knows yet whether the vendor fails on everything.
    bool suspect = false;
    /// A single record that was refused in a run of refusals: the next refusal is taken for its own fault.
    bool doubted = false;
    /// A single record that was too large, and now is encoded without what can be left out.
    bool shrunk = false;
    /// Which of the destination's vendors encoded it.
    std::uint32_t edition = 0;
    /// How often in a row the connection turned out to be closed before anything was sent.
    std::uint32_t lost_connections = 0;

    [[nodiscard]] bool empty() const noexcept { return entries.empty(); }

    /// Forgets everything but the memory.
    void clear() noexcept;
    /// Its bytes are others now.
    void forget_failures() noexcept {
        tries = proofs = lost_connections = 0;
        mark = 0;
        guilty = suspect = doubted = false;
    }
    [[nodiscard]] bool pages() const noexcept;
    /// Appends the close; from now on the body is complete.
    void seal(const framing& frame) { body.append(frame.close); }
};

/// Opens a record at the end of the batch; its bytes are appended to the body, then `end_entry` closes it. Until then
/// `undo_entry` takes it back. An empty batch gets its open first.
batch_entry& begin_entry(batch& into, const framing& frame, std::uint64_t token, std::int64_t time_ns, level lvl);
void end_entry(batch& into) noexcept;
void undo_entry(batch& into) noexcept;

/// Appends a record of another batch.
void append_copy(batch& to, const batch& from, const batch_entry& entry, const framing& frame);

/// Moves the later half of the sealed `whole` to the empty `rest` and seals both. They are new bytes: none has failed
/// yet. If memory runs out `whole` is as it was.
void halve(batch& whole, batch& rest, const framing& frame);

/// Moves the entries that `unwanted` names out of the sealed batch and appends them to `out` (their bytes are gone). A
/// changed batch is sealed again, and has not failed yet.
template <typename Predicate>
void extract_if(batch& from, const framing& frame, batch& scratch, std::vector<batch_entry>& out, Predicate unwanted) {
    const auto before = out.size();
    scratch.clear();
    for (const auto& entry : from.entries) {
        if (unwanted(entry)) {
            out.push_back(entry);
        } else {
            append_copy(scratch, from, entry, frame);
        }
    }
    if (out.size() == before) return;
    scratch.seal(frame);
    from.body.swap(scratch.body);
    from.entries.swap(scratch.entries);
    from.forget_failures();
}

/// Batches that are done with, kept for their memory: in steady state nothing is allocated.
class batch_pool {
public:
    [[nodiscard]] std::unique_ptr<batch> take();
    void give_back(std::unique_ptr<batch> done);
    /// Frees what is kept if it is much; for when there is nothing to do.
    void trim() noexcept;

private:
    std::vector<std::unique_ptr<batch>> spare_;
    std::size_t bytes_ = 0;
};

}  // namespace logferry::delivery
