// Writes a GGUF with random weights: real shapes, meaningless words. For tests and benches.
#pragma once

#include <cstdint>
#include <string>

namespace kvasir::engine {

struct RandomModel {
  std::string path;
  std::string architecture;
  // f32, f16, bf16, q8_0, q4_0, q4_k or q6_k; norms and biases are f32 always.
  std::string type;
  uint32_t layers = 0;
  uint32_t embedding = 0;
  uint32_t feedForward = 0;
  uint32_t heads = 0;
  uint32_t kvHeads = 0;
  uint32_t headDim = 0;
  uint32_t vocabulary = 0;
  uint32_t contextLength = 131072;
  bool tied = false;
  double ropeBase = 500000;
  // none, llama3, yarn or linear.
  std::string ropeScaling = "none";
  uint64_t seed = 1;
};

// Returns the file's size in bytes. 'argument.invalid' for shapes that the type or the architecture does not allow,
// 'store.full' or 'file.unreadable' when it cannot be written.
uint64_t writeRandomModel(const RandomModel& model);

}  // namespace kvasir::engine
