// The parameters of a query string, decoded, and those hidden whose values are nobody's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace logferry::vendors {

/// Names whose values are hidden.
class redaction {
public:
    /// Names count without case; empty ones never match.
    explicit redaction(const std::vector<std::string>& names);

    /// True when the parameter's name, or a word of it (`access_token`, `authToken`, `token2`), is one of the names.
    [[nodiscard]] bool hides(std::string_view parameter) const noexcept;

    static constexpr std::string_view substitute = "REDACTED";

private:
    std::vector<std::string> names_;
};

/// Collects parameters. Reused from record to record.
class query_pairs {
public:
    static constexpr std::size_t max_pairs = 50;          ///< our bound
    static constexpr std::size_t max_key_units = 100;     ///< Profound's limit
    static constexpr std::size_t max_value_units = 1000;  ///< Profound's limit
    static constexpr std::size_t max_query_bytes =
        std::size_t{16} * 1024;  ///< what follows is not looked at (our bound)

    explicit query_pairs(const redaction& hidden) noexcept : hidden_(hidden) {}

    /// Forgets everything and reads a query string without `?`: percent-escapes and `+` decoded, a parameter without
    /// value empty, of equal names the last value in the first one's place.
    void parse(std::string_view query);
    /// The same from a JSON object. False, with nothing read, when `json` is not one.
    bool parse_json(std::string_view json);

    [[nodiscard]] bool empty() const noexcept { return pairs_.empty(); }
    /// Appends `{"name":"value"}` within Profound's limits; names that become equal when cut get `~2`, `~3`.
    void append_json(std::string& out);
    /// Parameters cut or left out since `parse`, up to and with `append_json`.
    [[nodiscard]] std::uint32_t clipped() const noexcept { return clipped_; }

private:
    /// A pair in `decoded_`: the value follows the key.
    struct pair {
        std::size_t begin = 0;
        std::size_t key_size = 0;
        std::size_t value_size = 0;
    };

    void clear() noexcept;
    /// The pair that was decoded last, from `begin` on with a key of `key_size` bytes, joins the others.
    void keep(std::size_t begin, std::size_t key_size);
    [[nodiscard]] std::string_view key(const pair& p) const noexcept;
    [[nodiscard]] std::string_view val(const pair& p) const noexcept;
    /// The pair's value without what is nobody's business.
    std::string_view shown(const pair& p);
    std::string_view sendable_key(std::string_view key);
    [[nodiscard]] bool sent(std::string_view key) const noexcept;

    const redaction& hidden_;
    std::string decoded_;
    std::vector<pair> pairs_;
    /// The keys of `append_json` when one had to be changed, each ended by a NUL, which no sent key holds.
    std::string sent_;
    std::string numbered_;
    std::string masked_;
    std::string name_;
    std::string scratch_;
    std::uint32_t clipped_ = 0;
};

/// `referer` without user, password and fragment, and with hidden parameters redacted. Without a scheme too, what
/// stands before an `@` in front of the first slash is a user. The result is a part of `referer` or of `scratch`.
[[nodiscard]] std::string_view clean_referer(std::string_view referer, const redaction& hidden, std::string& scratch);

}  // namespace logferry::vendors
