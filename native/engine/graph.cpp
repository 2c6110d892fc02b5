#include "graph.h"

#include <cmath>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

// The CPU's repacked matrices take 4 rows at a time; what is left over goes one by one.
constexpr uint32_t MATMUL_ROWS = 4;
// The CPU's flash attention is fast from this many query rows on. Below the minimum, padding costs more than it gains.
constexpr uint32_t ATTENTION_ROWS = 64;
constexpr uint32_t MIN_PADDED_ROWS = 12;
// Nodes and views of one layer, and those around the layers; both generous.
constexpr size_t TENSORS_PER_LAYER = 56;
constexpr size_t OTHER_TENSORS = 64;

Graph emptyGraph(const Model& model, const GraphShape& shape) {
  Graph graph;
  graph.shape = shape;
  const size_t tensors = model.config().layers * TENSORS_PER_LAYER + OTHER_TENSORS;
  graph.arena.resize(ggml_tensor_overhead() * tensors + ggml_graph_overhead_custom(tensors, false));
  graph.context.reset(ggml_init({graph.arena.size(), graph.arena.data(), true}));
  if (!graph.context)
    throw Error("engine.memory", "Expected memory for a graph of " + std::to_string(tensors) + " tensors.");
  graph.graph = ggml_new_graph_custom(graph.context.get(), tensors, false);
  return graph;
}

ggml_tensor* input(ggml_context* context, ggml_type type, int64_t n0, int64_t n1 = 1) {
  ggml_tensor* tensor = n1 == 1 ? ggml_new_tensor_1d(context, type, n0) : ggml_new_tensor_2d(context, type, n0, n1);
  ggml_set_input(tensor);
  return tensor;
}

class Builder {
 public:
  Builder(const Model& model, const KvCache& cache, const KeyCapture* capture, const GraphShape& shape)
      : model_(model),
        config_(model.config()),
        cache_(cache),
        capture_(capture),
        g_(emptyGraph(model, shape)),
        c_(g_.context.get()) {}

  Graph build() {
    makeInputs();
    const Weights& weights = model_.weights();
    ggml_tensor* x = ggml_get_rows(c_, weights.embedding, g_.tokens);  // [embedding, rows]
    for (uint32_t layer = 0; layer < config_.layers; layer++) {
      const bool last = layer + 1 == config_.layers;
      ggml_tensor* normed = norm(x, weights.layers[layer].attnNorm);
      storeKeysAndValues(layer, normed);
      if (last && g_.shape.outputs == Outputs::None) return std::move(g_);
      ggml_tensor* attended = attention(layer, normed);
      if (last && g_.outputRow) {
        attended = ggml_get_rows(c_, attended, g_.outputRow);
        x = ggml_get_rows(c_, x, g_.outputRow);
      }
      x = ggml_add(c_, attended, x);
      x = ggml_add(c_, feedForward(weights.layers[layer], x), x);
    }
    g_.logits = biased(ggml_mul_mat(c_, weights.output, norm(x, weights.outputNorm)), weights.outputBias);
    ggml_set_output(g_.logits);
    ggml_build_forward_expand(g_.graph, g_.logits);
    return std::move(g_);
  }

 private:
  void makeInputs() {
    const GraphShape& shape = g_.shape;
    // Padding is for the CPU's kernels; bits then differ from libllama's at the same length.
    const bool pad = model_.test().padding && !model_.placement().device && shape.tokens > 1;
    g_.rows = pad ? (shape.tokens + MATMUL_ROWS - 1) / MATMUL_ROWS * MATMUL_ROWS : shape.tokens;
    g_.queryRows = pad && g_.rows >= MIN_PADDED_ROWS && g_.rows < ATTENTION_ROWS ? ATTENTION_ROWS : g_.rows;
    g_.tokens = input(c_, GGML_TYPE_I32, g_.rows);
    g_.positions = input(c_, GGML_TYPE_I32, g_.rows);
    g_.cacheRows = input(c_, GGML_TYPE_I64, shape.tokens);
    if (shape.capture) g_.captureRows = input(c_, GGML_TYPE_I64, shape.tokens);
    g_.mask = ggml_new_tensor_2d(c_, GGML_TYPE_F16, shape.kvRows, g_.queryRows);
    ggml_set_input(g_.mask);
    if (shape.outputs == Outputs::Last) g_.outputRow = input(c_, GGML_TYPE_I32, 1);
  }

  ggml_tensor* norm(ggml_tensor* x, ggml_tensor* weight) {
    return ggml_mul(c_, ggml_rms_norm(c_, x, config_.normEpsilon), weight);
  }

  ggml_tensor* biased(ggml_tensor* x, ggml_tensor* bias) { return bias ? ggml_add(c_, x, bias) : x; }

  // [inputs, rows] -> [head_dim, heads, rows], normalised per head where the architecture does so.
  ggml_tensor* project(ggml_tensor* weight, ggml_tensor* bias, ggml_tensor* headNorm, uint32_t heads, ggml_tensor* x) {
    ggml_tensor* y = biased(ggml_mul_mat(c_, weight, x), bias);
    y = ggml_reshape_3d(c_, y, config_.headDim, heads, g_.rows);
    return headNorm ? norm(y, headNorm) : y;
  }

  ggml_tensor* rope(uint32_t layer, ggml_tensor* x) {
    const RopeConfig& r = config_.rope;
    return ggml_rope_ext(c_, x, g_.positions, model_.weights().ropeFactors(layer), static_cast<int>(config_.headDim),
                         r.mode, r.originalContext, r.base, r.scale, r.extFactor, r.attnFactor, r.betaFast, r.betaSlow);
  }

