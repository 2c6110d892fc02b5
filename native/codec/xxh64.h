// XXH64, the 64-bit checksum of github.com/Cyan4973/xxHash (doc/xxhash_spec.md): about 6 bytes per cycle without
// special instructions. It finds damage, it does not resist an attacker; identities use SHA-256.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kvasir::codec {

class Xxh64 {
 public:
  explicit Xxh64(uint64_t seed = 0);
  Xxh64& update(const void* data, size_t bytes);
  // The checksum of everything so far; update may go on.
  uint64_t value() const;

 private:
  uint64_t seed_;
  std::array<uint64_t, 4> lanes_;
  std::array<uint8_t, 32> pending_{};
  size_t filled_ = 0;
  uint64_t total_ = 0;
};

uint64_t xxh64(const void* data, size_t bytes, uint64_t seed = 0);

}  // namespace kvasir::codec
