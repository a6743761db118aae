// No fork happens while a thread of ours is inside libcurl, or has a file open for a moment. libcurl and OpenSSL have
// locks that all connections of a process share; a child would find one that was held at the moment of the fork locked
// for ever. And a descriptor that a child inherits keeps a removed file's room, or a lock.
//
// And nobody is inside libcurl while OpenSSL cleans up at the end of the program, nor gets there after that; nor does a
// child that is forked then.
#pragma once

#include <chrono>
#include <exception>

namespace logferry::transport {

class process_gate {
public:
    /// Thrown where nobody gets in any more.
    struct shut_for_good : std::exception {
        [[nodiscard]] const char* what() const noexcept override { return "the program is ending"; }
    };
    enum class manners {
        /// For our own threads: when nobody gets in any more, they stay at the door until the process has ended.
        patient,
        /// For the program's threads, which it may still wait for: then they are turned away.
        polite,
    };

    /// While it lives no fork happens. Waits while one is under way. Whoever is inside may enter again.
    class inside {
    public:
        inside() noexcept : inside(manners::patient) {}
        /// Throws `shut_for_good` if polite.
        explicit inside(manners m) noexcept(false);
        ~inside();
        inside(const inside&) = delete;
        inside& operator=(const inside&) = delete;
    };

    /// The same, and the end of the program waits too.
    class in_libcurl {
    public:
        in_libcurl() noexcept : in_libcurl(manners::patient) {}
        /// Throws `shut_for_good` if polite.
        explicit in_libcurl(manners m) noexcept(false);
        ~in_libcurl();
        in_libcurl(const in_libcurl&) = delete;
        in_libcurl& operator=(const in_libcurl&) = delete;

    private:
        const inside no_fork_;
    };

    /// The longest that a fork is held up. Nothing that is done inside waits for the network, but a file may lie on a
    /// disk that hangs, and then the host's fork matters more.
    static constexpr auto patience = std::chrono::milliseconds(100);

    /// Before a fork: lets nobody in, and waits until nobody is inside. One fork at a time.
    static void shut() noexcept;
    /// After it, in the parent.
    static void open() noexcept;
    /// After it, in the child, which has none of the threads that may have been inside.
    static void open_in_child() noexcept;

    /// At the end of the program: from now on nobody gets in. Waits for whoever is in libcurl, so long at most.
    static void shut_for_good_after(std::chrono::milliseconds longest) noexcept;
};

}  // namespace logferry::transport
