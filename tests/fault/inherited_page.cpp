#include "inherited_page.hpp"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>

namespace logferry::fault {

namespace {

shared_page* mapped() {
    void* const at = ::mmap(nullptr, sizeof(shared_page), PROT_READ | PROT_WRITE, MAP_SHARED, page_descriptor, 0);
    if (at != MAP_FAILED) return static_cast<shared_page*>(at);
    std::perror("the page of the test");
    std::_Exit(3);
}

}  // namespace

shared_page& inherited_page() {
    static shared_page* const page = mapped();
    return *page;
}

}  // namespace logferry::fault
