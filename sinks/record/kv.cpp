// Fields given as formatting arguments. spdlog hands a sink the finished text only, so the fields take a side road: the
// formatter leaves them with the thread, and the sink, called on the same thread before the arguments die, picks them
// up. A pack that is alive but belongs to another call is told apart by its text, which the message must contain.
#include <algorithm>
#include <charconv>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <logferry/fields.hpp>
#include <record/thread_fields.hpp>

namespace logferry {

namespace {

struct remembered {
    std::uint64_t ticket;
    std::size_t text_begin, text_end;
    std::size_t fields_begin, fields_end;
};

struct thread_kv {
    std::uint64_t last_ticket = 0;
    std::vector<remembered> packs;
    std::string text;
    std::vector<std::byte> fields;
    // Used when only some of the packs belong to a message.
    std::vector<std::byte> gathered;
};

// A plain pointer, because records are also logged while the thread's other objects are destroyed. Null means that
// there is nothing to look for, which is all that a record without `kv` has to load.
constinit thread_local thread_kv* state = nullptr;
constinit thread_local bool state_gone = false;

struct state_owner {
    ~state_owner() {
        delete state;
        state = nullptr;
        state_gone = true;
    }
};

thread_kv& own_state() {
    if (state == nullptr) {
        state = new thread_kv;
        // After the owner is gone, the last pack that is forgotten takes the state with it.
        if (!state_gone) {
            static thread_local state_owner owner;
            (void)owner;
        }
    }
    return *state;
}

bool needs_quotes(std::string_view text) noexcept {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || c == '"' || c == '=' || c == '\\' || byte == 0x7F) return true;
    }
    return text.empty();
}

void append_escaped(std::string& out, char c) {
    constexpr char digits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (c == '\n') {
        out += "\\n";
    } else if (byte < ' ' || byte == 0x7F) {
        out += "\\x";
        out += digits[byte >> 4];
        out += digits[byte & 15];
    } else {
        out += c;
    }
}

void append_text(std::string& out, std::string_view text) {
    if (!needs_quotes(text)) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) append_escaped(out, c);
    out += '"';
}

// JSON reads better bare than with all its quotes escaped; but nothing may break the line of another sink.
void append_json(std::string& out, std::string_view text) {
    const auto breaks_line = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; };
    if (std::any_of(text.begin(), text.end(), breaks_line)) {
        append_text(out, text);
    } else {
        out += text;
    }
}

template <typename Number>
void append_number(std::string& out, Number number) {
    char digits[40];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_value(std::string& out, const value& v) {
    switch (v.type()) {
        case value::kind::string:
            append_text(out, v.text());
            break;
        case value::kind::json:
            append_json(out, v.text());
            break;
        case value::kind::boolean:
            out += v.boolean() ? "true" : "false";
            break;
        case value::kind::int64:
            append_number(out, v.int64());
            break;
        case value::kind::uint64:
            append_number(out, v.uint64());
            break;
        case value::kind::float64:
            append_number(out, v.float64());
            break;
    }
}

void append_readable(std::string& out, const field* fields, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out += ' ';
        append_text(out, fields[i].key);
        out += '=';
        append_value(out, fields[i].val);
    }
}

void append_encoded(std::vector<std::byte>& out, const field* fields, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = out.size();
        out.resize(at + record::field_size(fields[i]));
        record::write_field(out.data() + at, fields[i]);
    }
}

detail::rendered remember(thread_kv& mine, const field* fields, std::size_t count) {
    remembered pack{mine.last_ticket + 1, mine.text.size(), 0, mine.fields.size(), 0};
    append_readable(mine.text, fields, count);
    append_encoded(mine.fields, fields, count);
    pack.text_end = mine.text.size();
    pack.fields_end = mine.fields.size();
    mine.packs.push_back(pack);
    mine.last_ticket = pack.ticket;
    return {std::string_view(mine.text).substr(pack.text_begin), pack.ticket};
}

}  // namespace

detail::rendered detail::render_and_remember(const field* fields, std::size_t count) noexcept {
    try {
        return remember(own_state(), fields, count);
    } catch (const std::bad_alloc&) {
        return {};
    }
}

void detail::forget_rendered(std::uint64_t ticket) noexcept {
    if (state == nullptr) return;
    auto& packs = state->packs;
    for (auto it = packs.rbegin(); it != packs.rend(); ++it) {
        if (it->ticket != ticket) continue;
        packs.erase(std::next(it).base());
        break;
    }
    if (packs.empty() && state_gone) {
        delete std::exchange(state, nullptr);
        return;
    }
    // What lies behind the last pack alive is nobody's any more; the capacity stays.
    state->text.resize(packs.empty() ? 0 : packs.back().text_end);
    state->fields.resize(packs.empty() ? 0 : packs.back().fields_end);
}

record::bytes record::call_fields(std::string_view message) noexcept {
    if (state == nullptr || state->packs.empty()) return {};
    auto& mine = *state;
    try {
        mine.gathered.clear();
        std::size_t from = 0;
        for (const auto& pack : mine.packs) {
            const auto text = std::string_view(mine.text).substr(pack.text_begin, pack.text_end - pack.text_begin);
            const auto found = message.find(text, from);
            if (text.empty() || found == std::string_view::npos) continue;
            from = found + text.size();
            const auto* fields = mine.fields.data();
            mine.gathered.insert(mine.gathered.end(), fields + pack.fields_begin, fields + pack.fields_end);
        }
        return mine.gathered;
    } catch (const std::bad_alloc&) {
        return {};
    }
}

}  // namespace logferry
