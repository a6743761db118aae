// A credential that does not show itself.
#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace logferry {

/// Holds a credential. It prints as `***`, is never written to a spool, an error or a dump, and its memory is
/// overwritten when the last copy goes away (copies share one buffer).
///
/// Nothing here throws for a missing credential: the object remembers the problem, and opening a shipper reports it
/// together with every other problem of the configuration.
///
/// Thread rule: a value; copies may be used from different threads.
class secret {
public:
    /// No credential. Opening a shipper with it reports the field as missing.
    secret() noexcept;

    /// Takes the credential itself, as in `secret("bot_...")`.
    explicit secret(std::string value);

    /// Reads an environment variable now. An unset or empty variable becomes a problem naming the variable.
    [[nodiscard]] static secret from_env(const std::string& name);

    /// Reads a file now and drops one trailing newline (`\n` or `\r\n`). A file that cannot be read, is empty, or is
    /// larger than 64 KiB becomes a problem naming the path.
    [[nodiscard]] static secret from_file(const std::string& path);

    /// The credential. The view lives as long as any copy of this object.
    [[nodiscard]] std::string_view reveal() const noexcept;

    /// True when there is nothing to reveal.
    [[nodiscard]] bool empty() const noexcept;

    /// Why the credential is missing, for example `environment variable LOGSH_API_KEY is not set`; empty when there is
    /// no problem. Never contains the credential.
    [[nodiscard]] std::string_view problem() const noexcept;

private:
    struct buffer;
    std::shared_ptr<const buffer> buffer_;
    std::string problem_;
};

/// Writes `***`, whatever the secret holds.
std::ostream& operator<<(std::ostream& out, const secret& hidden);

}  // namespace logferry
