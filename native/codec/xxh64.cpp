#include "xxh64.h"

#include <algorithm>
#include <cstring>

namespace kvasir::codec {
namespace {

constexpr uint64_t PRIME1 = 0x9E3779B185EBCA87;
constexpr uint64_t PRIME2 = 0xC2B2AE3D27D4EB4F;
constexpr uint64_t PRIME3 = 0x165667B19E3779F9;
constexpr uint64_t PRIME4 = 0x85EBCA77C2B2AE63;
constexpr uint64_t PRIME5 = 0x27D4EB2F165667C5;

uint64_t rotl(uint64_t x, int n) { return (x << n) | (x >> (64 - n)); }

// Every platform Kvasir runs on is little-endian; memcpy compiles to one load.
uint64_t load64(const uint8_t* p) {
  uint64_t x;
  std::memcpy(&x, p, 8);
  return x;
}

uint32_t load32(const uint8_t* p) {
  uint32_t x;
  std::memcpy(&x, p, 4);
  return x;
}

uint64_t round(uint64_t lane, uint64_t input) { return rotl(lane + input * PRIME2, 31) * PRIME1; }

uint64_t merge(uint64_t hash, uint64_t lane) { return (hash ^ round(0, lane)) * PRIME1 + PRIME4; }

// Takes whole stripes of 32 bytes.
void stripes(std::array<uint64_t, 4>& lanes, const uint8_t* data, size_t count) {
  auto [a, b, c, d] = lanes;
  for (size_t i = 0; i < count; i++, data += 32) {
    a = round(a, load64(data));
    b = round(b, load64(data + 8));
    c = round(c, load64(data + 16));
    d = round(d, load64(data + 24));
  }
  lanes = {a, b, c, d};
}

}  // namespace

Xxh64::Xxh64(uint64_t seed) : seed_(seed), lanes_{seed + PRIME1 + PRIME2, seed + PRIME2, seed, seed - PRIME1} {}

Xxh64& Xxh64::update(const void* data, size_t bytes) {
  auto input = static_cast<const uint8_t*>(data);
  total_ += bytes;
  if (filled_ > 0) {
    const size_t take = std::min(bytes, size_t{32} - filled_);
    std::memcpy(pending_.data() + filled_, input, take);
    filled_ += take, input += take, bytes -= take;
    if (filled_ < 32) return *this;
    stripes(lanes_, pending_.data(), 1);
    filled_ = 0;
  }
  stripes(lanes_, input, bytes / 32);
  filled_ = bytes % 32;
  if (filled_ > 0) std::memcpy(pending_.data(), input + (bytes - filled_), filled_);
  return *this;
}

uint64_t Xxh64::value() const {
  uint64_t hash = seed_ + PRIME5;
  if (total_ >= 32) {
    hash = rotl(lanes_[0], 1) + rotl(lanes_[1], 7) + rotl(lanes_[2], 12) + rotl(lanes_[3], 18);
    for (uint64_t lane : lanes_) hash = merge(hash, lane);
  }
  hash += total_;
  const uint8_t* p = pending_.data();
  size_t left = filled_;
  for (; left >= 8; p += 8, left -= 8) hash = rotl(hash ^ round(0, load64(p)), 27) * PRIME1 + PRIME4;
  for (; left >= 4; p += 4, left -= 4) hash = rotl(hash ^ (load32(p) * PRIME1), 23) * PRIME2 + PRIME3;
  for (; left > 0; p++, left--) hash = rotl(hash ^ (*p * PRIME5), 11) * PRIME1;
  hash = (hash ^ (hash >> 33)) * PRIME2;
  hash = (hash ^ (hash >> 29)) * PRIME3;
  return hash ^ (hash >> 32);
}

uint64_t xxh64(const void* data, size_t bytes, uint64_t seed) { return Xxh64(seed).update(data, bytes).value(); }

}  // namespace kvasir::codec
