// What a user is told about a model file, without loading its weights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gguf_file.h"
#include "model_config.h"
#include "vocabulary.h"

namespace kvasir::engine {

struct ModelFacts {
  std::string name;
  std::string architecture;
  // Upper-case name of the type that most weight bytes have.
  std::string quantization;
  uint64_t parameters = 0;
  uint64_t fileBytes = 0;
  uint32_t layers = 0;
  uint32_t embedding = 0;
  uint32_t heads = 0;
  uint32_t kvHeads = 0;
  uint32_t headDim = 0;
  uint32_t vocabulary = 0;
  uint32_t contextLength = 0;
  uint64_t kvBytesPerToken = 0;
  std::optional<std::string> chatTemplate;
  std::optional<SpecialToken> bosToken;
  std::optional<SpecialToken> eosToken;
  bool addBos = false;
  std::string tokenizerDigest;
};

ModelFacts modelFacts(const GgufFile& file, const ModelConfig& config, const Vocabulary& vocabulary);

// Reads and checks a file as loading would, weights excepted.
ModelFacts inspect(const std::string& path);

}  // namespace kvasir::engine
