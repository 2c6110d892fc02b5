// A codebook: how one model's K/V is coded in one profile. It is calibrated once and shared by all objects of the
// profile; their headers name it by its digest. Layer 0 is in none: its K/V depend on the token alone.
//
// The file is little-endian (described for other readers in docs/formats.md):
//
//   header, 128 bytes
//     0  u8[8]  magic: 89 4B 56 43 0D 0A 1A 0A  (\x89 K V C \r \n \x1a \n)
//     8  u32    version: 1
//    12  u32    layers        of the model, 2 .. MAX_LAYERS
//    16  u32    k_width       f16 elements of K per token and layer
//    20  u32    v_width       the same of V
//    24  u32    tables        1 .. MAX_TABLES
//    28  u32    zero
//    32  u8[32] model: SHA-256 of its file
//    64  u64    file bytes: the file's exact size
//    72  u64    body checksum: XXH64 (seed 0) of the bytes from 128 on
//    80  u8[40] zero
//   120  u64    header checksum: XXH64 (seed 0) of bytes 0 .. 119
//
//   planes: for each layer from 1 on, K then V
//     u32           rank: components, 0 .. width
//     u32           transform: 0 = the components are the channels (rank = width), 1 = by a basis
//     f32[width]    mean
//     f32[rank]     step of each component
//     u16[rank]     table of each component; zeros up to a multiple of 4 bytes
//     f16[rank][width]  basis, orthonormal rows, where transform = 1; zeros up to a multiple of 4 bytes
//
//   tables: u16[256] each: parts of 4096 of every symbol
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format.h"
#include "rans.h"
#include "sha256.h"

namespace kvasir::codec {

constexpr uint32_t MAX_TABLES = 256;

// A number n of steps is the symbol n + SYMBOL_ZERO. Numbers beyond, and those that a table has no part for, are ESCAPE,
// and stand beside the stream.
constexpr int SYMBOL_ZERO = 127;
constexpr uint8_t ESCAPE = 255;

// A layer's K or V.
struct PlaneCode {
  uint32_t width = 0;
  // [width]
  std::vector<float> mean;
  // One per component.
  std::vector<float> steps;
  std::vector<uint16_t> tables;
  // f16 [rank][width]; empty where the components are the channels.
  std::vector<uint16_t> basis;

  uint32_t rank() const noexcept { return static_cast<uint32_t>(steps.size()); }
  bool hasBasis() const noexcept { return basis.size() > 0 || rank() != width; }
};

struct Codebook {
  Digest model;
  uint32_t layers = 0;
  uint32_t kWidth = 0;
  uint32_t vWidth = 0;
  // [2 * (layers - 1)]: K and V of layer 1, 2, ...
  std::vector<PlaneCode> planes;
  std::vector<RansFrequencies> tables;

  const PlaneCode& plane(uint32_t layer, Kind kind) const { return planes[2 * (layer - 1) + static_cast<size_t>(kind)]; }
};

// The file's bytes. 'argument.invalid' for a codebook that could not be read back.
std::vector<uint8_t> serialise(const Codebook& codebook);
// `name` is for messages. 'object.damaged' when these are not the bytes of a sound codebook, 'object.mismatch' for one of
// a newer version.
Codebook parseCodebook(const std::vector<uint8_t>& bytes, const std::string& name);

}  // namespace kvasir::codec
