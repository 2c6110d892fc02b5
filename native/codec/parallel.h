// A loop on several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace kvasir::codec {

// Runs `work(0) .. work(count - 1)` on several threads; the first exception ends it and is thrown here.
void parallel(size_t count, uint32_t threads, const std::function<void(size_t)>& work);

}  // namespace kvasir::codec
