// The object file: the K (before RoPE) and V of one chunk, for one model, in one profile. Format version 1.
//
// Everything is little-endian. Layout (described for other readers in docs/formats.md):
//
//   header, 128 bytes
//     0  u8[8]  magic: 89 4B 56 4F 0D 0A 1A 0A  (\x89 K V O \r \n \x1a \n: a text-mode transfer breaks it)
//     8  u32    version: 1
//    12  u32    profile: 0 = f16
//    16  u8[32] key: the cache key (SHA-256) of chunk, context and model
//    48  u32    tokens        T, 1 .. MAX_TOKENS
//    52  u32    layers        L, 1 .. MAX_LAYERS
//    56  u32    k_width       f16 elements of K per token and layer (kv heads * head_dim), 1 .. MAX_WIDTH
//    60  u32    v_width       the same of V
//    64  u32    segments      2 * L
//    68  u32    zero
//    72  u64    table offset: 128
//    80  u64    data offset:  128 + 32 * segments rounded up to 64
//    88  u64    file bytes:   the file's exact size
//    96  u64    table checksum: XXH64 (seed 0) of the bytes from table offset to data offset
//   104  u8[16] zero
//   120  u64    header checksum: XXH64 (seed 0) of bytes 0 .. 119
//
//   table, 32 bytes per segment, in the order of the segments; zero up to the data offset
//     0  u32    layer
//     4  u32    kind: 0 = K, 1 = V
//     8  u64    offset in the file, a multiple of 64
//    16  u64    length in bytes, padding not counted
//    24  u64    checksum: XXH64 (seed 0) of the segment's bytes and the zero padding behind it
//
//   segments: layer-major, K before V (K0 V0 K1 V1 ...), each token-major: [tokens][width] f16. Each starts at a
//   multiple of 64; zero bytes fill the gap behind it, the last one included, so the file's size is a multiple of 64.
//
// The header checksum is judged before any field but the magic, so a flipped bit is always 'object.damaged' and only a
// sound header of another key, shape or version is 'object.mismatch'.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "error.h"
#include "file.h"
#include "sha256.h"

namespace kvasir::codec {

// Checked before anything is allocated or multiplied; their product stays below 2^63 bytes.
constexpr uint32_t MAX_TOKENS = 1u << 20;
constexpr uint32_t MAX_LAYERS = 1024;
constexpr uint32_t MAX_WIDTH = 1u << 16;

enum class Kind : uint8_t { K = 0, V = 1 };

// Widths: f16 elements per token and layer.
struct ObjectIdentity {
  Digest key;
  uint32_t tokens = 0;
  uint32_t layers = 0;
  uint32_t k_width = 0;
  uint32_t v_width = 0;
};

// An object's file, and the key that it must have.
struct NamedObject {
  std::string path;
  Digest key;
};

// Row of the segment table.
struct Segment {
  uint64_t offset = 0;
  uint64_t length = 0;
  uint64_t checksum = 0;
};

// Size of the whole file for this identity's shape. 'argument.invalid' when a dimension is outside its limits.
uint64_t objectBytes(const ObjectIdentity& identity);

// Writes one object. Segments may come in any order, each exactly once. Not for several threads at once.
class ObjectWriter {
 public:
  // Creates or empties the file. 'argument.invalid' for an identity outside the limits, 'object.unreadable' when the
  // file cannot be made, 'store.full' when the disk is full (here and in the calls below).
  ObjectWriter(const std::string& path, const ObjectIdentity& identity);
  // Removes the file unless finish() succeeded.
  ~ObjectWriter();
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  // f16: [tokens][width], token-major; `elements` must be tokens * width.
  void write(uint32_t layer, Kind kind, const uint16_t* f16, size_t elements);
  // Writes table and header, closes the file and returns its size in bytes. Durability (fsync, rename) is the store's.
  uint64_t finish();

 private:
  ObjectIdentity identity_;
  std::vector<Segment> segments_;
  std::vector<bool> written_;
  std::unique_ptr<File> file_;
  bool finished_ = false;
};

// Reads one object, whose header, table and size are checked when it is opened. `read` and `verify` may be called from
// several threads at once (reads are positional).
class ObjectReader {
 public:
  // 'object.unreadable' when it cannot be opened, 'object.damaged' when it is not sound, 'object.mismatch' when it is
  // sound but its key or shape differs from `expected` (the text names both sides).
  ObjectReader(const std::string& path, const ObjectIdentity& expected);

  // Fills dst, [tokens][width] f16 token-major, and checks it; `elements` must be tokens * width. After
  // 'object.damaged' the contents of dst are undefined.
  void read(uint32_t layer, Kind kind, uint16_t* dst, size_t elements) const;
  // Has the system begin to read the file; returns at once.
  void expectReads() const noexcept { file_.expectReads(); }
  // Reads everything and checks every checksum.
  void verify() const;
  // Size of the file.
  uint64_t bytes() const noexcept { return bytes_; }
  // Of the header, which covers the segments': files of one key with the same one have the same contents.
  uint64_t checksum() const noexcept { return checksum_; }
  const ObjectIdentity& identity() const noexcept { return identity_; }

  // The identity that a sound header states; segments are not read.
  static ObjectIdentity inspect(const std::string& path);

 private:
  explicit ObjectReader(const std::string& path);
  void checkSegment(const Segment& segment, const char* name, uint16_t* dst) const;

  File file_;
  ObjectIdentity identity_;
  std::vector<Segment> segments_;
  uint64_t bytes_ = 0, checksum_ = 0;
};

}  // namespace kvasir::codec
