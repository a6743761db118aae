// One object a thread, for adapters that keep copies of a formatter.
#pragma once

namespace logferry::detail {

/// This thread's `T`, made when it is first asked for; null once the thread has destroyed it, for records may still be
/// logged after that. Throws what making it throws.
template <typename T>
T* of_this_thread() {
    static thread_local T* mine = nullptr;
    static thread_local bool gone = false;
    struct owner {
        ~owner() {
            delete mine;
            mine = nullptr;
            gone = true;
        }
    };
    if (!mine && !gone) {
        mine = new T;
        static thread_local owner ends_with_the_thread;
        static_cast<void>(ends_with_the_thread);
    }
    return mine;
}

}  // namespace logferry::detail
