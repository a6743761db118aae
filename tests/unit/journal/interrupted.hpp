// Runs a call and stops it after its n-th machine instruction, to let the world go on before the call does: every way
// in which a thread can be put aside, one after another, without any chance in it. The processor's trap flag does it.
#pragma once

#if defined(__x86_64__) && defined(__linux__) && !defined(__SANITIZE_THREAD__)
#define LOGFERRY_CAN_INTERRUPT 1

#include <csignal>
#include <cstdint>
#include <functional>

#include <ucontext.h>

namespace logferry::test {

class interrupter {
public:
    interrupter() {
        struct sigaction action {};
        action.sa_sigaction = on_trap;
        action.sa_flags = SA_SIGINFO;
        ::sigaction(SIGTRAP, &action, &before_);
    }
    ~interrupter() { ::sigaction(SIGTRAP, &before_, nullptr); }
    interrupter(const interrupter&) = delete;
    interrupter& operator=(const interrupter&) = delete;

    /// False when the call was over before its n-th instruction; then the world has not moved.
    template <typename Call>
    bool at(std::uint64_t instruction, Call call, std::function<void()> world) {
        steps_left = instruction;
        let_go = std::move(world);
        moved = false;
        __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() | trap_flag);
        call();
        __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~trap_flag);
        let_go = nullptr;
        return moved;
    }

private:
    static constexpr std::uint64_t trap_flag = 0x100;

    static void on_trap(int, siginfo_t*, void* context) {
        if (steps_left == 0 || --steps_left > 0) return;
        static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~static_cast<greg_t>(trap_flag);
        moved = true;
        let_go();
    }

    static inline std::uint64_t steps_left = 0;
    static inline bool moved = false;
    static inline std::function<void()> let_go;
    struct sigaction before_ {};
};

}  // namespace logferry::test

#endif
