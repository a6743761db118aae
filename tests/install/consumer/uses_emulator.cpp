// The emulator alone: a server that nobody sends to.
#include <cstdio>

#include <logferry/emulator.hpp>

int main() {
    const logferry::emulator server;
    std::printf("%s\n", server.base_url("logsh").c_str());
    return server.requests("logsh") == 0 ? 0 : 1;
}
