// A model's weights in memory: mapped from the file where the CPU uses them as they are, repacked by ggml where that is
// faster, copied where a layer runs on another device.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "devices.h"
#include "gguf_file.h"
#include "model_config.h"

namespace kvasir::engine {

// Null where a model has no such tensor. Matrices are [inputs, outputs], as mul_mat takes them.
struct LayerWeights {
  ggml_tensor* attnNorm = nullptr;
  ggml_tensor* q = nullptr;
  ggml_tensor* k = nullptr;
  ggml_tensor* v = nullptr;
  ggml_tensor* qBias = nullptr;
  ggml_tensor* kBias = nullptr;
  ggml_tensor* vBias = nullptr;
  ggml_tensor* qNorm = nullptr;
  ggml_tensor* kNorm = nullptr;
  ggml_tensor* output = nullptr;
  ggml_tensor* outputBias = nullptr;
  ggml_tensor* ffnNorm = nullptr;
  ggml_tensor* gate = nullptr;
  ggml_tensor* gateBias = nullptr;
  ggml_tensor* up = nullptr;
  ggml_tensor* upBias = nullptr;
  ggml_tensor* down = nullptr;
  ggml_tensor* downBias = nullptr;
};

class Weights {
 public:
  // Layers from `firstOffloaded` on go to `device` (null: the CPU alone), and the output with them.
  // 'engine.memory' when they do not fit.
  Weights(std::shared_ptr<const GgufFile> file, const ModelConfig& config, ggml_backend_dev_t device,
          uint32_t firstOffloaded);

  // Looked up by rows, always on the CPU.
  ggml_tensor* embedding = nullptr;
  ggml_tensor* outputNorm = nullptr;
  ggml_tensor* output = nullptr;
  ggml_tensor* outputBias = nullptr;
  std::vector<LayerWeights> layers;

  // Divisors of RoPE's frequencies for a layer, [head_dim / 2], or null.
  ggml_tensor* ropeFactors(uint32_t layer) const;
  // Bytes of all buffers, mapped ones included.
  uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct Placement {
    ggml_tensor* tensor;
    const uint8_t* source;
  };

  ggml_tensor* place(const GgufTensor& source, bool matrix, bool offloaded, const std::string& suffix = "");
  void placeAll(const ModelConfig& config);
  // Gives all placed tensors memory and copies them there.
  void allocate();
  void fill(ggml_backend_buffer_type_t type, size_t size, const Placement* placements, size_t count);

  std::shared_ptr<const GgufFile> file_;
  ggml_backend_dev_t device_;
  uint32_t firstOffloaded_;
  Owned<ggml_context> context_;
  Owned<ggml_backend_buffer> mapped_;
  std::vector<ggml_backend_buffer_type_t> repackTypes_;
  std::map<ggml_backend_buffer_type_t, std::vector<Placement>> pending_;
  std::vector<Owned<ggml_backend_buffer>> buffers_;
  ggml_tensor* cpuRopeFactors_ = nullptr;
  ggml_tensor* deviceRopeFactors_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace kvasir::engine
