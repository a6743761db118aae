#include <shipper/blueprint.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include <logferry/vendor.hpp>
#include <vendors/credential.hpp>

namespace logferry::shipping {

namespace {

bool is_of_logferry(const destination& d) noexcept {
    return !std::holds_alternative<std::shared_ptr<vendor>>(d.vendor);
}

}  // namespace

void throw_unknown_destination() {
    throw config_error(std::vector<config_problem>{
        {"destination", "no destination has the name that was given; shipper::stats lists them"}});
}

blueprint::blueprint(const options& opts, const checked_options& checked)
    : can_be_followed_(std::all_of(opts.destinations.begin(), opts.destinations.end(), is_of_logferry)) {
    for (const auto& each : checked.destinations()) names_.push_back(each.name);
    if (can_be_followed_) opts_ = std::make_shared<const options>(opts);
}

void blueprint::set_secret(std::string_view destination, const secret& credential) {
    // Destroyed after the lock is released, for what the callback holds is not ours to know.
    std::shared_ptr<const options> before;
    const no_fork held;
    if (!opts_) return;
    const auto which = std::find(names_.begin(), names_.end(), destination) - names_.begin();
    if (static_cast<std::size_t>(which) == names_.size()) throw_unknown_destination();
    auto changed = std::make_shared<options>(*opts_);
    *vendors::credential_of(changed->destinations[static_cast<std::size_t>(which)].vendor) = credential;
    static_cast<void>(checked_options(*changed));
    before = std::exchange(opts_, std::move(changed));
}

void blueprint::forget() noexcept {
    // What the callback holds may be the shipper itself, whose end comes back to here.
    std::shared_ptr<const options> forgotten;
    const no_fork held;
    forgotten.swap(opts_);
}

}  // namespace logferry::shipping
