#include "graph.h"

#include <cmath>

#include "../attention/attention.h"
#include "../codec/error.h"
#include "mask.h"

namespace kvasir::engine {
namespace {

// The CPU's repacked matrices take 4 rows at a time; what is left over goes one by one.
constexpr uint32_t MATMUL_ROWS = 4;
// Query rows in a tile of the CPU's attention, ggml's or our own. Below the minimum, what is empty costs more than
// tiles gain.
constexpr uint32_t ATTENTION_ROWS = 64;
constexpr uint32_t MIN_PADDED_ROWS = 12;
// Nodes and views of one layer, and those around the layers; both generous.
constexpr size_t TENSORS_PER_LAYER = 72;
constexpr size_t OTHER_TENSORS = 64;
// Nodes and views of one range of rows in one layer.
constexpr size_t ROPE_TENSORS = 8;

// `dst` [head_dim, heads, queries] = attention of src 0 (queries, f32) over src 1 and 2 (keys and values, f16) up to
// the rows of src 3 (i64, one per query that counts).
void attend(ggml_tensor* dst, int thread, int threads, void*) {
  const ggml_tensor *q = dst->src[0], *k = dst->src[1], *v = dst->src[2], *rows = dst->src[3];
  attention::Call call;
  call.headDim = static_cast<uint32_t>(q->ne[0]);
  call.heads = static_cast<uint32_t>(q->ne[1]);
  call.kvHeads = static_cast<uint32_t>(k->ne[2]);
  call.scale = 1.0f / std::sqrt(static_cast<float>(call.headDim));
  call.q = static_cast<const float*>(q->data);
  call.qStride = q->nb[2] / sizeof(float);
  call.queries = static_cast<uint32_t>(q->ne[2]);
  call.k = static_cast<const uint16_t*>(k->data);
  call.v = static_cast<const uint16_t*>(v->data);
  call.kvStride = k->nb[1] / sizeof(uint16_t);
  call.last = static_cast<const int64_t*>(rows->data);
  call.counted = static_cast<uint32_t>(rows->ne[0]);
  call.out = static_cast<float*>(dst->data);
  call.outStride = dst->nb[2] / sizeof(float);
  attention::attend(attention::bestIsa(), call, static_cast<uint32_t>(thread), static_cast<uint32_t>(threads));
}

Graph emptyGraph(const Model& model, const GraphShape& shape, size_t more = 0) {
  Graph graph;
  graph.shape = shape;
  const size_t layers = shape.layers.to - shape.layers.from + 1;
  const size_t tensors = layers * TENSORS_PER_LAYER + OTHER_TENSORS + more;
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
  Builder(const Model& model, const GraphMemory& memory, const GraphShape& shape)
      : model_(model), config_(model.config()), memory_(memory), g_(emptyGraph(model, shape)), c_(g_.context.get()) {}

  Graph build() {
    const LayerSpan& span = g_.shape.layers;
    makeInputs();
    const Weights& weights = model_.weights();
    // [embedding, rows]
    ggml_tensor* x = span.from == 0 ? ggml_get_rows(c_, weights.embedding, g_.tokens)
                                    : ggml_get_rows(c_, memory_.hidden->tensor(), g_.hiddenIn);
    for (uint32_t layer = span.from; layer < span.to; layer++) {
      ggml_tensor* normed = norm(x, weights.layers[layer].attnNorm);
      if (layer != span.from || !span.skipKeys) storeKeysAndValues(layer, normed);
      const bool last = layer + 1 == config_.layers && g_.shape.outputs == Outputs::Last;
      const uint32_t few = last ? g_.lastQueries.tokens : 0;
      ggml_tensor* attended = attention(layer, normed, few > 0 ? g_.lastQueries : g_.queries);
      if (last) {
        attended = tokens(attended, (few > 0 ? few : g_.shape.tokens) - 1, 1);
        x = tokens(x, g_.shape.tokens - 1, 1);
      }
      x = ggml_add(c_, attended, x);
      x = ggml_add(c_, feedForward(weights.layers[layer], x), x);
    }
    if (span.to == config_.layers) {
      g_.logits = biased(ggml_mul_mat(c_, weights.output, norm(x, weights.outputNorm)), weights.outputBias);
      ggml_set_output(g_.logits);
      ggml_build_forward_expand(g_.graph, g_.logits);
      return std::move(g_);
    }
    if (span.keys) storeKeysAndValues(span.to, norm(x, weights.layers[span.to].attnNorm));
    // Nothing to keep where no layer was computed whole.
    if (g_.hiddenOut) {
      ggml_build_forward_expand(g_.graph, ggml_set_rows(c_, memory_.hidden->tensor(), unpadded(x), g_.hiddenOut));
    }
    return std::move(g_);
  }

  // The weights of `rows` tokens or hidden states over the keys of a layer.
  Graph buildAttention(uint32_t layer) {
    makeInputs();
    // Heads stand apart here, so each token has one row of the mask.
    g_.queries = queryRows(g_.rows, 1, false);
    const LayerWeights& w = model_.weights().layers[layer];
    ggml_tensor* x = layer == 0 ? ggml_get_rows(c_, model_.weights().embedding, g_.tokens)
                                : ggml_get_rows(c_, memory_.hidden->tensor(), g_.hiddenIn);
    ggml_tensor* normed = norm(x, w.attnNorm);
    ggml_tensor* q = rope(layer, project(w.q, w.qBias, w.qNorm, config_.heads, normed), g_.positions);
    q = ggml_permute(c_, q, 0, 2, 1, 3);
    ggml_tensor* k = memory_.cache->part(layer).heads(c_, layer, 0, config_.headDim, g_.shape.kvRows);
    ggml_tensor* weights = ggml_mul_mat(c_, k, q);  // [kv rows, rows, heads]
    g_.logits = ggml_soft_max_ext(c_, weights, mask(g_.queries), attentionScale(), 0.0f);
    ggml_set_output(g_.logits);
    ggml_build_forward_expand(g_.graph, g_.logits);
    return std::move(g_);
  }

 private:
  void makeInputs() {
    const GraphShape& shape = g_.shape;
    // Padding is for the CPU's kernels; bits then differ from libllama's at the same length.
    const bool asLibllama = model_.test().asLibllama || shape.asLibllama;
    const bool pad = !asLibllama && !model_.placement().device && shape.tokens > 1;
    g_.rows = pad ? (shape.tokens + MATMUL_ROWS - 1) / MATMUL_ROWS * MATMUL_ROWS : shape.tokens;
    const uint32_t group = pad ? config_.heads / config_.kvHeads : 1;
    const uint32_t shared = config_.heads / config_.kvHeads;
    ownAttention_ =
        pad && g_.rows * shared >= MIN_PADDED_ROWS && attention::takes(attention::bestIsa(), config_.headDim);
    g_.queries = queryRows(g_.rows, pad ? foldedHeads() : 1, pad);
    // As few as fill a tile, so that they are attended to as they would be among all. In steps of what matrices take.
    const uint32_t few = (ATTENTION_ROWS + group - 1) / group;
    if (pad && shape.outputs == Outputs::Last && few < shape.tokens) g_.lastQueries = queryRows(few, group, pad);
    g_.positions = input(c_, GGML_TYPE_I32, g_.rows);
    g_.cacheRows = input(c_, GGML_TYPE_I64, shape.tokens);
    if (shape.layers.from == 0) g_.tokens = input(c_, GGML_TYPE_I32, g_.rows);
    if (shape.layers.from > 0) g_.hiddenIn = input(c_, GGML_TYPE_I32, g_.rows);
    if (shape.keepHidden) g_.hiddenOut = input(c_, GGML_TYPE_I64, shape.tokens);
    if (shape.deviationFrom != NO_LAYER) g_.oldRows = input(c_, GGML_TYPE_I32, g_.rows);
    if (shape.capture) g_.captureRows = input(c_, GGML_TYPE_I64, shape.tokens);
  }

  // The CPU's attention takes tiles of query rows, each head apart, and skips keys that no row of a tile sees. Heads that
  // share keys can share tiles: fewer of them when the last would be part empty, and tighter ones over sparse rows.
  uint32_t foldedHeads() const {
    const uint32_t group = config_.heads / config_.kvHeads;
    const auto tiles = [](uint32_t rows) { return (rows + ATTENTION_ROWS - 1) / ATTENTION_ROWS; };
    const bool saves = tiles(g_.rows * group) < group * tiles(g_.rows);
    return g_.rows * group >= MIN_PADDED_ROWS && (saves || g_.shape.sparse) ? group : 1;
  }

  static QueryRows queryRows(uint32_t tokens, uint32_t fold, bool pad) {
    QueryRows queries{tokens, fold, tokens * fold};
    if (pad && queries.padded >= MIN_PADDED_ROWS && queries.padded < ATTENTION_ROWS) queries.padded = ATTENTION_ROWS;
    return queries;
  }

  // Without the rows that only fill up: [n, rows] -> [n, tokens].
  ggml_tensor* unpadded(ggml_tensor* x) {
    return g_.rows == g_.shape.tokens ? x : ggml_view_2d(c_, x, x->ne[0], g_.shape.tokens, x->nb[1], 0);
  }

  // [n, rows] -> [n, count] from a token on.
  ggml_tensor* tokens(ggml_tensor* x, uint32_t from, uint32_t count) {
    return ggml_view_2d(c_, x, x->ne[0], count, x->nb[1], from * x->nb[1]);
  }

  // [kv rows, query rows] of all tokens or of the last ones.
  ggml_tensor* mask(const QueryRows& queries) {
    const uint32_t all = g_.queries.padded;
    ggml_tensor* memory = memory_.mask->reserve(g_.shape.kvRows, all + g_.lastQueries.padded);
    const size_t bytes = g_.shape.kvRows * sizeof(uint16_t);
    g_.usesMask = true;
    const size_t offset = queries == g_.queries ? 0 : all * bytes;
    return ggml_view_2d(c_, memory, g_.shape.kvRows, queries.padded, bytes, offset);
  }

  float attentionScale() const { return 1.0f / std::sqrt(static_cast<float>(config_.headDim)); }

  ggml_tensor* norm(ggml_tensor* x, ggml_tensor* weight) {
    return ggml_mul(c_, ggml_rms_norm(c_, x, config_.normEpsilon), weight);
  }

  ggml_tensor* biased(ggml_tensor* x, ggml_tensor* bias) { return bias ? ggml_add(c_, x, bias) : x; }

  // [inputs, rows] -> [head_dim, heads, rows], normalised per head where the architecture does so.
  ggml_tensor* project(ggml_tensor* weight, ggml_tensor* bias, ggml_tensor* headNorm, uint32_t heads, ggml_tensor* x) {
    ggml_tensor* y = biased(ggml_mul_mat(c_, weight, x), bias);
    y = ggml_reshape_3d(c_, y, config_.headDim, heads, y->ne[1]);
    return headNorm ? norm(y, headNorm) : y;
  }

  ggml_tensor* rope(uint32_t layer, ggml_tensor* x, ggml_tensor* positions) {
    const RopeConfig& r = config_.rope;
    return ggml_rope_ext(c_, x, positions, model_.weights().ropeFactors(layer), static_cast<int>(config_.headDim),
                         r.mode, r.originalContext, r.base, r.scale, r.extFactor, r.attnFactor, r.betaFast, r.betaSlow);
  }

  // Writes [head_dim, heads, rows] into rows of a plane; padded rows are left out. Expanded at once: attention reads
  // the plane itself, so only the order of the graph makes it wait.
  void store(const KvPlanes& planes, uint32_t layer, uint32_t index, ggml_tensor* x, ggml_tensor* rows) {
    x = unpadded(ggml_reshape_2d(c_, x, config_.kvWidth(), g_.rows));
    ggml_build_forward_expand(g_.graph, ggml_set_rows(c_, planes.plane(c_, layer, index), x, rows));
  }

  // Sum of squared differences per row from what the plane's rows hold, so it stands before they are written.
  ggml_tensor* deviation(uint32_t layer, uint32_t index, ggml_tensor* x) {
    ggml_tensor* old = ggml_get_rows(c_, memory_.cache->part(layer).plane(c_, layer, index), g_.oldRows);
    x = ggml_sub(c_, ggml_reshape_2d(c_, x, config_.kvWidth(), g_.rows), old);
    ggml_tensor* sum = ggml_sum_rows(c_, ggml_sqr(c_, x));  // [1, rows]
    ggml_set_output(sum);
    ggml_build_forward_expand(g_.graph, sum);
    return sum;
  }

  void storeKeysAndValues(uint32_t layer, ggml_tensor* normed) {
    const LayerWeights& w = model_.weights().layers[layer];
    ggml_tensor* k = project(w.k, w.kBias, w.kNorm, config_.kvHeads, normed);
    ggml_tensor* v = project(w.v, w.vBias, nullptr, config_.kvHeads, normed);
    if (g_.shape.capture) store(memory_.capture->part(layer), layer, 0, k, g_.captureRows);
    k = rope(layer, k, g_.positions);
    if (layer >= g_.shape.deviationFrom) {
      g_.keyDeviations.push_back(deviation(layer, 0, k));
      g_.valueDeviations.push_back(deviation(layer, 1, v));
    }
    const KvPlanes& planes = memory_.cache->part(layer);
    store(planes, layer, 0, k, g_.cacheRows);
    store(planes, layer, 1, v, g_.cacheRows);
  }

  // [head_dim, heads, tokens] -> [head_dim, padded rows, heads / fold]
  ggml_tensor* foldHeads(ggml_tensor* q, const QueryRows& queries) {
    const int64_t d = config_.headDim, fold = queries.fold, heads = config_.heads / queries.fold;
    if (fold > 1) {
      q = ggml_permute(c_, ggml_reshape_4d(c_, q, d, fold, heads, queries.tokens), 0, 1, 3, 2);
      q = ggml_reshape_3d(c_, ggml_cont(c_, q), d, fold * queries.tokens, heads);
    } else {
      q = ggml_permute(c_, q, 0, 2, 1, 3);
    }
    const auto padding = static_cast<int>(queries.padded - queries.tokens * queries.fold);
    return padding > 0 ? ggml_pad(c_, fold > 1 ? q : ggml_cont(c_, q), 0, padding, 0, 0) : q;
  }

  // [head_dim, heads / fold, padded rows] -> [head_dim * heads, tokens]
  ggml_tensor* unfoldHeads(ggml_tensor* y, const QueryRows& queries) {
    const int64_t d = config_.headDim, fold = queries.fold, heads = config_.heads / queries.fold;
    y = ggml_view_3d(c_, y, d, heads, fold * queries.tokens, y->nb[1], y->nb[2], 0);
    if (fold > 1) {
      y = ggml_cont(c_, ggml_permute(c_, ggml_reshape_4d(c_, y, d, heads, fold, queries.tokens), 0, 2, 1, 3));
    }
    return ggml_reshape_2d(c_, y, d * config_.heads, queries.tokens);
  }

  // [embedding, rows] -> [embedding, tokens of the queries]: all, or the last ones.
  ggml_tensor* attention(uint32_t layer, ggml_tensor* normed, const QueryRows& queries) {
    const LayerWeights& w = model_.weights().layers[layer];
    const KvPlanes& planes = memory_.cache->part(layer);
    ggml_tensor* positions = g_.positions;
    ggml_tensor* rows = g_.cacheRows;
    if (queries.tokens != g_.rows) {
      const uint32_t from = g_.shape.tokens - queries.tokens;
      normed = tokens(normed, from, queries.tokens);
      positions = ggml_view_1d(c_, positions, queries.tokens, from * sizeof(int32_t));
      rows = ggml_view_1d(c_, rows, queries.tokens, from * sizeof(int64_t));
    }
    ggml_tensor* q = rope(layer, project(w.q, w.qBias, w.qNorm, config_.heads, normed), positions);
    ggml_tensor* k = planes.heads(c_, layer, 0, config_.headDim, g_.shape.kvRows);  // [head_dim, kv rows, kv heads]
    ggml_tensor* v = planes.heads(c_, layer, 1, config_.headDim, g_.shape.kvRows);
    ggml_tensor* y = ownAttention_ ? attended(q, k, v, rows) : flashAttended(q, k, v, queries);
    return biased(ggml_mul_mat(c_, w.output, y), w.outputBias);
  }

  // [head_dim, heads, tokens] -> [head_dim * heads, tokens], by ggml.
  ggml_tensor* flashAttended(ggml_tensor* q, ggml_tensor* k, ggml_tensor* v, const QueryRows& queries) {
    // [head_dim, heads / fold, padded rows]
    ggml_tensor* y =
        ggml_flash_attn_ext(c_, foldHeads(q, queries), k, v, mask(queries), attentionScale(), 0.0f, 0.0f);
    ggml_flash_attn_ext_set_prec(y, GGML_PREC_F32);
    return unfoldHeads(y, queries);
  }

  // The same by our own kernel, which knows from the rows who sees what.
  ggml_tensor* attended(ggml_tensor* q, ggml_tensor* k, ggml_tensor* v, ggml_tensor* rows) {
    ggml_tensor* args[] = {q, k, v, rows};
    ggml_tensor* y = ggml_custom_4d(c_, GGML_TYPE_F32, q->ne[0], q->ne[1], q->ne[2], 1, args, 4, attend,
                                    GGML_N_TASKS_MAX, nullptr);
    return ggml_reshape_2d(c_, y, q->ne[0] * q->ne[1], q->ne[2]);
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
  const GraphMemory memory_;
  // Whether attention goes through native/attention instead of ggml.
  bool ownAttention_ = false;
  Graph g_;
  ggml_context* c_;
};

bool isSound(const ModelConfig& config, const GraphMemory& memory, const GraphShape& shape) {
  const auto& [from, skipKeys, to, keys] = shape.layers;
  const bool ends = to == config.layers;
  return shape.tokens > 0 && shape.kvRows <= memory.cache->capacity() && shape.kvRows % KV_STEP == 0 && from <= to &&
         to <= config.layers && !(keys && ends) && !(skipKeys && (from == 0 || from == to)) &&
         (ends == (shape.outputs != Outputs::None)) && (!shape.capture || memory.capture) &&
         ((from == 0 && !shape.keepHidden) || memory.hidden) && !(shape.keepHidden && ends);
}

}  // namespace

HiddenStates::HiddenStates(const Model& model, uint32_t rows) : rows_(rows) {
  context_.reset(ggml_init({ggml_tensor_overhead() * 2, nullptr, true}));
  const ggml_backend_dev_t device = model.placement().device ? model.placement().device : cpuDevice();
  if (context_) {
    tensor_ = ggml_new_tensor_2d(context_.get(), GGML_TYPE_F32, model.config().embedding, rows);
    buffer_.reset(ggml_backend_alloc_ctx_tensors_from_buft(context_.get(), ggml_backend_dev_buffer_type(device)));
  }
  if (buffer_) return;
  throw Error("engine.memory", "Expected memory for the hidden states of " + std::to_string(rows) +
                                   " tokens, but it could not be had. " + takeGgmlLog() + " Choose fewer documents.");
}

Graph buildGraph(const Model& model, const GraphMemory& memory, const GraphShape& shape) {
  if (!isSound(model.config(), memory, shape)) {
    throw Error("internal", "A graph of " + std::to_string(shape.tokens) + " tokens over " +
                                std::to_string(shape.kvRows) + " rows and layers " +
                                std::to_string(shape.layers.from) + " to " + std::to_string(shape.layers.to) +
                                " does not fit the cache or the model.");
  }
  return Builder(model, memory, shape).build();
}

Graph buildRopeGraph(const Model& model, const KvCache& cache, uint32_t first, uint32_t last,
                     const std::vector<RowRange>& ranges) {
  const ModelConfig& config = model.config();
  const RopeConfig& r = config.rope;
  uint32_t rows = 0;
  for (const RowRange& range : ranges) {
    if (range.count < 1 || range.from + range.count > cache.capacity())
      throw Error("internal", "RoPE over rows outside the cache.");
    rows += range.count;
  }
  Graph g = emptyGraph(model, {}, size_t{last - first} * ranges.size() * ROPE_TENSORS);
  ggml_context* c = g.context.get();
  g.rows = rows;
  g.positions = input(c, GGML_TYPE_I32, rows);
  for (uint32_t layer = first; layer < last; layer++) {
    size_t at = 0;
    for (const auto& [from, count] : ranges) {
      // [head_dim, kv heads, count]
      ggml_tensor* k = cache.part(layer).tokens(c, layer, 0, config.headDim, from, count);
      ggml_tensor* positions = ggml_view_1d(c, g.positions, count, at * sizeof(int32_t));
      k = ggml_rope_ext_inplace(c, k, positions, model.weights().ropeFactors(layer), static_cast<int>(config.headDim),
                                r.mode, r.originalContext, r.base, r.scale, r.extFactor, r.attnFactor, r.betaFast,
                                r.betaSlow);
      ggml_build_forward_expand(g.graph, k);
      at += count;
    }
  }
  return g;
}

Graph buildAttentionGraph(const Model& model, const GraphMemory& memory, uint32_t layer, uint32_t rows,
                          uint32_t kvRows) {
  GraphShape shape;
  shape.tokens = rows;
  shape.kvRows = kvRows;
  shape.layers.from = layer;
  shape.layers.to = layer;
  if ((!memory.hidden && layer > 0) || !isSound(model.config(), memory, shape))
    throw Error("internal", "Attention of rows or a layer that are not there.");
  return Builder(model, memory, shape).buildAttention(layer);
}

}  // namespace kvasir::engine
