// The computation of one sub-batch, or of some of its layers, as a ggml graph. It follows libllama's order of
// operations; attention over several rows is our own on CPUs that have it (native/attention), and ggml's elsewhere. K is
// additionally captured before RoPE when a chunk is encoded.
#pragma once

#include <cstdint>
#include <vector>

#include "kv_cache.h"
#include "model.h"
#include "owned.h"

namespace kvasir::engine {

// Whose logits a sub-batch yields.
enum class Outputs { None, Last, All };

// Layers that a graph computes. Tokens enter at layer 0, hidden states elsewhere; they leave as logits behind the last
// layer, elsewhere as hidden states.
struct LayerSpan {
  uint32_t from = 0;
  // The K/V of `from` are there already.
  bool skipKeys = false;
  // Layers below it are computed whole.
  uint32_t to = 0;
  // The K/V of `to` are computed as well.
  bool keys = false;

  bool operator==(const LayerSpan& other) const noexcept {
    return from == other.from && skipKeys == other.skipKeys && to == other.to && keys == other.keys;
  }
};

constexpr uint32_t NO_LAYER = UINT32_MAX;

// Everything that decides a graph's form; equal shapes can run one graph again.
struct GraphShape {
  uint32_t tokens = 0;
  // Rows of the cache that attention reads, a multiple of KV_STEP.
  uint32_t kvRows = 0;
  LayerSpan layers;
  // None behind the last layer is for graphs that end before it.
  Outputs outputs = Outputs::None;
  // K before RoPE goes to the capture's rows.
  bool capture = false;
  // First layer of those where it is told how far fresh K/V are from what their rows held.
  uint32_t deviationFrom = NO_LAYER;
  // Whether hidden states are written when the graph ends before the last layer.
  bool keepHidden = false;
  // Whether the tokens' rows lie apart, so that each sees much more or less than its neighbours.
  bool sparse = false;
  // Every step is libllama's, as in TestOptions.
  bool asLibllama = false;

  bool operator==(const GraphShape& other) const noexcept {
    return tokens == other.tokens && kvRows == other.kvRows && layers == other.layers && outputs == other.outputs &&
           capture == other.capture && deviationFrom == other.deviationFrom && keepHidden == other.keepHidden &&
           sparse == other.sparse && asLibllama == other.asLibllama;
  }
};

// Hidden states between graphs: one row per token of the computation.
class HiddenStates {
 public:
  // [embedding, rows], f32, where the model's first accelerated layer lives. 'engine.memory'.
  HiddenStates(const Model& model, uint32_t rows);
  uint32_t rows() const noexcept { return rows_; }
  ggml_tensor* tensor() const noexcept { return tensor_; }

 private:
  uint32_t rows_;
  Owned<ggml_context> context_;
  Owned<ggml_backend_buffer> buffer_;
  ggml_tensor* tensor_ = nullptr;
};

// Rows of attention: `fold` query heads that share keys lie side by side for each token, then padding.
struct QueryRows {
  uint32_t tokens = 0;
  uint32_t fold = 1;
  uint32_t padded = 0;

  bool operator==(const QueryRows& other) const noexcept {
    return tokens == other.tokens && fold == other.fold && padded == other.padded;
  }
};

// A graph whose tensors have no memory yet. Inputs that a shape does not need are null.
struct Graph {
  GraphShape shape;
  // Token rows with padding.
  uint32_t rows = 0;
  // Of all rows, and of the last ones where the last layer does without the others; else none.
  QueryRows queries;
  QueryRows lastQueries;
  // Whether the mask's memory is read: f16 [kvRows] of 0 or -inf for all query rows, then for the last ones.
  bool usesMask = false;
  std::vector<uint8_t> arena;
  Owned<ggml_context> context;
  ggml_cgraph* graph = nullptr;
  ggml_tensor* tokens = nullptr;       // i32 [rows]
  ggml_tensor* positions = nullptr;    // i32 [rows]
  ggml_tensor* cacheRows = nullptr;    // i64 [tokens]: rows of the cache that K and V are written to
  ggml_tensor* captureRows = nullptr;  // i64 [tokens]: rows of the capture
  ggml_tensor* oldRows = nullptr;      // i32 [rows]: the same as cacheRows, for reading what they held
  ggml_tensor* hiddenIn = nullptr;     // i32 [rows]: rows of the hidden states
  ggml_tensor* hiddenOut = nullptr;    // i64 [tokens]
  ggml_tensor* logits = nullptr;       // f32 [vocabulary, 1 or rows]
  // f32 [1, rows] per layer from `deviationFrom` whose K/V are computed.
  std::vector<ggml_tensor*> keyDeviations;
  std::vector<ggml_tensor*> valueDeviations;
};

class Mask;

// What graphs read and write between computations; capture and hidden may be null where the shape needs none.
struct GraphMemory {
  const KvCache* cache = nullptr;
  Mask* mask = nullptr;
  const KeyCapture* capture = nullptr;
  const HiddenStates* hidden = nullptr;
};

Graph buildGraph(const Model& model, const GraphMemory& memory, const GraphShape& shape);

// A run of rows.
struct RowRange {
  uint32_t from = 0;
  uint32_t count = 0;
};

// Applies RoPE in place to K of the rows at positions equal to their row, in the layers [first, last).
// Only `positions`, one after the other for all ranges, is an input.
Graph buildRopeGraph(const Model& model, const KvCache& cache, uint32_t first, uint32_t last,
                     const std::vector<RowRange>& ranges);

// Attention weights that rows pay at a layer whose K are there, tokens at layer 0, hidden states elsewhere: f32 [kvRows, rows, heads] in `logits`.
Graph buildAttentionGraph(const Model& model, const GraphMemory& memory, uint32_t layer, uint32_t rows,
                          uint32_t kvRows);

}  // namespace kvasir::engine
