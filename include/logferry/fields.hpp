// Fields from the caller: `kv` for one log call, `scope` for everything a thread logs meanwhile.
//
//     logger->error("payment failed {}", logferry::kv("order_id", 42, "amount", 9.99));
//     logferry::scope request{{"request_id", id}, {"user_id", user}};
//
// Every other sink shows `order_id=42 amount=9.99`; logferry's sinks see typed fields. They come from the arguments and
// never from the message text, so text that merely looks like `order_id=42` adds no field.
// The formatter that makes `kv` a formatting argument is in the adapter's header (`spdlog_sink.hpp`).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <tuple>
#include <utility>

#include <logferry/record.hpp>

namespace logferry {

namespace detail {

/// Renders the fields as `key=value key=value` in the usual log form (a value with a blank, a quote, an equals sign or
/// a control byte is quoted and escaped, as is an empty one) and remembers them for the running thread: the next
/// records of this thread whose message contains the rendered text carry the fields, until the ticket is forgotten. The
/// text stays valid until the thread's next call of this function. When memory is short it returns an empty text.
struct rendered {
    std::string_view text;
    std::uint64_t ticket = 0;
};
[[nodiscard]] rendered render_and_remember(const field* fields, std::size_t count) noexcept;
void forget_rendered(std::uint64_t ticket) noexcept;

}  // namespace detail

/// Fields given to one log call as a formatting argument. Made by `kv`.
///
/// Lifetime: holds views of what `kv` was given, so use it as a temporary inside the log call, not as a named variable.
/// Neither copies nor moves. Thread rule: the thread that makes it, formats it and logs.
template <std::size_t N>
class kv_pack {
public:
    template <typename... Fields>
    explicit constexpr kv_pack(Fields... fields) noexcept : fields_{{fields...}} {}
    kv_pack(const kv_pack&) = delete;
    kv_pack& operator=(const kv_pack&) = delete;
    ~kv_pack() { forget(); }

    [[nodiscard]] const field* data() const noexcept { return fields_.data(); }
    [[nodiscard]] static constexpr std::size_t size() noexcept { return N; }

    /// For formatters: the readable text, whose fields this thread's next record then carries.
    /// The text stays valid until the thread renders the next pack.
    [[nodiscard]] std::string_view render() const noexcept {
        forget();
        const auto rendered = detail::render_and_remember(fields_.data(), N);
        ticket_ = rendered.ticket;
        return rendered.text;
    }

private:
    void forget() const noexcept {
        if (ticket_ != 0) detail::forget_rendered(ticket_);
        ticket_ = 0;
    }

    std::array<field, N> fields_;
    mutable std::uint64_t ticket_ = 0;
};

namespace detail {

template <typename Tuple, std::size_t... I>
[[nodiscard]] auto make_kv(const Tuple& args, std::index_sequence<I...>) noexcept {
    return kv_pack<sizeof...(I)>(field{std::string_view(std::get<2 * I>(args)), value(std::get<2 * I + 1>(args))}...);
}

}  // namespace detail

/// Typed fields for one log call: `kv("order_id", 42, "amount", 9.99)`, any number of key and value pairs.
/// A value is anything that `logferry::value` takes. See the top of this file.
template <typename... Args>
[[nodiscard]] auto kv(const Args&... args) noexcept {
    static_assert(sizeof...(Args) > 0 && sizeof...(Args) % 2 == 0,
                  "kv takes pairs: kv(\"key\", value, \"key\", value)");
    return detail::make_kv(std::forward_as_tuple(args...), std::make_index_sequence<sizeof...(Args) / 2>());
}

namespace detail {
struct scope_frame;
}

/// Adds fields to every record that this thread logs while the object lives. Scopes nest; where two give the same key,
/// the inner one counts, and a `kv` of the call itself counts before both.
///
/// The fields are copied and encoded once, here; a record then costs one copy of the encoded bytes, and one load when
/// no scope is open. Records that cross an asynchronous spdlog logger get no scope fields (see `spdlog_sink.hpp`).
///
/// Thread rule: leave it on the thread, and in the reverse order, in which it was made, as a local variable does.
/// Where a scope ends on another thread (a coroutine that moved), its fields stop with its own thread's next record;
/// one that ends before an inner one lasts as long as the inner one. Throws `std::bad_alloc` only.
class scope {
public:
    scope(std::initializer_list<field> fields) : scope(fields.begin(), fields.size()) {}
    scope(const field* fields, std::size_t count);
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope();

private:
    detail::scope_frame* frame_;
};

}  // namespace logferry
