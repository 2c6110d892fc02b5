#include "facts.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

namespace kvasir::engine {
namespace {

uint64_t elements(const GgufTensor& tensor) {
  uint64_t count = 1;
  for (const int64_t n : tensor.ne) count *= static_cast<uint64_t>(n);
  return count;
}

std::string commonType(const GgufFile& file) {
  std::map<ggml_type, uint64_t> bytes;
  for (const GgufTensor& tensor : file.tensors()) bytes[tensor.type] += tensor.bytes;
  const auto most =
      std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::string name = most == bytes.end() ? "" : ggml_type_name(most->first);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

}  // namespace

ModelFacts modelFacts(const GgufFile& file, const ModelConfig& config, const Vocabulary& vocabulary) {
  ModelFacts facts;
  facts.name = file.string("general.name").value_or("");
  if (facts.name.empty()) facts.name = std::filesystem::u8path(file.path()).stem().u8string();
  facts.architecture = config.architectureName;
  facts.quantization = commonType(file);
  for (const GgufTensor& tensor : file.tensors()) facts.parameters += elements(tensor);
  facts.fileBytes = file.file().size();
  facts.layers = config.layers;
  facts.embedding = config.embedding;
  facts.heads = config.heads;
  facts.kvHeads = config.kvHeads;
  facts.headDim = config.headDim;
  facts.vocabulary = config.vocabulary;
  facts.contextLength = config.contextLength;
  facts.kvBytesPerToken = config.kvBytesPerToken();
  facts.chatTemplate = file.string("tokenizer.chat_template");
  facts.bosToken = bosToken(file);
  facts.eosToken = eosToken(file);
  facts.addBos = vocabulary.addBos();
  facts.tokenizerDigest = tokenizerDigest(file);
  return facts;
}

ModelFacts inspect(const std::string& path) {
  const GgufFile file(path);
  const ModelConfig config = readModelConfig(file);
  const Vocabulary vocabulary(file);
  return modelFacts(file, config, vocabulary);
}

}  // namespace kvasir::engine
