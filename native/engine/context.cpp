#include "context.h"

#include <algorithm>
#include <numeric>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

// The cache grows in larger steps than it is read in, so that similar requests share it.
constexpr uint32_t GROWTH_STEP = 1024;
// Rows spread over more than this many times their number are sparse.
constexpr uint32_t SPARSE = 2;

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

Context::Context(const Model& model) : model_(model), executor_(model), mask_(model) {}

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
  touch(keep);
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
  shape.layers.to = model_.config().layers;
  executor_.reserve(buildGraph(model_, memory(), shape));
  preparedTokens_ = shape.tokens;
  preparedRows_ = shape.kvRows;
}

void Context::discard() {
  endCapture();
  endHidden();
  touch(0);
  cache_.reset();
}

void Context::touch(uint32_t row) {
  if (row < front_.size()) front_.clear();
  if (row < residentRows_) {
    resident_.clear();
    residentRows_ = 0;
  }
}

void Context::setResident(const std::string& name, uint32_t rows) {
  resident_ = name;
  residentRows_ = rows;
}

void Context::run(const LayerRun& request, std::vector<float>* logits, RowDeviations* deviations) {
  const uint32_t count = request.count;
  const uint32_t end = count > 0 ? request.rows[count - 1] + 1 : 0;
  const std::optional<uint32_t>& capture = request.captureRow;
  if (!cache_ || end > cache_->capacity() || (capture && (!capture_ || *capture + count > capture_->rows()))) {
    throw Error("internal", "A sub-batch ends at " + std::to_string(end) + ", behind the rows that were reserved.");
  }
  touch(request.rows[0]);
  GraphShape shape;
  shape.tokens = count;
  shape.kvRows = std::min(cache_->capacity(), (end + KV_STEP - 1) / KV_STEP * KV_STEP);
  shape.layers = request.layers;
  shape.outputs = request.outputs;
  shape.capture = capture.has_value();
  shape.deviationFrom = deviations ? request.deviationFrom : NO_LAYER;
  shape.keepHidden = request.keepHidden;
  shape.asLibllama = request.asLibllama;
  shape.sparse = request.rows[count - 1] - request.rows[0] + 1 > SPARSE * count;
  Graph& graph = graphFor(shape);
  setInputs(graph, request);
  executor_.compute(graph);
  if (deviations) {
    const auto fetch = [&](const std::vector<ggml_tensor*>& from, std::vector<std::vector<float>>& to) {
      for (ggml_tensor* tensor : from) {
        to.emplace_back(count);
        ggml_backend_tensor_get(tensor, to.back().data(), 0, count * sizeof(float));
      }
    };
    fetch(graph.keyDeviations, deviations->k);
    fetch(graph.valueDeviations, deviations->v);
  }
  if (!graph.logits || !logits) return;
  const size_t values = size_t{request.outputs == Outputs::All ? count : 1} * model_.config().vocabulary;
  const size_t before = logits->size();
  logits->resize(before + values);
  ggml_backend_tensor_get(graph.logits, logits->data() + before, 0, values * sizeof(float));
}

void Context::run(const int32_t* tokens, uint32_t count, uint32_t position, Outputs outputs, std::vector<float>* logits,
                  std::optional<uint32_t> captureRow) {
  std::vector<uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), position);
  LayerRun request;
  request.tokens = tokens;
  request.rows = rows.data();
  request.count = count;
  request.layers = wholeModel(outputs);
  request.outputs = outputs;
  request.captureRow = captureRow;
  run(request, logits);
}

LayerSpan Context::wholeModel(Outputs outputs) const {
  const uint32_t layers = model_.config().layers;
  // Without logits, nothing reads what follows the last layer's K/V.
  return outputs == Outputs::None ? LayerSpan{0, false, layers - 1, true} : LayerSpan{0, false, layers, false};
}

void Context::rope(uint32_t first, uint32_t last, const std::vector<RowRange>& ranges) {
  if (ranges.empty()) return;
  graph_.reset();
  const Graph graph = buildRopeGraph(model_, *cache_, first, last, ranges);
  executor_.allocate(graph);
  std::vector<int32_t> positions;
  for (const auto& [from, count] : ranges) {
    touch(from);
    for (uint32_t i = 0; i < count; i++) positions.push_back(static_cast<int32_t>(from + i));
  }
  setInput(graph.positions, positions);
  executor_.compute(graph);
}

Context::AttentionWeights Context::attentionWeights(const LayerRun& request, uint32_t layer) {
  const uint32_t count = request.count;
  const uint32_t end = request.rows[count - 1] + 1;
  const uint32_t kvRows = std::min(cache_->capacity(), (end + KV_STEP - 1) / KV_STEP * KV_STEP);
  graph_.reset();
  Graph graph = buildAttentionGraph(model_, memory(), layer, count, kvRows);
  executor_.allocate(graph);
  setInputs(graph, request);
  executor_.compute(graph);
  AttentionWeights weights{std::vector<float>(size_t{model_.config().heads} * graph.rows * kvRows), graph.rows, kvRows};
  ggml_backend_tensor_get(graph.logits, weights.values.data(), 0, weights.values.size() * sizeof(float));
  return weights;
}

