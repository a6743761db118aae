// Runs a call and stops it after its n-th machine instruction, to let the world go on before the call does: every way
// in which a thread can be put aside, one after another, without any chance in it. The processor's trap flag does it.
// Not under sanitizers: they put themselves between the instructions, and take locks there.
#pragma once

#if defined(__x86_64__) && defined(__linux__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define LOGFERRY_CAN_INTERRUPT 1

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
        steps_left_ = instruction;
        let_go_ = std::move(world);
        moved_ = false;
        __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() | trap_flag);
        call();
        __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~trap_flag);
        let_go_ = nullptr;
        return moved_;
    }

private:
    static constexpr std::uint64_t trap_flag = 0x100;

    static void on_trap(int, siginfo_t*, void* context) {
        auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
        run_through_memset(registers);
        if (steps_left_ == 0 || --steps_left_ > 0) return;
        registers[REG_EFL] &= ~static_cast<greg_t>(trap_flag);
        moved_ = true;
        let_go_();
    }

    // `rep stosb` would trap with every byte. Here it is done at once, and is left with nothing to do.
    static void run_through_memset(gregset_t& registers) {
        const auto* code = reinterpret_cast<const unsigned char*>(registers[REG_RIP]);
        if (code[0] != 0xF3 || code[1] != 0xAA) return;
        const auto count = static_cast<std::size_t>(registers[REG_RCX]);
        std::memset(reinterpret_cast<void*>(registers[REG_RDI]), static_cast<int>(registers[REG_RAX]), count);
        registers[REG_RDI] += registers[REG_RCX];
        registers[REG_RCX] = 0;
    }

    static inline std::uint64_t steps_left_ = 0;
    static inline bool moved_ = false;
    static inline std::function<void()> let_go_;
    struct sigaction before_ {};
};

}  // namespace logferry::test

#endif