  // Writes [head_dim, heads, rows] into rows of a plane; padded rows are left out. Expanded at once: attention reads
  // the plane itself, so only the order of the graph makes it wait.
  void store(const KvPlanes& planes, uint32_t layer, uint32_t index, ggml_tensor* x, ggml_tensor* rows) {
    x = ggml_reshape_2d(c_, x, config_.kvWidth(), g_.rows);
    if (g_.rows != g_.shape.tokens) x = ggml_view_2d(c_, x, config_.kvWidth(), g_.shape.tokens, x->nb[1], 0);
    ggml_build_forward_expand(g_.graph, ggml_set_rows(c_, planes.plane(c_, layer, index), x, rows));
  }

  void storeKeysAndValues(uint32_t layer, ggml_tensor* normed) {
    const LayerWeights& w = model_.weights().layers[layer];
    ggml_tensor* k = project(w.k, w.kBias, w.kNorm, config_.kvHeads, normed);
    ggml_tensor* v = project(w.v, w.vBias, nullptr, config_.kvHeads, normed);
    if (g_.shape.capture) store(capture_->part(layer), layer, 0, k, g_.captureRows);
    store(cache_.part(layer), layer, 0, rope(layer, k), g_.cacheRows);
    store(cache_.part(layer), layer, 1, v, g_.cacheRows);
  }

  // -> [embedding, rows]
  ggml_tensor* attention(uint32_t layer, ggml_tensor* normed) {
    const LayerWeights& w = model_.weights().layers[layer];
    const KvPlanes& planes = cache_.part(layer);
    ggml_tensor* q = rope(layer, project(w.q, w.qBias, w.qNorm, config_.heads, normed));
    if (g_.queryRows != g_.rows) q = ggml_pad(c_, q, 0, 0, static_cast<int>(g_.queryRows - g_.rows), 0);
    q = ggml_permute(c_, q, 0, 2, 1, 3);                                            // [head_dim, query rows, heads]
    ggml_tensor* k = planes.heads(c_, layer, 0, config_.headDim, g_.shape.kvRows);  // [head_dim, kv rows, kv heads]
    ggml_tensor* v = planes.heads(c_, layer, 1, config_.headDim, g_.shape.kvRows);
    const float scale = 1.0f / std::sqrt(static_cast<float>(config_.headDim));
    ggml_tensor* y = ggml_flash_attn_ext(c_, q, k, v, g_.mask, scale, 0.0f, 0.0f);  // [head_dim, heads, query rows]
    ggml_flash_attn_ext_set_prec(y, GGML_PREC_F32);
    const int64_t width = int64_t{config_.headDim} * config_.heads;
    y = ggml_reshape_2d(c_, y, width, g_.queryRows);
    if (g_.queryRows != g_.rows) y = ggml_view_2d(c_, y, width, g_.rows, y->nb[1], 0);
    return biased(ggml_mul_mat(c_, w.output, y), w.outputBias);
  }

  // SwiGLU: [embedding, rows] -> [embedding, rows]
  ggml_tensor* feedForward(const LayerWeights& w, ggml_tensor* x) {
    ggml_tensor* normed = norm(x, w.ffnNorm);
    ggml_tensor* up = biased(ggml_mul_mat(c_, w.up, normed), w.upBias);
    ggml_tensor* gate = biased(ggml_mul_mat(c_, w.gate, normed), w.gateBias);
    return biased(ggml_mul_mat(c_, w.down, ggml_swiglu_split(c_, gate, up)), w.downBias);
  }

  const Model& model_;
  const ModelConfig& config_;
  const KvCache& cache_;
  const KeyCapture* capture_;
  Graph g_;
  ggml_context* c_;
};

}  // namespace

Graph buildGraph(const Model& model, const KvCache& cache, const KeyCapture* capture, const GraphShape& shape) {
  if (shape.tokens < 1 || shape.kvRows > cache.capacity() || shape.kvRows % KV_STEP != 0 ||
      (shape.capture && !capture)) {
    throw Error("internal", "A sub-batch of " + std::to_string(shape.tokens) + " tokens over " +
                                std::to_string(shape.kvRows) + " rows does not fit the cache of " +
                                std::to_string(cache.capacity()) + " rows.");
  }
  return Builder(model, cache, capture, shape).build();
}

Graph buildRopeGraph(const Model& model, const KvCache& cache, uint32_t from, uint32_t count) {
  if (count < 1 || from + count > cache.capacity()) throw Error("internal", "RoPE over rows outside the cache.");
  const ModelConfig& config = model.config();
  const RopeConfig& r = config.rope;
  Graph g = emptyGraph(model, {});
  ggml_context* c = g.context.get();
  g.rows = count;
  g.positions = input(c, GGML_TYPE_I32, count);
  for (uint32_t layer = 0; layer < config.layers; layer++) {
    ggml_tensor* k = cache.part(layer).tokens(c, layer, 0, config.headDim, from, count);  // [head_dim, kv heads, count]
    k = ggml_rope_ext_inplace(c, k, g.positions, model.weights().ropeFactors(layer), static_cast<int>(config.headDim),
                              r.mode, r.originalContext, r.base, r.scale, r.extFactor, r.attnFactor, r.betaFast,
                              r.betaSlow);
    ggml_build_forward_expand(g.graph, k);
  }
  return g;
}

}  // namespace kvasir::engine
