// libllama computing the same file in the same process, with the same threads, sub-batches, flash attention and
// repacked weights: what parity tests compare with and benches measure against.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "devices.h"

namespace kvasir::engine {

struct OracleOptions {
  uint32_t threads = 1;
  uint32_t subBatch = 512;
  // Tokens the context holds.
  uint32_t capacity = 0;
  // Null: the CPU alone.
  ggml_backend_dev_t device = nullptr;
  uint32_t gpuLayers = 0;
};

class Oracle {
 public:
  // 'engine.failed' when libllama refuses the file or the options.
  Oracle(const std::string& path, const OracleOptions& options);

  // Forgets all tokens.
  void clear();
  // Computes tokens behind those before; appends the logits of all of them or of the last one.
  void run(const std::vector<int32_t>& tokens, bool all, std::vector<float>& logits);
  const OracleOptions& options() const noexcept { return options_; }

 private:
  OracleOptions options_;
  Owned<llama_model> model_;
  Owned<llama_context> context_;
  uint32_t position_ = 0;
  size_t vocabulary_ = 0;
};

}  // namespace kvasir::engine
