// Half precision (IEEE 754 binary16) without the processor's help.
#pragma once

#include <cstdint>
#include <cstring>

namespace kvasir::codec {

inline float floatOf(uint16_t half) {
  const uint32_t sign = uint32_t{half} >> 15 << 31, exponent = half >> 10 & 31, fraction = half & 1023;
  float value;
  if (exponent == 0) {
    // Zero or subnormal: parts of 2^-24.
    value = static_cast<float>(fraction) * (1.0f / 16777216.0f);
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    bits |= sign;
    std::memcpy(&value, &bits, sizeof bits);
    return value;
  }
  const uint32_t bits = sign | (exponent == 31 ? 255u << 23 : (exponent + 112) << 23) | fraction << 13;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The nearest half, ties to even; beyond the largest finite one infinity.
inline uint16_t halfOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const auto sign = static_cast<uint16_t>(bits >> 31 << 15);
  bits &= 0x7fffffff;
  if (bits >= 0x7f800000) return static_cast<uint16_t>(sign | (bits > 0x7f800000 ? 0x7e00 : 0x7c00));
  if (bits < 0x38800000) {
    // Subnormal: adding a half puts the parts of 2^-24 into the lowest bits, rounded.
    float magnitude;
    std::memcpy(&magnitude, &bits, sizeof magnitude);
    magnitude += 0.5f;
    std::memcpy(&bits, &magnitude, sizeof bits);
    return static_cast<uint16_t>(sign | (bits - 0x3f000000));
  }
  bits += 0xfff + (bits >> 13 & 1);
  const uint32_t half = (bits >> 13) - (112u << 10);
  return static_cast<uint16_t>(sign | (half >= 0x7c00 ? 0x7c00 : half));
}

}  // namespace kvasir::codec
