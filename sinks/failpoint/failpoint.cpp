#include <failpoint/failpoint.hpp>

#ifdef LOGFERRY_FAILPOINTS
namespace logferry::failpoint {

std::atomic<visitor> visit{nullptr};

}  // namespace logferry::failpoint
#endif
