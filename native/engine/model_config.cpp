#include "model_config.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_set>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

struct KnownArchitecture {
  const char* name;
  Architecture architecture;
  int ropeMode;
};

constexpr KnownArchitecture KNOWN[] = {
    {"llama", Architecture::Llama, GGML_ROPE_TYPE_NORMAL},
    {"qwen2", Architecture::Qwen2, GGML_ROPE_TYPE_NEOX},
    {"qwen3", Architecture::Qwen3, GGML_ROPE_TYPE_NEOX},
};

// Types that CPU kernels multiply and look up rows of.
bool isWeightType(ggml_type type) {
  switch (type) {
    case GGML_TYPE_F32:
    case GGML_TYPE_F16:
    case GGML_TYPE_BF16:
    case GGML_TYPE_Q4_0:
    case GGML_TYPE_Q4_1:
    case GGML_TYPE_Q5_0:
    case GGML_TYPE_Q5_1:
    case GGML_TYPE_Q8_0:
    case GGML_TYPE_Q2_K:
    case GGML_TYPE_Q3_K:
    case GGML_TYPE_Q4_K:
    case GGML_TYPE_Q5_K:
    case GGML_TYPE_Q6_K:
    case GGML_TYPE_IQ1_S:
    case GGML_TYPE_IQ1_M:
    case GGML_TYPE_IQ2_XXS:
    case GGML_TYPE_IQ2_XS:
    case GGML_TYPE_IQ2_S:
    case GGML_TYPE_IQ3_XXS:
    case GGML_TYPE_IQ3_S:
    case GGML_TYPE_IQ4_NL:
    case GGML_TYPE_IQ4_XS:
    case GGML_TYPE_TQ1_0:
    case GGML_TYPE_TQ2_0:
    case GGML_TYPE_MXFP4: return true;
    default: return false;
  }
}

// Metadata of one file, with the architecture's prefix, and the refusals.
class Metadata {
 public:
  Metadata(const GgufFile& file, std::string prefix) : file_(file), prefix_(std::move(prefix)) {}

  std::string key(const std::string& name) const { return prefix_ + "." + name; }

  uint32_t bounded(const std::string& name, std::optional<uint32_t> fallback, uint32_t limit) const {
    std::optional<uint32_t> value = perLayer(name);
    if (!value) value = fallback;
    if (!value) damaged("has no " + key(name));
    if (*value < 1 || *value > limit) {
      damaged("has " + key(name) + " = " + std::to_string(*value) + " where 1 to " + std::to_string(limit) +
              " is expected");
    }
    return *value;
  }

  [[noreturn]] void damaged(const std::string& what) const {
    throw Error("model.damaged", "Expected a model that agrees with itself, but " + file_.path() + " " + what + ".");
  }

  [[noreturn]] void unsupported(const std::string& what) const {
    throw Error("model.unsupported",
                "Expected a plain decoder of " + prefix_ + ", but " + file_.path() + " " + what + ".");
  }

  const GgufFile& file() const { return file_; }

 private:
  // Some converters write one number per layer; only equal ones are supported.
  std::optional<uint32_t> perLayer(const std::string& name) const {
    const GgufValue* value = file_.find(key(name));
    if (!value || value->type != GgufType::Array) return file_.u32(key(name));
    const auto& array = std::get<GgufArray>(value->content);
    if ((array.type != GgufType::U32 && array.type != GgufType::I32) || array.count < 1)
      damaged("has a bad " + key(name));
    uint32_t first = 0;
    for (uint64_t i = 0; i < array.count; i++) {
      uint32_t number;
      std::memcpy(&number, array.data + i * sizeof number, sizeof number);
      if (i == 0) first = number;
      if (number != first) unsupported("has another " + key(name) + " in every layer");
    }
    return first;
  }

  const GgufFile& file_;
  std::string prefix_;
};

const KnownArchitecture& readArchitecture(const GgufFile& file) {
  const std::optional<std::string> name = file.string("general.architecture");
  if (!name) throw Error("model.damaged", "Expected general.architecture in " + file.path() + ", which lacks it.");
  for (const KnownArchitecture& known : KNOWN) {
    if (*name == known.name) return known;
  }
  std::string list;
  for (const std::string& each : architectureNames()) list += (list.empty() ? "" : ", ") + each;
  throw Error("model.unsupported", "Expected a model of one of the architectures " + list + ", but " + file.path() +
                                       " is of " + *name + ". Choose another model.");
}

float yarnMagnitude(float factor) { return factor <= 1.0f ? 1.0f : 0.1f * std::log(factor) + 1.0f; }

