// A loaded model: what its file says, its tokenizer and its weights on their devices. Nothing here changes after
// loading.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "facts.h"
#include "kv_cache.h"
#include "vocabulary.h"
#include "weights.h"

namespace kvasir::engine {

struct LoadOptions {
  std::string device = "auto";
  // Nothing: as many as fit. Counted from the last layer; ignored on the CPU.
  std::optional<uint32_t> gpuLayers;
  // 0: the physical cores this process may use; one for a model so small that threads would only wait for each other.
  uint32_t threads = 0;
};

// For tests and experiments; the defaults are what users run.
struct TestOptions {
  // Runs graphs through ggml's scheduler although the CPU alone would not need it.
  bool forceScheduler = false;
  // Computes every step as libllama does, so bit-equal for any length: no attention of our own, no padding for the CPU's
  // fast kernels.
  bool asLibllama = false;
  // Multiplies the RoPE base; anything but 1 computes nonsense, which comparisons must notice.
  float ropeBaseScale = 1.0f;
};

class Model {
 public:
  // Reads, checks and loads. The errors of GgufFile, readModelConfig, Vocabulary, findDevice and Weights.
  Model(const std::string& path, const LoadOptions& options, const TestOptions& test = {});

  const ModelFacts& facts() const noexcept { return facts_; }
  const ModelConfig& config() const noexcept { return config_; }
  const Vocabulary& vocabulary() const noexcept { return vocabulary_; }
  const Weights& weights() const noexcept { return weights_; }
  const Placement& placement() const noexcept { return placement_; }
  const TestOptions& test() const noexcept { return test_; }
  const std::string& path() const noexcept { return file_->path(); }
  uint32_t threads() const noexcept { return threads_; }
  std::string deviceName() const;
  uint32_t gpuLayers() const;

 private:
  std::shared_ptr<const GgufFile> file_;
  TestOptions test_;
  ModelConfig config_;
  Vocabulary vocabulary_;
  ModelFacts facts_;
  uint32_t threads_;
  Placement placement_;
  Weights weights_;
};

}  // namespace kvasir::engine
