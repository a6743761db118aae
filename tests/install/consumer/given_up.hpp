// Nobody listens on the discard port: the record that was logged is given up, and told.
#pragma once

#include <cstdio>

#include <logferry/shipper.hpp>

inline int given_up(logferry::shipper& shipper) {
    const auto ledger = shipper.close(std::chrono::seconds(2));
    const auto& book = ledger.destinations.front();
    std::printf("accepted %lu, dropped %lu\n", static_cast<unsigned long>(book.accepted),
                static_cast<unsigned long>(book.dropped_total()));
    return book.balanced() && book.accepted == 1 && book.dropped_total() == 1 ? 0 : 1;
}
