#include "kv_cache.h"

#include <algorithm>

#include "../codec/error.h"
#include "memory_tier.h"

namespace kvasir::engine {
namespace {

// Room for one tensor's description.
constexpr size_t TENSORS = 2;

uint32_t roundUp(uint32_t value, uint32_t step) { return (value + step - 1) / step * step; }

std::vector<KvPlanes> makeParts(const ModelConfig& config, const Placement& placement, uint32_t planesPerLayer,
                                uint32_t rows) {
  const uint32_t onCpu = placement.device ? std::min(placement.firstOffloaded, config.layers) : config.layers;
  std::vector<KvPlanes> parts;
  const auto add = [&](ggml_backend_dev_t device, uint32_t first, uint32_t count) {
    if (count == 0) return;
    parts.emplace_back(ggml_backend_dev_buffer_type(device), first, count, planesPerLayer, config.kvWidth(), rows);
  };
  add(cpuDevice(), 0, onCpu);
  if (placement.device) add(placement.device, onCpu, config.layers - onCpu);
  return parts;
}

const KvPlanes& find(const std::vector<KvPlanes>& parts, uint32_t layer) {
  for (const KvPlanes& part : parts) {
    if (part.holds(layer)) return part;
  }
  throw Error("internal", "No part of the cache holds layer " + std::to_string(layer) + ".");
}

}  // namespace

KvPlanes::KvPlanes(ggml_backend_buffer_type_t type, uint32_t firstLayer, uint32_t layers, uint32_t planesPerLayer,
                   uint32_t width, uint32_t rows)
    : firstLayer_(firstLayer), layers_(layers), planesPerLayer_(planesPerLayer), width_(width), rows_(rows) {
  const uint64_t bytes = uint64_t{width} * rows * layers * planesPerLayer * sizeof(uint16_t);
  host_ = type == ggml_backend_dev_buffer_type(cpuDevice());
  const uint64_t available = host_ ? memoryFor(bytes) : 0;
  if (available == 0 || bytes <= available) allocate(type, bytes);
  if (buffer_) return;
  throw Error("engine.memory",
              "Expected " + std::to_string(bytes >> 20) + " MiB of memory for the K/V of " + std::to_string(rows) +
                  " tokens, but " +
                  (available ? std::to_string(available >> 20) + " MiB are free" : "it could not be had") +
                  ". Choose fewer documents or a smaller model.");
}

// Zeroed either way: attention multiplies masked rows by zero, and zero times a leftover NaN is a NaN.
void KvPlanes::allocate(ggml_backend_buffer_type_t type, uint64_t bytes) {
  context_.reset(ggml_init({ggml_tensor_overhead() * TENSORS, nullptr, true}));
  if (!context_) return;
  tensor_ = ggml_new_tensor_3d(context_.get(), GGML_TYPE_F16, width_, rows_, int64_t{layers_} * planesPerLayer_);
  if (!host_) {
    buffer_.reset(ggml_backend_alloc_ctx_tensors_from_buft(context_.get(), type));
    if (buffer_) ggml_backend_buffer_clear(buffer_.get(), 0);
    return;
  }
  memory_.emplace(bytes);
  if (!memory_->data()) return;
  buffer_.reset(ggml_backend_cpu_buffer_from_ptr(memory_->data(), bytes));
  if (buffer_) ggml_backend_tensor_alloc(buffer_.get(), tensor_, memory_->data());
}

size_t KvPlanes::offset(uint32_t layer, uint32_t index, uint32_t row) const {
  const size_t plane = size_t{layer - firstLayer_} * planesPerLayer_ + index;
  return (plane * rows_ + row) * rowBytes();
}

ggml_tensor* KvPlanes::plane(ggml_context* context, uint32_t layer, uint32_t index) const {
  return ggml_view_2d(context, tensor_, width_, rows_, rowBytes(), offset(layer, index, 0));
}

ggml_tensor* KvPlanes::heads(ggml_context* context, uint32_t layer, uint32_t index, uint32_t headDim,
                             uint32_t count) const {
  return ggml_view_3d(context, tensor_, headDim, count, width_ / headDim, rowBytes(), headDim * sizeof(uint16_t),
                      offset(layer, index, 0));
}

ggml_tensor* KvPlanes::tokens(ggml_context* context, uint32_t layer, uint32_t index, uint32_t headDim, uint32_t from,
                              uint32_t count) const {
  return ggml_view_3d(context, tensor_, headDim, width_ / headDim, count, headDim * sizeof(uint16_t), rowBytes(),
                      offset(layer, index, from));
}

uint16_t* KvPlanes::row(uint32_t layer, uint32_t index, uint32_t row) const {
  return reinterpret_cast<uint16_t*>(static_cast<uint8_t*>(tensor_->data) + offset(layer, index, row));
}

void KvPlanes::upload(uint32_t layer, const uint16_t* packed, uint32_t from, uint32_t count) {
  const size_t bytes = count * rowBytes();
  ggml_backend_tensor_set_2d(tensor_, packed, offset(layer, 0, from), bytes, planesPerLayer_, rows_ * rowBytes(),
                             bytes);
}

void KvPlanes::download(uint32_t layer, uint32_t index, uint32_t from, uint32_t count, uint16_t* out) const {
  ggml_backend_tensor_get(tensor_, out, offset(layer, index, from), count * rowBytes());
}

void KvPlanes::copyRows(const KvPlanes& other, uint32_t count) {
  std::vector<uint16_t> rows(size_t{count} * width_);
  for (uint32_t layer = firstLayer_; layer < firstLayer_ + layers_; layer++) {
    for (uint32_t index = 0; index < planesPerLayer_; index++) {
      other.download(layer, index, 0, count, rows.data());
      ggml_backend_tensor_set(tensor_, rows.data(), offset(layer, index, 0), count * rowBytes());
    }
  }
}

KvCache::KvCache(const ModelConfig& config, const Placement& placement, uint32_t capacity)
    : capacity_(roundUp(capacity, KV_STEP)), parts_(makeParts(config, placement, 2, capacity_)) {}

void KvCache::copyRows(const KvCache& other, uint32_t count) {
  for (size_t i = 0; i < parts_.size(); i++) parts_[i].copyRows(other.parts_[i], count);
}

const KvPlanes& KvCache::part(uint32_t layer) const { return find(parts_, layer); }

KeyCapture::KeyCapture(const ModelConfig& config, const Placement& placement, uint32_t rows)
    : rows_(rows), parts_(makeParts(config, placement, 1, rows)) {}

const KvPlanes& KeyCapture::part(uint32_t layer) const { return find(parts_, layer); }

}  // namespace kvasir::engine
