// The handler of fatal signals of the program under test: it leaves a record, and lets the program die.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <logferry/shipper.hpp>

namespace logferry::fault {

/// From now on the first SIGSEGV or SIGABRT makes `to` take record `id`, whose message is `text`, also when it is the
/// stack that has run out. The running thread's.
void leave_last_record(std::shared_ptr<shipper> to, std::uint64_t id, std::string text);

}  // namespace logferry::fault
