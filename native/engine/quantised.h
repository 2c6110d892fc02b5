// What ggml's own K/V types would keep of an object's numbers: a yardstick for the codec.
#pragma once

#include <string>

#include "../codec/sha256.h"

namespace kvasir::engine {

// Writes an f16 object whose numbers went through a ggml type (`q8_0`, `q4_0`, ...) and back -> the bytes that its K/V
// would take in that type. 'argument.invalid' for a type that cannot hold its rows; what reading and writing may fail
// with.
uint64_t quantiseObject(const std::string& path, const codec::Digest& key, const std::string& type,
                        const std::string& to);

}  // namespace kvasir::engine