// The same rules, in the same float operations, by which libllama fills a context's parameters from metadata.
RopeConfig readRope(const Metadata& meta, int mode, uint32_t contextLength) {
  const GgufFile& file = meta.file();
  RopeConfig rope;
  rope.mode = mode;
  rope.base = file.f32(meta.key("rope.freq_base")).value_or(10000.0f);
  if (!(rope.base > 1.0f)) meta.damaged("has a rope.freq_base of " + std::to_string(rope.base));
  const std::string scaling = file.string(meta.key("rope.scaling.type")).value_or("linear");
  if (scaling != "none" && scaling != "linear" && scaling != "yarn") {
    meta.unsupported("scales its positions by \"" + scaling + "\" (supported: none, linear, yarn)");
  }
  std::optional<float> factor = file.f32(meta.key("rope.scaling.factor"));
  if (!factor) factor = file.f32(meta.key("rope.scale_linear"));
  if (factor && *factor < 0.0f) meta.damaged("has a negative rope.scaling.factor");
  if (factor && *factor != 0.0f && scaling != "none") rope.scale = 1.0f / *factor;
  const uint32_t original = file.u32(meta.key("rope.scaling.original_context_length")).value_or(0);
  rope.originalContext = static_cast<int>(original != 0 ? std::min(original, MAX_CONTEXT) : contextLength);
  rope.extFactor = scaling == "yarn" ? 1.0f : 0.0f;
  if (rope.extFactor != 0.0f) {
    const float stretch = 1.0f / rope.scale;
    // ggml multiplies by 1 + 0.1 ln(stretch) itself, so that part is taken out again.
    rope.attnFactor = yarnMagnitude(stretch);
    rope.attnFactor *= 1.0f / (1.0f + 0.1f * std::log(stretch));
  }
  rope.attnFactor *= file.f32(meta.key("rope.scaling.attn_factor")).value_or(1.0f);
  return rope;
}

void refuseVariants(const Metadata& meta) {
  const GgufFile& file = meta.file();
  if (file.u32(meta.key("expert_count")).value_or(0) > 0) meta.unsupported("is a mixture of experts");
  if (!file.boolean(meta.key("attention.causal")).value_or(true)) meta.unsupported("has attention that is not causal");
  if (file.u32("split.count").value_or(0) > 1) {
    meta.unsupported("is split over several files; join them with llama.cpp's gguf-split");
  }
}

uint32_t vocabularySize(const Metadata& meta) {
  const GgufArray* tokens = meta.file().array("tokenizer.ggml.tokens", GgufType::String);
  if (!tokens) meta.unsupported("carries no tokenizer (tokenizer.ggml.tokens)");
  if (tokens->count < 1 || tokens->count > MAX_VOCABULARY) {
    meta.damaged("has a vocabulary of " + std::to_string(tokens->count) + " tokens");
  }
  const auto size = static_cast<uint32_t>(tokens->count);
  const std::optional<uint32_t> stated = meta.file().u32(meta.key("vocab_size"));
  if (stated && *stated != size) {
    meta.damaged("states a vocabulary of " + std::to_string(*stated) + " but lists " + std::to_string(size) +
                 " tokens");
  }
  return size;
}

std::string shapeText(const int64_t* ne, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; i++) text += (i ? " x " : "") + std::to_string(ne[i]);
  return text;
}

void checkTensor(const Metadata& meta, const TensorSpec& spec, const std::string& name) {
  const GgufTensor* tensor = meta.file().tensor(name);
  if (!tensor) {
    if (spec.required) meta.damaged("lacks the tensor " + name);
    return;
  }
  bool same = true;
  for (size_t i = 0; i < GGML_MAX_DIMS; i++)
    same = same && tensor->ne[i] == (i < spec.shape.size() ? spec.shape[i] : 1);
  if (!same) {
    meta.damaged("holds " + name + " with the shape " + shapeText(tensor->ne.data(), tensor->dimensions) + " where " +
                 shapeText(spec.shape.data(), spec.shape.size()) + " is expected");
  }
  if (spec.matrix ? !isWeightType(tensor->type) : tensor->type != GGML_TYPE_F32) {
    meta.unsupported("holds " + name + " as " + ggml_type_name(tensor->type) + ", where " +
                     (spec.matrix ? "a type of weights" : "f32") + " is expected");
  }
}

void checkTensors(const Metadata& meta, const ModelConfig& config) {
  std::unordered_set<std::string> known;
  const auto check = [&](const TensorSpec& spec, const std::string& name) {
    checkTensor(meta, spec, name);
    known.insert(name);
  };
  for (const TensorSpec& spec : globalTensors(config)) check(spec, spec.name);
  const std::vector<TensorSpec> perLayer = layerTensors(config);
  for (uint32_t layer = 0; layer < config.layers; layer++) {
    for (const TensorSpec& spec : perLayer) check(spec, "blk." + std::to_string(layer) + "." + spec.name);
  }
  for (const GgufTensor& tensor : meta.file().tensors()) {
    if (known.count(tensor.name) == 0)
      meta.unsupported("holds the tensor " + tensor.name + ", which this engine does not use");
  }
}

}  // namespace

