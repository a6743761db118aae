// As the README has it, from outside.
#include <boost/log/trivial.hpp>

#include <logferry/boost_log_backend.hpp>

#include "given_up.hpp"

int main() {
    const auto sink =
        logferry::add_boost_log_sink(logferry::logsh{"shop", logferry::secret("key"), "http://127.0.0.1:9"});
    logferry::scope request{{"request_id", "r-1"}};
    BOOST_LOG_TRIVIAL(error) << "payment failed";
    return given_up(*sink->get_shipper());
}
