// A vendor leaves no credential behind in memory that it gives back. This program looks at every block of the heap when
// it is freed, so it is one of its own.
#include <malloc.h>

#include <cstdlib>
#include <new>

#include <vendors/wiped.hpp>
#include "encoding.hpp"

namespace {

constexpr std::string_view credential = "bot_credential-that-nobody-may-find-in-the-heap";
bool looking = false;
int found = 0;

void look_at(void* block) noexcept {
    if (!looking || block == nullptr) return;
    const std::string_view bytes(static_cast<const char*>(block), malloc_usable_size(block));
    if (bytes.find(credential) != std::string_view::npos) ++found;
}

}  // namespace

void* operator new(std::size_t size) {
    if (void* block = std::malloc(size == 0 ? 1 : size)) return block;
    throw std::bad_alloc();
}

void operator delete(void* block) noexcept {
    look_at(block);
    std::free(block);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

namespace logferry::test {
namespace {

/// How many blocks were freed with the credential in them while `act` ran.
template <class Act>
int left_behind(const Act& act) {
    found = 0;
    looking = true;
    act();
    looking = false;
    return found;
}

TEST(heap, is_looked_at) {
    EXPECT_EQ(left_behind([] { const std::string copy(credential); }), 1);
    EXPECT_EQ(left_behind([] { const std::string other(credential.size(), 'x'); }), 0);
}

TEST(wiped_text, leaves_nothing_behind) {
    EXPECT_EQ(left_behind([] {
                  vendors::wiped_text text;
                  text.make_room(200).append("in front ").append(credential);
                  EXPECT_EQ(text.text().substr(9), credential);
              }),
              0);
}

TEST(wiped_text, leaves_nothing_behind_when_it_is_filled_again) {
    EXPECT_EQ(left_behind([] {
                  vendors::wiped_text text;
                  text.make_room(100).append(credential);
                  text.make_room(1000).append(credential);
              }),
              0);
}

TEST(vendor_memory, holds_no_credential_once_the_vendor_is_gone) {
    const secret hidden{std::string(credential)};
    logsentry event_v1{0, hidden};
    event_v1.flavor = logsentry::api::event_v1;
    event_v1.app = "shop";
    const std::vector<vendor_options> all = {logsfori{hidden},      logsh{"shop", hidden},
                                             logsentry{12, hidden}, event_v1,
                                             profound{hidden},      logwire{"https://logs.example.org", "42", hidden}};
    for (const auto& options : all) {
        EXPECT_EQ(left_behind([&] { (void)open(options); }), 0) << options.index();
    }
}

TEST(vendor_memory, holds_none_either_when_other_options_are_wrong) {
    const vendor_options wrong = logsfori{secret(std::string(credential)), "ftp://example.org"};
    EXPECT_EQ(left_behind([&] { EXPECT_FALSE(problems_with(wrong).empty()); }), 0);
}

}  // namespace
}  // namespace logferry::test
