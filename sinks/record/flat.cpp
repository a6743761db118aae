#include <record/flat.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>

#include <failpoint/failpoint.hpp>

static_assert(std::endian::native == std::endian::little, "the flat record is defined as little-endian");

namespace logferry::record {

namespace {

struct header {
    std::int64_t time_ns;
    std::uint64_t thread_id;
    std::uint32_t message_size;
    std::uint32_t fields_size;
    std::uint32_t line;
    std::uint16_t logger_size;
    std::uint16_t file_size;
    std::uint16_t function_size;
    std::uint8_t lvl;
    std::uint8_t flags;
    std::uint32_t fields_dropped;
};
static_assert(sizeof(header) == 40);

constexpr std::uint8_t flag_message_clipped = 1;

struct field_header {
    std::uint8_t kind;
    std::uint8_t zero;
    std::uint16_t key_size;
    std::uint32_t value_size;
};
static_assert(sizeof(field_header) == 8);

// Names are not what a record is made of: a name longer than this is cut, so that min_record_size always leaves room
// for some of the message.
constexpr std::size_t max_name = 240;
static_assert(sizeof(header) + 3 * max_name + 64 <= min_record_size);

/// Cuts on a code point: steps back over the continuation bytes of a character that does not fit.
std::string_view cut(std::string_view text, std::size_t limit) noexcept {
    if (text.size() <= limit) return text;
    auto end = limit;
    for (int back = 0; back < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80; ++back) --end;
    return text.substr(0, end);
}

/// Names and keys are short, and a call of memcpy costs more than copying them: two loads that overlap do.
void copy(std::byte* out, const void* from, std::size_t size) noexcept {
    const auto* in = static_cast<const std::byte*>(from);
    const auto both_ends = [&](auto word) {
        auto last = word;
        std::memcpy(&word, in, sizeof word);
        std::memcpy(&last, in + size - sizeof last, sizeof last);
        std::memcpy(out, &word, sizeof word);
        std::memcpy(out + size - sizeof last, &last, sizeof last);
    };
    if (size > 16) {
        std::memcpy(out, in, size);
    } else if (size >= 8) {
        both_ends(std::uint64_t{});
    } else if (size >= 4) {
        both_ends(std::uint32_t{});
    } else {
        for (std::size_t i = 0; i < size; ++i) out[i] = in[i];
    }
}

std::byte* put(std::byte* out, std::string_view text) noexcept {
    copy(out, text.data(), text.size());
    return out + text.size();
}

std::byte* put(std::byte* out, bytes data) noexcept {
    copy(out, data.data(), data.size());
    return out + data.size();
}

std::string_view key_of(const field& f) noexcept { return cut(f.key, std::numeric_limits<std::uint16_t>::max()); }

std::string_view text_of(const value& v) noexcept {
    return v.text().substr(0, std::numeric_limits<std::uint32_t>::max() / 4);
}

std::size_t value_size(const value& v) noexcept {
    switch (v.type()) {
        case value::kind::boolean:
            return 1;
        case value::kind::string:
        case value::kind::json:
            return text_of(v).size();
        default:
            return 8;
    }
}

field_header read_field_header(const std::byte* at) noexcept {
    field_header h;
    std::memcpy(&h, at, sizeof h);
    return h;
}

std::size_t encoded_size(const field_header& h) noexcept { return sizeof h + h.key_size + h.value_size; }

/// How many bytes of whole encoded fields at the front of `fields` fit into `room`, counting those that do not.
std::size_t whole_fields(bytes fields, std::size_t room, std::uint32_t& dropped) noexcept {
    std::size_t kept = 0;
    for (std::size_t at = 0; at < fields.size();) {
        const auto size = encoded_size(read_field_header(fields.data() + at));
        at += size;
        if (dropped == 0 && at <= room) {
            kept = at;
        } else {
            ++dropped;
        }
    }
    return kept;
}

template <typename T>
T load(const std::byte* at) noexcept {
    T number;
    std::memcpy(&number, at, sizeof number);
    return number;
}

bool well_formed_field(const field_header& h, std::size_t room) noexcept {
    if (h.kind > static_cast<std::uint8_t>(value::kind::json) || h.zero != 0) return false;
    if (encoded_size(h) > room) return false;
    switch (static_cast<value::kind>(h.kind)) {
        case value::kind::boolean:
            return h.value_size == 1;
        case value::kind::string:
        case value::kind::json:
            return true;
        default:
            return h.value_size == 8;
    }
}

bool well_formed_fields(bytes fields) noexcept {
    while (!fields.empty()) {
        if (fields.size() < sizeof(field_header)) return false;
        const auto h = read_field_header(fields.data());
        if (!well_formed_field(h, fields.size())) return false;
        fields = fields.subspan(encoded_size(h));
    }
    return true;
}

}  // namespace

std::size_t field_size(const field& f) noexcept { return sizeof(field_header) + key_of(f).size() + value_size(f.val); }

std::byte* write_field(std::byte* out, const field& f) noexcept {
    const auto key = key_of(f);
    const field_header h{static_cast<std::uint8_t>(f.val.type()), 0, static_cast<std::uint16_t>(key.size()),
                         static_cast<std::uint32_t>(value_size(f.val))};
    std::memcpy(out, &h, sizeof h);
    out = put(out + sizeof h, key);
    const auto put_number = [out](auto number) {
        std::memcpy(out, &number, sizeof number);
        return out + sizeof number;
    };
    switch (f.val.type()) {
        case value::kind::boolean:
            return put_number(static_cast<std::uint8_t>(f.val.boolean()));
        case value::kind::int64:
            return put_number(f.val.int64());
        case value::kind::uint64:
            return put_number(f.val.uint64());
        case value::kind::float64:
            return put_number(f.val.float64());
        default:
            return put(out, text_of(f.val));
    }
}

plan::plan(const record_input& record, bytes scope, bytes call, std::size_t max_size) noexcept
    : record_(&record),
      scope_(scope),
      call_(call),
      logger_(cut(record.logger, max_name)),
      file_(cut(record.source.file, max_name)),
      function_(cut(record.source.function, max_name)),
      message_(record.message),
      own_count_(record.field_count) {
    for (std::size_t i = 0; i < own_count_; ++i) own_size_ += field_size(record.fields[i]);
    const auto names = sizeof(header) + logger_.size() + file_.size() + function_.size();
    size_ = names + own_size_ + scope_.size() + call_.size() + message_.size();
    if (size_ > max_size) fit(max_size);
}

void plan::fit(std::size_t max_size) noexcept {
    const auto names = sizeof(header) + logger_.size() + file_.size() + function_.size();
    const auto room = max_size - names;
    // Fields yield only as far as the message needs, and keep half of the room whatever the message's length.
    const auto for_fields = std::max(room / 2, room - std::min(room, message_.size()));
    std::size_t kept = 0;
    std::size_t count = 0;
    for (; count < own_count_; ++count) {
        const auto size = field_size(record_->fields[count]);
        if (kept + size > for_fields) break;
        kept += size;
    }
    dropped_ = static_cast<std::uint32_t>(own_count_ - count);
    own_count_ = count;
    own_size_ = kept;
    scope_ = scope_.first(whole_fields(scope_, for_fields - kept, dropped_));
    kept += scope_.size();
    call_ = call_.first(whole_fields(call_, for_fields - kept, dropped_));
    kept += call_.size();
    message_ = cut(message_, room - kept);
    size_ = names + kept + message_.size();
}

void plan::write(std::byte* out) const noexcept {
    // Field by field, straight to its place: a header put together first and copied as a whole makes the processor wait
    // for its own small stores before it can load them as large words, which costs as much as all the rest of the
    // record.
    const auto store = [out](std::size_t offset, auto number) { std::memcpy(out + offset, &number, sizeof number); };
    const auto fields_size = own_size_ + scope_.size() + call_.size();
    const bool cut = message_.size() < record_->message.size();
    store(offsetof(header, time_ns), record_->time_ns);
    store(offsetof(header, thread_id), record_->thread_id);
    store(offsetof(header, message_size), static_cast<std::uint32_t>(message_.size()));
    store(offsetof(header, fields_size), static_cast<std::uint32_t>(fields_size));
    store(offsetof(header, line), record_->source.line);
    store(offsetof(header, logger_size), static_cast<std::uint16_t>(logger_.size()));
    store(offsetof(header, file_size), static_cast<std::uint16_t>(file_.size()));
    store(offsetof(header, function_size), static_cast<std::uint16_t>(function_.size()));
    store(offsetof(header, lvl), static_cast<std::uint8_t>(record_->lvl));
    store(offsetof(header, flags), cut ? flag_message_clipped : std::uint8_t{0});
    store(offsetof(header, fields_dropped), dropped_);
    out = put(out + sizeof(header), logger_);
    out = put(out, file_);
    out = put(out, function_);
    out = put(out, message_);
    LOGFERRY_FAILPOINT("half_copied");
    // The last one of a key counts: a record's own field before a scope's, a call's before both.
    out = put(out, scope_);
    for (std::size_t i = 0; i < own_count_; ++i) out = write_field(out, record_->fields[i]);
    put(out, call_);
}

std::optional<record_view> parse(bytes flat, record_id id) noexcept {
    if (flat.size() < sizeof(header)) return std::nullopt;
    header h;
    std::memcpy(&h, flat.data(), sizeof h);
    const std::uint64_t whole =
        sizeof h + std::uint64_t{h.logger_size} + h.file_size + h.function_size + h.message_size + h.fields_size;
    if (whole != flat.size() || h.lvl > static_cast<std::uint8_t>(level::critical)) return std::nullopt;

    const char* at = reinterpret_cast<const char*>(flat.data()) + sizeof h;
    const auto take = [&at](std::size_t size) {
        const std::string_view part(at, size);
        at += size;
        return part;
    };
    record_view view;
    view.lvl = static_cast<level>(h.lvl);
    view.time_ns = h.time_ns;
    view.thread_id = h.thread_id;
    view.logger = take(h.logger_size);
    view.source.file = take(h.file_size);
    view.source.function = take(h.function_size);
    view.source.line = h.line;
    view.message = take(h.message_size);
    const auto fields = flat.last(h.fields_size);
    if (!well_formed_fields(fields)) return std::nullopt;
    view.fields = field_range(fields.data(), fields.size());
    view.id = id;
    view.message_clipped = (h.flags & flag_message_clipped) != 0;
    view.fields_dropped = h.fields_dropped;
    return view;
}

}  // namespace logferry::record

namespace logferry {

field field_range::iterator::operator*() const noexcept {
    using namespace record;
    const auto h = read_field_header(at_);
    const auto* key = at_ + sizeof h;
    const auto* data = key + h.key_size;
    const std::string_view text(reinterpret_cast<const char*>(data), h.value_size);
    const std::string_view name(reinterpret_cast<const char*>(key), h.key_size);
    switch (static_cast<value::kind>(h.kind)) {
        case value::kind::boolean:
            return {name, value(*data != std::byte{0})};
        case value::kind::int64:
            return {name, value(load<std::int64_t>(data))};
        case value::kind::uint64:
            return {name, value(load<std::uint64_t>(data))};
        case value::kind::float64:
            return {name, value(load<double>(data))};
        case value::kind::json:
            return {name, value::json(text)};
        case value::kind::string:
            break;
    }
    return {name, value(text)};
}

field_range::iterator& field_range::iterator::operator++() noexcept {
    at_ += record::encoded_size(record::read_field_header(at_));
    return *this;
}

}  // namespace logferry
