// The working K/V cache: f16, K with RoPE applied. On each device one tensor [kv_width, capacity, 2 * layers] whose
// planes are K0 V0 K1 V1 ...; a row is one token, so a cached chunk arrives as one copy per plane, and layers of an
// object file lie in the planes' order.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../codec/format.h"
#include "devices.h"
#include "model_config.h"
#include "zeroed_memory.h"

namespace kvasir::engine {

using codec::Kind;

// Attention reads rows in steps of this many, so a decoding graph serves as many tokens; libllama has the same step.
constexpr uint32_t KV_STEP = 256;

// Where layers live: those from `firstOffloaded` on, on `device` (null: all on the CPU).
struct Placement {
  ggml_backend_dev_t device = nullptr;
  uint32_t firstOffloaded = 0;
};

// Planes of [rows] tokens for a run of layers on one device.
class KvPlanes {
 public:
  // Zeroed. 'engine.memory' when it does not fit.
  KvPlanes(ggml_backend_buffer_type_t type, uint32_t firstLayer, uint32_t layers, uint32_t planesPerLayer,
           uint32_t width, uint32_t rows);

  uint32_t firstLayer() const noexcept { return firstLayer_; }
  uint32_t layers() const noexcept { return layers_; }
  bool holds(uint32_t layer) const noexcept { return layer >= firstLayer_ && layer < firstLayer_ + layers_; }
  bool isHost() const noexcept { return host_; }

  // [width, rows] of one plane, for writing rows.
  ggml_tensor* plane(ggml_context* context, uint32_t layer, uint32_t index) const;
  // [head_dim, count, heads], strided, of the rows [0, count): what attention reads.
  ggml_tensor* heads(ggml_context* context, uint32_t layer, uint32_t index, uint32_t headDim, uint32_t count) const;
  // [head_dim, heads, count], strided, of the rows [from, from + count): what RoPE turns.
  ggml_tensor* tokens(ggml_context* context, uint32_t layer, uint32_t index, uint32_t headDim, uint32_t from,
                      uint32_t count) const;

  // Only when isHost(): the row's first element.
  uint16_t* row(uint32_t layer, uint32_t index, uint32_t row) const;
  // Copies rows [from, from + count) of all planes of a layer, plane after plane packed, to the device.
  void upload(uint32_t layer, const uint16_t* packed, uint32_t from, uint32_t count);
  void download(uint32_t layer, uint32_t index, uint32_t from, uint32_t count, uint16_t* out) const;
  // Copies the rows [0, count) of every plane from planes of the same layers, perhaps of another height.
  void copyRows(const KvPlanes& other, uint32_t count);

 private:
  size_t rowBytes() const { return size_t{width_} * sizeof(uint16_t); }
  size_t offset(uint32_t layer, uint32_t index, uint32_t row) const;

  uint32_t firstLayer_, layers_, planesPerLayer_, width_, rows_;
  bool host_ = false;
  void allocate(ggml_backend_buffer_type_t type, uint64_t bytes);

  Owned<ggml_context> context_;
  // Only in host memory; the buffer then refers to it.
  std::optional<ZeroedMemory> memory_;
  Owned<ggml_backend_buffer> buffer_;
  ggml_tensor* tensor_ = nullptr;
};

class KvCache {
 public:
  // `capacity` tokens, rounded up to whole KV_STEPs.
  KvCache(const ModelConfig& config, const Placement& placement, uint32_t capacity);

  uint32_t capacity() const noexcept { return capacity_; }
  std::vector<KvPlanes>& parts() noexcept { return parts_; }
  const KvPlanes& part(uint32_t layer) const;
  // Takes over the first `count` rows of a cache of the same model.
  void copyRows(const KvCache& other, uint32_t count);

 private:
  uint32_t capacity_;
  std::vector<KvPlanes> parts_;
};

// K before RoPE of the chunk being encoded: [kv_width, rows, layers] per device.
class KeyCapture {
 public:
  KeyCapture(const ModelConfig& config, const Placement& placement, uint32_t rows);
  uint32_t rows() const noexcept { return rows_; }
  const KvPlanes& part(uint32_t layer) const;

 private:
  uint32_t rows_;
  std::vector<KvPlanes> parts_;
};

}  // namespace kvasir::engine
