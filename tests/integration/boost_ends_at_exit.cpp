// A program as the README has it, which returns from main without removing its sink. Run by boost_life.cpp.
//
//     boost_ends_at_exit URL TOKEN
#include <boost/log/attributes/named_scope.hpp>
#include <boost/log/expressions.hpp>
#include <boost/log/trivial.hpp>
#include <boost/log/utility/setup/common_attributes.hpp>

#include <chrono>
#include <string>
#include <utility>

#include <logferry/boost_log_backend.hpp>

namespace {

/// Logs while the program's statics and this thread's objects are destroyed.
struct late_words {
    // What Boost needs for a record is made here, and so destroyed after this object.
    late_words() { BOOST_LOG_TRIVIAL(info) << "early words"; }
    ~late_words() { BOOST_LOG_TRIVIAL(info) << "from a destructor"; }
};
late_words of_the_program;
thread_local late_words of_the_thread;

}  // namespace

int main(int, char** argv) {
    static_cast<void>(&of_the_thread);
    logferry::options options;
    options.destinations.push_back({logferry::logsfori{logferry::secret(argv[2]), argv[1]}});
    options.close_budget = std::chrono::seconds(30);
    const auto sink = logferry::add_boost_log_sink(std::move(options));
    sink->set_formatter(boost::log::expressions::stream << boost::log::expressions::smessage);
    boost::log::add_common_attributes();
    BOOST_LOG_TRIVIAL(info) << "last words";
    return 0;
}
