// What the engine needs to know of the computer it runs on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kvasir::engine {

// Physical cores that this process may use, at least 1. Hyper-threads share a core's multipliers, so they do not count.
uint32_t physicalCores();

// Bytes that can be allocated without swapping; a container's limit counts. 0 when unknown.
uint64_t availableMemory();

// Has the C library give freed memory back to the system, where it would keep some.
void returnFreedMemory();

// Asks for large pages under memory that is not touched yet: weights and K/V are read from end to end for every token,
// and small pages cost a few per cent of that. A hint; nothing happens where the system has no such thing.
void preferLargePages(void* data, uint64_t bytes);

// Time that all threads of this process have computed, in milliseconds.
double processCpuMs();

}  // namespace kvasir::engine
