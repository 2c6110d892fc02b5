// One stream of tokens through a model: the K/V cache, the graph last used and the executor. Rows of the cache are
// positions. Not for several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "executor.h"

namespace kvasir::engine {

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

  // Computes `count` tokens at positions `position`.. over the rows in front of them and appends the wanted logits, one
  // row of [vocabulary] each. With `captureRow`, K before RoPE goes to the capture's rows from there on.
  void run(const int32_t* tokens, uint32_t count, uint32_t position, Outputs outputs,
           std::vector<float>* logits = nullptr, std::optional<uint32_t> captureRow = {});
  // Room for K before RoPE of `rows` tokens, kept until `endCapture` or `discard`.
  const KeyCapture& beginCapture(uint32_t rows);
  void endCapture();
  // Applies RoPE to uploaded K in the rows [from, from + count).
  void rope(uint32_t from, uint32_t count);
  // Gives the rows [from, from + count) the K that an object file of the captured rows would give them.
  void ropeCaptured(uint32_t from, uint32_t count);

 private:
  Graph& graphFor(const GraphShape& shape);
  void setInputs(Graph& graph, const int32_t* tokens, uint32_t position, uint32_t captureRow);
  void fillMask(Graph& graph, uint32_t position);

  const Model& model_;
  Executor executor_;
  std::unique_ptr<KvCache> cache_;
  std::unique_ptr<KeyCapture> capture_;
  // Uses the cache's and the capture's memory: dropped before either is.
  std::optional<Graph> graph_;
  std::vector<uint16_t> mask_;
  // What `prepare` has made room for.
  uint32_t preparedTokens_ = 0;
  uint32_t preparedRows_ = 0;
};

// 'argument.invalid' unless every id is one of the vocabulary.
void checkTokens(const Model& model, const std::vector<int32_t>& tokens);

}  // namespace kvasir::engine
