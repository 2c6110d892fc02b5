#include "context.h"

#include <algorithm>
#include <numeric>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

constexpr uint16_t F16_ZERO = 0x0000;
constexpr uint16_t F16_MINUS_INFINITY = 0xfc00;
// The cache grows in larger steps than it is read in, so that similar requests share it.
constexpr uint32_t GROWTH_STEP = 1024;

// An input that nothing in the graph reads was given no memory.
bool isUsed(const ggml_tensor* input) { return input && input->buffer; }

template <class T>
void setInput(ggml_tensor* input, const std::vector<T>& values) {
  if (isUsed(input)) ggml_backend_tensor_set(input, values.data(), 0, values.size() * sizeof(T));
}

}  // namespace

void checkTokens(const Model& model, const std::vector<int32_t>& tokens) {
  const auto limit = static_cast<int32_t>(model.config().vocabulary);
  for (const int32_t token : tokens) {
    if (token < 0 || token >= limit) {
      throw Error("argument.invalid", "Expected token ids from 0 to " + std::to_string(limit - 1) +
                                          " for this model, got " + std::to_string(token) + ".");
    }
  }
}

Context::Context(const Model& model) : model_(model), executor_(model) {}

void Context::reserve(uint32_t tokens, uint32_t keep) {
  const uint32_t limit = model_.config().contextLength;
  if (tokens > limit) {
    throw Error("engine.context-too-long", "Expected at most " + std::to_string(limit) + " tokens, the context of " +
                                               model_.facts().name + ", got " + std::to_string(tokens) +
                                               ". Choose fewer documents.");
  }
  if (cache_ && cache_->capacity() >= tokens) return;
  takeGgmlLog();
  const uint32_t capacity = (tokens + GROWTH_STEP - 1) / GROWTH_STEP * GROWTH_STEP;
  graph_.reset();
  if (keep == 0) cache_.reset();
  auto grown = std::make_unique<KvCache>(model_.config(), model_.placement(), capacity);
  if (keep > 0) grown->copyRows(*cache_, keep);
  cache_ = std::move(grown);
}

void Context::prepare(uint32_t tokens) {
  if (tokens <= preparedTokens_ && cache_->capacity() <= preparedRows_) return;
  graph_.reset();
  GraphShape shape;
  shape.tokens = std::max(tokens, preparedTokens_);
  shape.kvRows = cache_->capacity();
  shape.outputs = Outputs::Last;
  executor_.reserve(buildGraph(model_, *cache_, nullptr, shape));
  preparedTokens_ = shape.tokens;
  preparedRows_ = shape.kvRows;
}

void Context::discard() {
  endCapture();
  cache_.reset();
}

void Context::run(const int32_t* tokens, uint32_t count, uint32_t position, Outputs outputs, std::vector<float>* logits,
                  std::optional<uint32_t> captureRow) {
  const uint32_t end = position + count;
  if (!cache_ || end > cache_->capacity() || (captureRow && (!capture_ || *captureRow + count > capture_->rows()))) {
    throw Error("internal", "A sub-batch ends at " + std::to_string(end) + ", behind the rows that were reserved.");
  }
  GraphShape shape;
  shape.tokens = count;
  shape.kvRows = std::min(cache_->capacity(), (end + KV_STEP - 1) / KV_STEP * KV_STEP);
  shape.outputs = outputs;
  shape.capture = captureRow.has_value();
  Graph& graph = graphFor(shape);
  setInputs(graph, tokens, position, captureRow.value_or(0));
  executor_.compute(graph);
  if (!graph.logits || !logits) return;
  const size_t values = size_t{outputs == Outputs::All ? count : 1} * model_.config().vocabulary;
  const size_t before = logits->size();
  logits->resize(before + values);
  ggml_backend_tensor_get(graph.logits, logits->data() + before, 0, values * sizeof(float));
}

