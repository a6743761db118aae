// For libFuzzer; tests/fuzz/run builds and runs it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fuzz/config_oracle.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto fault = logferry::config::fault_in_reading({reinterpret_cast<const char*>(data), size});
    if (!fault.empty()) {
        std::fprintf(stderr, "%s\n", fault.c_str());
        std::abort();
    }
    return 0;
}
