// A program that loads a plugin, lets it ship a record, and unloads it at once, twice. Run by exit_test.cpp.
//
//     unloads_plugin URL TOKEN
#include <dlfcn.h>

#include <cstdio>

int main(int, char** argv) {
    for (int i = 0; i < 2; ++i) {
        void* const plugin = dlopen(LOGFERRY_PLUGIN, RTLD_NOW | RTLD_LOCAL);
        void* const ship = plugin != nullptr ? dlsym(plugin, "ship") : nullptr;
        if (ship == nullptr) {
            std::fprintf(stderr, "%s\n", dlerror());
            return 2;
        }
        reinterpret_cast<void (*)(const char*, const char*)>(ship)(argv[1], argv[2]);
        dlclose(plugin);
    }
    return 0;
}
