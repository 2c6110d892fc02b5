// What a GGUF's metadata says about the network, checked against itself and against the tensors that the file holds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gguf_file.h"

namespace kvasir::engine {

constexpr uint32_t MAX_LAYERS = 512;
constexpr uint32_t MAX_EMBEDDING = 1u << 17;
constexpr uint32_t MAX_FEED_FORWARD = 1u << 19;
constexpr uint32_t MAX_HEADS = 1024;
constexpr uint32_t MAX_HEAD_DIM = 1024;
constexpr uint32_t MAX_VOCABULARY = 1u << 21;
constexpr uint32_t MAX_CONTEXT = 1u << 24;

// Mistral is `llama`.
enum class Architecture { Llama, Qwen2, Qwen3 };

// Arguments of ggml_rope_ext, with libllama's defaults for a context.
struct RopeConfig {
  // GGML_ROPE_TYPE_NORMAL (pairs side by side) or GGML_ROPE_TYPE_NEOX (pairs half a head apart).
  int mode = 0;
  float base = 10000.0f;
  float scale = 1.0f;
  int originalContext = 0;
  float extFactor = 0.0f;
  float attnFactor = 1.0f;
  float betaFast = 32.0f;
  float betaSlow = 1.0f;
};

struct ModelConfig {
  Architecture architecture = Architecture::Llama;
  std::string architectureName;
  uint32_t layers = 0;
  uint32_t embedding = 0;
  uint32_t feedForward = 0;
  uint32_t heads = 0;
  uint32_t kvHeads = 0;
  uint32_t headDim = 0;
  uint32_t vocabulary = 0;
  uint32_t contextLength = 0;
  float normEpsilon = 0.0f;
  RopeConfig rope;
  bool tied = false;

  // Elements of K (and of V) for one token in one layer.
  uint32_t kvWidth() const { return kvHeads * headDim; }
  // f16 bytes of K and V for one token over all layers.
  uint64_t kvBytesPerToken() const { return 2ull * 2 * kvWidth() * layers; }
};

// Architectures as `general.architecture` names them, for error texts and the random model.
const std::vector<std::string>& architectureNames();

// One tensor the graph uses. `name` has no layer prefix for repeating tensors.
struct TensorSpec {
  std::string name;
  std::vector<int64_t> shape;
  bool required = true;
  // Norms and biases are f32; matrices may have any type that CPU kernels multiply.
  bool matrix = false;
};

// Tensors outside the layers, and those of each layer (behind "blk.<n>.").
std::vector<TensorSpec> globalTensors(const ModelConfig& config);
std::vector<TensorSpec> layerTensors(const ModelConfig& config);

// Reads and checks metadata and tensor table: dimensions consistent, every tensor there with the expected shape and a
// usable type, none that the graph would ignore. 'model.unsupported' or 'model.damaged'.
ModelConfig readModelConfig(const GgufFile& file);

}  // namespace kvasir::engine