const std::vector<std::string>& architectureNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const KnownArchitecture& known : KNOWN) list.emplace_back(known.name);
    return list;
  }();
  return names;
}

std::vector<TensorSpec> globalTensors(const ModelConfig& config) {
  const int64_t embedding = config.embedding, vocabulary = config.vocabulary;
  std::vector<TensorSpec> specs{
      {"token_embd.weight", {embedding, vocabulary}, true, true},
      {"output_norm.weight", {embedding}, true, false},
      {"output.weight", {embedding, vocabulary}, false, true},
  };
  if (config.architecture == Architecture::Llama)
    specs.push_back({"rope_freqs.weight", {config.headDim / 2}, false, false});
  if (config.architecture == Architecture::Qwen2) specs.push_back({"output.bias", {vocabulary}, false, false});
  return specs;
}

std::vector<TensorSpec> layerTensors(const ModelConfig& config) {
  const int64_t embedding = config.embedding, feedForward = config.feedForward, headDim = config.headDim;
  const int64_t queries = headDim * config.heads, keys = config.kvWidth();
  std::vector<TensorSpec> specs{
      {"attn_norm.weight", {embedding}, true, false},
      {"attn_q.weight", {embedding, queries}, true, true},
      {"attn_k.weight", {embedding, keys}, true, true},
      {"attn_v.weight", {embedding, keys}, true, true},
      {"attn_q.bias", {queries}, false, false},
      {"attn_k.bias", {keys}, false, false},
      {"attn_v.bias", {keys}, false, false},
      {"attn_output.weight", {queries, embedding}, true, true},
      {"ffn_norm.weight", {embedding}, true, false},
      {"ffn_gate.weight", {embedding, feedForward}, true, true},
      {"ffn_up.weight", {embedding, feedForward}, true, true},
      {"ffn_down.weight", {feedForward, embedding}, true, true},
  };
  if (config.architecture == Architecture::Llama) {
    specs.push_back({"attn_output.bias", {embedding}, false, false});
    specs.push_back({"ffn_gate.bias", {feedForward}, false, false});
    specs.push_back({"ffn_up.bias", {feedForward}, false, false});
    specs.push_back({"ffn_down.bias", {embedding}, false, false});
  }
  if (config.architecture == Architecture::Qwen3) {
    specs.push_back({"attn_q_norm.weight", {headDim}, true, false});
    specs.push_back({"attn_k_norm.weight", {headDim}, true, false});
  }
  return specs;
}

ModelConfig readModelConfig(const GgufFile& file) {
  const KnownArchitecture& known = readArchitecture(file);
  const Metadata meta(file, known.name);
  refuseVariants(meta);
  ModelConfig config;
  config.architecture = known.architecture;
  config.architectureName = known.name;
  config.layers = meta.bounded("block_count", {}, MAX_LAYERS);
  config.embedding = meta.bounded("embedding_length", {}, MAX_EMBEDDING);
  config.feedForward = meta.bounded("feed_forward_length", {}, MAX_FEED_FORWARD);
  config.heads = meta.bounded("attention.head_count", {}, MAX_HEADS);
  config.kvHeads = meta.bounded("attention.head_count_kv", config.heads, MAX_HEADS);
  config.contextLength = meta.bounded("context_length", {}, MAX_CONTEXT);
  config.vocabulary = vocabularySize(meta);
  if (config.heads % config.kvHeads != 0) {
    meta.damaged("has " + std::to_string(config.heads) + " heads, which " + std::to_string(config.kvHeads) +
                 " key/value heads do not divide");
  }
  const uint32_t perHead = config.embedding / config.heads;
  config.headDim = meta.bounded("attention.key_length", perHead, MAX_HEAD_DIM);
  const uint32_t valueDim = meta.bounded("attention.value_length", perHead, MAX_HEAD_DIM);
  const uint32_t rotated = meta.bounded("rope.dimension_count", config.headDim, MAX_HEAD_DIM);
  if (valueDim != config.headDim || rotated != config.headDim) {
    meta.unsupported("has heads of " + std::to_string(config.headDim) + " key, " + std::to_string(valueDim) +
                     " value and " + std::to_string(rotated) + " rotated elements (supported: all the same)");
  }
  if (config.headDim % 2 != 0)
    meta.damaged("has heads of " + std::to_string(config.headDim) + " elements, an odd number");
  const std::optional<float> epsilon = file.f32(meta.key("attention.layer_norm_rms_epsilon"));
  if (!epsilon || !(*epsilon >= 0.0f)) meta.damaged("has no usable attention.layer_norm_rms_epsilon");
  config.normEpsilon = *epsilon;
  config.rope = readRope(meta, known.ropeMode, config.contextLength);
  config.tied = file.tensor("output.weight") == nullptr;
  checkTensors(meta, config);
  return config;
}

}  // namespace kvasir::engine
