// What a forked child makes its own engine from: the options, as they are when it forks.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/options.hpp>
#include <shipper/checked_options.hpp>
#include <shipper/engine_register.hpp>

namespace logferry::shipping {

[[noreturn]] void throw_unknown_destination();

/// Owned by the shipper and by its worker thread, which forgets the options when it ends: the callback among them may
/// hold the shipper.
///
/// Thread rule: any thread. It changes only while no fork can happen, so it is whole in a child.
class blueprint {
public:
    /// `checked` was made from `opts`. A vendor of the application's own may be in the middle of anything when somebody
    /// forks, and cannot be made anew; then no child gets an engine.
    blueprint(const options& opts, const checked_options& checked);

    /// The destinations, in their order. They never change.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

    /// False where a destination is a vendor of the application's own. It never changes.
    [[nodiscard]] bool can_be_followed() const noexcept { return can_be_followed_; }

    /// Null when there is none to be made.
    [[nodiscard]] std::shared_ptr<const options> opts(const no_fork&) const noexcept { return opts_; }

    /// From now on with this credential. Throws `config_error` when there is no destination of that name or the
    /// credential cannot be used.
    void set_secret(std::string_view destination, const secret& credential);

    /// From now on no child gets an engine.
    void forget() noexcept;

private:
    std::vector<std::string> names_;
    bool can_be_followed_;
    std::shared_ptr<const options> opts_;
};

}  // namespace logferry::shipping
