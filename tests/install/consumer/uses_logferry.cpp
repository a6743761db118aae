// The library alone, without a framework.
#include "given_up.hpp"

int main() {
    logferry::options options;
    options.destinations.push_back({logferry::logsh{"shop", logferry::secret("key"), "http://127.0.0.1:9"}, {}});
    const auto shipper = logferry::shipper::open(options);
    logferry::record_input record;
    record.message = "payment failed";
    shipper->submit(record);
    return given_up(*shipper);
}
