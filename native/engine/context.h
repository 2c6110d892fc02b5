// One stream of tokens through a model: the K/V cache, the graph last used and the executor. Rows of the cache are
// positions. Not for several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "executor.h"
#include "mask.h"

namespace kvasir::engine {

// Some rows through some layers.
struct LayerRun {
  // Read at layer 0.
  const int32_t* tokens = nullptr;
  // Ascending rows of the cache; each sees the keys up to its own row, whatever else is in the cache.
  const uint32_t* rows = nullptr;
  // Rows of the hidden states, where they are read or written.
  const uint32_t* hidden = nullptr;
  uint32_t count = 0;
  LayerSpan layers;
  Outputs outputs = Outputs::None;
  bool keepHidden = false;
  // K before RoPE goes to the capture's rows from here on.
  std::optional<uint32_t> captureRow;
  // Added to every row for its position.
  uint32_t positionOffset = 0;
  // First layer of those whose deviations are wanted.
  uint32_t deviationFrom = NO_LAYER;
  // Computed as libllama does, as in TestOptions.
  bool asLibllama = false;
};

// Per layer from `deviationFrom` whose K/V were computed, [count]: sum of squared differences from what the rows held.
struct RowDeviations {
  std::vector<std::vector<float>> k, v;
};

class Context {
 public:
  explicit Context(const Model& model);

  const Model& model() const noexcept { return model_; }
  // Makes room for `tokens` tokens; the first `keep` rows outlast a growth, the others may be lost.
  // 'engine.context-too-long' beyond the model's limit, 'engine.memory'.
  void reserve(uint32_t tokens, uint32_t keep = 0);
  // Makes room for computing up to `tokens` at once anywhere in the cache: buffers that grow in the middle of a job are
  // slow, and some drivers crash on them.
  void prepare(uint32_t tokens);
  // Forgets the cache after a failed job: it may hold numbers that are not finite, which no mask would hide.
  void discard();
  KvCache& cache() noexcept { return *cache_; }
  void watch(const AbortFlag* flag) { executor_.watch(flag); }

  // Computes rows through layers; logits are appended, one row of [vocabulary] each, deviations one list per layer.
  void run(const LayerRun& request, std::vector<float>* logits = nullptr, RowDeviations* deviations = nullptr);
  // Computes `count` tokens through the whole model at positions `position`.. over the rows in front of them and appends the wanted logits, one
  // row of [vocabulary] each. With `captureRow`, K before RoPE goes to the capture's rows from there on.
  void run(const int32_t* tokens, uint32_t count, uint32_t position, Outputs outputs,
           std::vector<float>* logits = nullptr, std::optional<uint32_t> captureRow = {});
  // Room for K before RoPE of `rows` tokens, kept until `endCapture` or `discard`.
  const KeyCapture& beginCapture(uint32_t rows);
  void endCapture();
  // Room for hidden states of `rows` tokens, kept until `endHidden` or `discard`.
  void beginHidden(uint32_t rows);
  void endHidden();
  // Mean attention over heads and rows that hidden states pay to each row of the cache at a layer whose K are there.
  std::vector<float> attentionPaid(const uint32_t* rows, const uint32_t* hidden, uint32_t count, uint32_t layer);
  // The same of each row by itself, of tokens at layer 0: [count][rows of the cache up to a step behind the last one].
  std::vector<float> attentionOfEach(const LayerRun& request, uint32_t layer);
  // Applies RoPE to uploaded K of the ranges' rows in the layers [first, last).
  void rope(uint32_t first, uint32_t last, const std::vector<RowRange>& ranges);
  // Gives the rows [from, from + count) the K that an object file of the captured rows would give them.
  void ropeCaptured(uint32_t from, uint32_t count);

  // Layers that `outputs` need.
  LayerSpan wholeModel(Outputs outputs) const;
  // Tokens whose K/V, computed as they stand here and alone, the first rows hold, until something else is computed there.
  const std::vector<int32_t>& front() const noexcept { return front_; }
  void setFront(const std::vector<int32_t>& tokens) { front_ = tokens; }
  // What the first rows hold, as their caller names it, until something else is computed over them; empty: nothing known.
  const std::string& resident() const noexcept { return resident_; }
  void setResident(const std::string& name, uint32_t rows);

 private:
  // Weights of `rows` hidden states, padded, over the keys of a layer: [heads][rows][kvRows].
  struct AttentionWeights {
    std::vector<float> values;
    uint32_t rows = 0;
    uint32_t kvRows = 0;
  };
  AttentionWeights attentionWeights(const LayerRun& request, uint32_t layer);
  GraphMemory memory() { return {cache_.get(), &mask_, capture_.get(), hidden_.get()}; }
  void touch(uint32_t row);
  Graph& graphFor(const GraphShape& shape);
  void setInputs(Graph& graph, const LayerRun& request);

  const Model& model_;
  Executor executor_;
  std::unique_ptr<KvCache> cache_;
  std::unique_ptr<KeyCapture> capture_;
  std::unique_ptr<HiddenStates> hidden_;
  Mask mask_;
  // Uses the memory of all of these: dropped before any is.
  std::optional<Graph> graph_;
  // What `prepare` has made room for.
  uint32_t preparedTokens_ = 0;
  uint32_t preparedRows_ = 0;
  std::vector<int32_t> front_;
  std::string resident_;
  uint32_t residentRows_ = 0;
};

// 'argument.invalid' unless every id is one of the vocabulary.
void checkTokens(const Model& model, const std::vector<int32_t>& tokens);

}  // namespace kvasir::engine