std::vector<float> Context::attentionPaid(const uint32_t* rows, const uint32_t* hidden, uint32_t count,
                                          uint32_t layer) {
  LayerRun request;
  request.rows = rows;
  request.hidden = hidden;
  request.count = count;
  const AttentionWeights weights = attentionWeights(request, layer);
  const size_t heads = model_.config().heads;
  std::vector<float> paid(weights.kvRows);
  for (size_t head = 0; head < heads; head++) {
    for (size_t row = 0; row < count; row++) {
      const float* from = weights.values.data() + (head * weights.rows + row) * weights.kvRows;
      for (uint32_t i = 0; i < weights.kvRows; i++) paid[i] += from[i] / static_cast<float>(heads * count);
    }
  }
  return paid;
}

std::vector<float> Context::attentionOfEach(const LayerRun& request, uint32_t layer) {
  const AttentionWeights weights = attentionWeights(request, layer);
  const size_t count = request.count;
  const size_t heads = model_.config().heads, width = weights.kvRows;
  std::vector<float> paid(count * width);
  for (size_t head = 0; head < heads; head++) {
    for (size_t row = 0; row < count; row++) {
      const float* from = weights.values.data() + (head * weights.rows + row) * width;
      for (size_t i = 0; i < width; i++) paid[row * width + i] += from[i] / static_cast<float>(heads);
    }
  }
  return paid;
}

void Context::beginHidden(uint32_t rows) {
  if (hidden_ && hidden_->rows() >= rows) return;
  endHidden();
  hidden_ = std::make_unique<HiddenStates>(model_, rows);
}

void Context::endHidden() {
  graph_.reset();
  hidden_.reset();
}

void Context::ropeCaptured(uint32_t from, uint32_t count) {
  if (!capture_ || count > capture_->rows() || from + count > cache_->capacity())
    throw Error("internal", "Expected captured rows inside the cache, got others.");
  const size_t elements = size_t{count} * model_.config().kvWidth();
  for (KvPlanes& planes : cache_->parts()) {
    std::vector<uint16_t> packed(planes.isHost() ? 0 : elements * 2);
    for (uint32_t i = 0; i < planes.layers(); i++) {
      const uint32_t layer = planes.firstLayer() + i;
      const KvPlanes& keys = capture_->part(layer);
      if (planes.isHost()) {
        std::copy_n(keys.row(layer, 0, 0), elements, planes.row(layer, 0, from));
      } else {
        keys.download(layer, 0, 0, count, packed.data());
        planes.download(layer, 1, from, count, packed.data() + elements);
        planes.upload(layer, packed.data(), from, count);
      }
    }
  }
  rope(0, model_.config().layers, {{from, count}});
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
  Graph graph = buildGraph(model_, memory(), shape);
  executor_.allocate(graph);
  graph_ = std::move(graph);
  return *graph_;
}

void Context::setInputs(Graph& graph, const LayerRun& request) {
  const uint32_t count = graph.shape.tokens;
  // Padding repeats the last token's place; nothing reads its results.
  const auto padded = [&](auto value) {
    std::vector<int32_t> values(graph.rows);
    for (uint32_t i = 0; i < graph.rows; i++) values[i] = static_cast<int32_t>(value(std::min(i, count - 1)));
    return values;
  };
  const auto exact = [&](auto value) {
    std::vector<int64_t> values(count);
    for (uint32_t i = 0; i < count; i++) values[i] = value(i);
    return values;
  };
  const auto row = [&](uint32_t i) { return request.rows[i]; };
  const auto hiddenRow = [&](uint32_t i) { return request.hidden[i]; };
  if (isUsed(graph.tokens)) setInput(graph.tokens, padded([&](uint32_t i) { return request.tokens[i]; }));
  setInput(graph.positions, padded([&](uint32_t i) { return request.rows[i] + request.positionOffset; }));
  setInput(graph.cacheRows, exact(row));
  if (isUsed(graph.oldRows)) setInput(graph.oldRows, padded(row));
  if (isUsed(graph.hiddenIn)) setInput(graph.hiddenIn, padded(hiddenRow));
  if (isUsed(graph.hiddenOut)) setInput(graph.hiddenOut, exact(hiddenRow));
  if (isUsed(graph.captureRows)) setInput(graph.captureRows, exact([&](uint32_t i) { return *request.captureRow + i; }));
  if (graph.usesMask) {
    mask_.write({request.rows, request.rows + count}, graph.shape.kvRows, graph.queries, graph.lastQueries);
  }
}

}  // namespace kvasir::engine