void Context::rope(uint32_t from, uint32_t count) {
  graph_.reset();
  const Graph graph = buildRopeGraph(model_, *cache_, from, count);
  executor_.allocate(graph);
  std::vector<int32_t> positions(count);
  std::iota(positions.begin(), positions.end(), static_cast<int32_t>(from));
  setInput(graph.positions, positions);
  executor_.compute(graph);
}

void Context::ropeCaptured(uint32_t from, uint32_t count) {
  if (!capture_ || count > capture_->rows() || from + count > cache_->capacity())
    throw Error("internal", "Expected captured rows inside the cache, got others.");
  const size_t elements = size_t{count} * model_.config().kvWidth();
  for (KvPlanes& planes : cache_->parts()) {
    std::vector<uint16_t> packed(planes.isHost() ? 0 : elements * 2 * planes.layers());
    for (uint32_t i = 0; i < planes.layers(); i++) {
      const uint32_t layer = planes.firstLayer() + i;
      const KvPlanes& keys = capture_->part(layer);
      if (planes.isHost()) {
        std::copy_n(keys.row(layer, 0, 0), elements, planes.row(layer, 0, from));
      } else {
        keys.download(layer, 0, 0, count, packed.data() + 2 * i * elements);
        planes.download(layer, 1, from, count, packed.data() + (2 * i + 1) * elements);
      }
    }
    if (!packed.empty()) planes.upload(packed.data(), from, count);
  }
  rope(from, count);
}

const KeyCapture& Context::beginCapture(uint32_t rows) {
  endCapture();
  capture_ = std::make_unique<KeyCapture>(model_.config(), model_.placement(), rows);
  return *capture_;
}

void Context::endCapture() {
  graph_.reset();
  capture_.reset();
}

Graph& Context::graphFor(const GraphShape& shape) {
  if (graph_ && graph_->shape == shape) return *graph_;
  graph_.reset();
  Graph graph = buildGraph(model_, *cache_, capture_.get(), shape);
  executor_.allocate(graph);
  graph_ = std::move(graph);
  return *graph_;
}

void Context::setInputs(Graph& graph, const int32_t* tokens, uint32_t position, uint32_t captureRow) {
  const uint32_t count = graph.shape.tokens;
  // Padding repeats the last token's place; nothing reads its results.
  std::vector<int32_t> ids(tokens, tokens + count), positions(graph.rows);
  ids.resize(graph.rows, tokens[count - 1]);
  for (uint32_t i = 0; i < graph.rows; i++) positions[i] = static_cast<int32_t>(position + std::min(i, count - 1));
  std::vector<int64_t> rows(count);
  std::iota(rows.begin(), rows.end(), int64_t{position});
  setInput(graph.tokens, ids);
  setInput(graph.positions, positions);
  setInput(graph.cacheRows, rows);
  std::iota(rows.begin(), rows.end(), int64_t{captureRow});
  setInput(graph.captureRows, rows);
  setInput(graph.outputRow, std::vector<int32_t>{static_cast<int32_t>(count - 1)});
  if (isUsed(graph.mask)) fillMask(graph, position);
}

// Row i is the token at position + i, which sees the keys up to its own; padded rows see none.
void Context::fillMask(Graph& graph, uint32_t position) {
  const size_t width = graph.shape.kvRows;
  mask_.resize(width * graph.queryRows);
  for (uint32_t i = 0; i < graph.queryRows; i++) {
    const auto row = mask_.begin() + static_cast<ptrdiff_t>(i * width);
    const size_t visible = i < graph.shape.tokens ? std::min<size_t>(width, position + i + 1) : 0;
    std::fill(row, row + static_cast<ptrdiff_t>(visible), F16_ZERO);
    std::fill(row + static_cast<ptrdiff_t>(visible), row + static_cast<ptrdiff_t>(width), F16_MINUS_INFINITY);
  }
  setInput(graph.mask, mask_);
}

}  // namespace kvasir::engine
