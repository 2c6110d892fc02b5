// The computation of one sub-batch as a ggml graph. It follows libllama's order of operations, so that equal shapes
// give equal bits; K is additionally captured before RoPE when a chunk is encoded.
#pragma once

#include <cstdint>
#include <vector>

#include "kv_cache.h"
#include "model.h"
#include "owned.h"

namespace kvasir::engine {

// Whose logits a sub-batch yields. Without any, it stops once the last layer's K/V are written.
enum class Outputs { None, Last, All };

// Everything that decides a graph's form; equal shapes can run one graph again.
struct GraphShape {
  uint32_t tokens = 0;
  // Rows of the cache that attention reads, a multiple of KV_STEP.
  uint32_t kvRows = 0;
  Outputs outputs = Outputs::None;
  bool capture = false;

  bool operator==(const GraphShape& other) const noexcept {
    return tokens == other.tokens && kvRows == other.kvRows && outputs == other.outputs && capture == other.capture;
  }
};

// A graph whose tensors have no memory yet. Inputs that a shape does not need are null.
struct Graph {
  GraphShape shape;
  // Token rows with padding, and query rows with padding.
  uint32_t rows = 0;
  uint32_t queryRows = 0;
  std::vector<uint8_t> arena;
  Owned<ggml_context> context;
  ggml_cgraph* graph = nullptr;
  ggml_tensor* tokens = nullptr;       // i32 [rows]
  ggml_tensor* positions = nullptr;    // i32 [rows]
  ggml_tensor* cacheRows = nullptr;    // i64 [tokens]: rows of the cache that K and V are written to
  ggml_tensor* captureRows = nullptr;  // i64 [tokens]: rows of the capture
  ggml_tensor* mask = nullptr;         // f16 [kvRows, queryRows]: 0 or -inf
  ggml_tensor* outputRow = nullptr;    // i32 [1]
  ggml_tensor* logits = nullptr;       // f32 [vocabulary, 1 or rows]
};

// `capture` may be null when the shape captures nothing.
Graph buildGraph(const Model& model, const KvCache& cache, const KeyCapture* capture, const GraphShape& shape);

// Applies RoPE in place to K of the rows [from, from + count) at positions equal to their row, in every layer.
// Only `positions` is an input.
Graph buildRopeGraph(const Model& model, const KvCache& cache, uint32_t from, uint32_t count);

}  // namespace kvasir::engine
