// The coded object file: K (before RoPE) and V of one chunk, coded by a codebook. Layer 0 is not in it: its K/V depend on
// the tokens alone, and whoever reads it computes them again. Format version 2; version 1 is the f16 of format.h.
//
// Little-endian (described for other readers in docs/formats.md):
//
//   header, 128 bytes
//     0  u8[8]  magic, as in format.h
//     8  u32    version: 2
//    12  u32    profile: 1 = coded
//    16  u8[32] key: the cache key (SHA-256) of chunk, context and model
//    48  u32    tokens        1 .. MAX_TOKENS
//    52  u32    layers        of the model, 2 .. MAX_LAYERS
//    56  u32    k_width       f16 elements of K per token and layer
//    60  u32    v_width       the same of V
//    64  u8[32] codebook: SHA-256 of its file
//    96  u64    file bytes: the file's exact size
//   104  u64    table checksum: XXH64 (seed 0) of the table
//   112  u8[8]  zero
//   120  u64    header checksum: XXH64 (seed 0) of bytes 0 .. 119
//
//   table, 8 bytes per plane: K and V of layer 1, 2, ...
//     0  u32    length in bytes
//     4  u32    checksum: the lower half of the XXH64 (seed 0) of the plane's bytes
//
//   planes, one behind the other, without gaps, as PlaneCoder::encode writes them
#pragma once

#include <string>
#include <vector>

#include "coder.h"
#include "format.h"

namespace kvasir::codec {

// Writes one coded object. Planes may come in any order, each exactly once; they are kept until `finish`.
class CodedWriter {
 public:
  // `codebook`: the digest of the coder's file. 'argument.invalid' where the identity is not of the coder's shape.
  CodedWriter(const ObjectIdentity& identity, const Coder& coder, const Digest& codebook);

  // f16: [tokens][width]. `layer` from 1 on. May be called from several threads at once, for different planes.
  void write(uint32_t layer, Kind kind, const uint16_t* f16);
  // Creates the file and returns its size in bytes. Durability (fsync, rename) is the store's. 'object.unreadable',
  // 'store.full'; nothing is left behind then.
  uint64_t finish(const std::string& path) const;

 private:
  ObjectIdentity identity_;
  const Coder& coder_;
  Digest codebook_;
  std::vector<std::vector<uint8_t>> planes_;
};

// Reads one coded object, whose header, table and size are checked when it is opened. `read` may be called from several
// threads at once.
class CodedReader {
 public:
  // 'object.unreadable', 'object.damaged', and 'object.mismatch' where it is sound but of another key, shape or codebook.
  CodedReader(const std::string& path, const ObjectIdentity& expected, const Coder& coder, const Digest& codebook);

  // Fills dst, [tokens][width] f16; `layer` from 1 on. After 'object.damaged' the contents of dst are undefined.
  void read(uint32_t layer, Kind kind, uint16_t* dst) const;
  // Has the system begin to read the file; returns at once.
  void expectReads() const noexcept { file_.expectReads(); }
  // Bytes of a plane in the file.
  uint64_t planeBytes(uint32_t layer, Kind kind) const { return planes_[at(layer, kind)].length; }
  // Reads and decodes everything.
  void verify() const;
  uint64_t bytes() const noexcept { return bytes_; }
  // Of the header, which covers the planes': files of one key and codebook with the same one have the same contents.
  uint64_t checksum() const noexcept { return checksum_; }

  // The identity that a sound header states; planes are not read.
  static ObjectIdentity inspect(const std::string& path);

 private:
  struct Plane {
    uint64_t offset;
    uint32_t length, checksum;
  };
  static size_t at(uint32_t layer, Kind kind) { return 2 * (layer - 1) + static_cast<size_t>(kind); }

  File file_;
  const Coder& coder_;
  uint32_t tokens_ = 0, layers_ = 0;
  uint64_t bytes_ = 0, checksum_ = 0;
  std::vector<Plane> planes_;
};

}  // namespace kvasir::codec
