// SHA-256 (FIPS 180-4), for identities: cache keys, tokenizer and logits digests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kvasir::codec {

struct Digest {
  std::array<uint8_t, 32> bytes{};

  // 64 lower-case hex digits.
  std::string hex() const;
  // Takes exactly 64 lower-case hex digits; anything else is 'argument.invalid'.
  static Digest parse(const std::string& hex);

  bool operator==(const Digest& other) const noexcept { return bytes == other.bytes; }
  bool operator!=(const Digest& other) const noexcept { return bytes != other.bytes; }
};

class Sha256 {
 public:
  Sha256& update(const void* data, size_t bytes);
  // Closes the message; the object is used up.
  Digest finish();

 private:
  void block(const uint8_t* data);

  std::array<uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> pending_{};
  size_t filled_ = 0;
  uint64_t total_ = 0;
};

Digest sha256(const void* data, size_t bytes);

}  // namespace kvasir::codec
