#include "random_model.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "../codec/error.h"
#include "gguf_writer.h"
#include "model_config.h"

namespace kvasir::engine {
namespace {

struct NamedType {
  const char* name;
  ggml_type type;
};

constexpr NamedType TYPES[] = {
    {"f32", GGML_TYPE_F32},   {"f16", GGML_TYPE_F16},   {"bf16", GGML_TYPE_BF16}, {"q8_0", GGML_TYPE_Q8_0},
    {"q4_0", GGML_TYPE_Q4_0}, {"q4_k", GGML_TYPE_Q4_K}, {"q6_k", GGML_TYPE_Q6_K},
};

constexpr uint32_t MIN_VOCABULARY = 1024;
// Llama 3.1's: frequencies below the low wavelength stay, those above the high one are divided, a ramp between.
constexpr double LLAMA3_FACTOR = 32, LLAMA3_LOW = 1, LLAMA3_HIGH = 4, LLAMA3_CONTEXT = 8192;
constexpr float SCALING_FACTOR = 4.0f;
constexpr double PI = 3.14159265358979323846;

enum class Fill { Weights, AroundOne, AroundZero, RopeFactors };

// xorshift64* (Vigna 2016): the same bits on every platform.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 1) {}

  uint64_t bits() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Dull;
  }

  // Nearly normal with variance 1: the sum of four uniform 16-bit numbers.
  float normal() {
    const uint64_t r = bits();
    const auto sum = static_cast<float>((r & 0xffff) + (r >> 16 & 0xffff) + (r >> 32 & 0xffff) + (r >> 48));
    return (sum / 65536.0f - 2.0f) * 1.7320508f;
  }

 private:
  uint64_t state_;
};

ggml_type typeOf(const RandomModel& model) {
  for (const NamedType& each : TYPES) {
    if (model.type == each.name) return each.type;
  }
  throw Error("argument.invalid",
              "Expected a weight type among f32, f16, bf16, q8_0, q4_0, q4_k, q6_k, got " + model.type + ".");
}

Architecture architectureOf(const RandomModel& model) {
  if (model.architecture == "llama") return Architecture::Llama;
  if (model.architecture == "qwen2") return Architecture::Qwen2;
  if (model.architecture == "qwen3") return Architecture::Qwen3;
  throw Error("argument.invalid",
              "Expected an architecture among llama, qwen2, qwen3, got " + model.architecture + ".");
}

void require(bool holds, const std::string& what) {
  if (!holds) throw Error("argument.invalid", "Expected " + what + " for a random model.");
}

void check(const RandomModel& model, ggml_type type) {
  const auto inside = [](uint32_t value, uint32_t limit) { return value >= 1 && value <= limit; };
  require(inside(model.layers, MAX_LAYERS) && inside(model.embedding, MAX_EMBEDDING) &&
              inside(model.feedForward, MAX_FEED_FORWARD) && inside(model.heads, MAX_HEADS) &&
              inside(model.kvHeads, MAX_HEADS) && inside(model.headDim, MAX_HEAD_DIM) &&
              inside(model.vocabulary, MAX_VOCABULARY) && inside(model.contextLength, MAX_CONTEXT),
          "dimensions within the limits of a model");
  require(model.vocabulary >= MIN_VOCABULARY, "a vocabulary of at least " + std::to_string(MIN_VOCABULARY));
  require(model.heads % model.kvHeads == 0, "key/value heads that divide the heads");
  require(model.headDim % 2 == 0, "an even head_dim");
  require(model.ropeBase > 1, "a RoPE base above 1");
  require(model.ropeScaling != "llama3" || model.architecture == "llama",
          "llama3 scaling with the architecture llama only");
  const auto block = static_cast<uint32_t>(ggml_blck_size(type));
  require(model.embedding % block == 0 && model.feedForward % block == 0 && model.heads * model.headDim % block == 0,
          "rows in multiples of " + std::to_string(block) + ", as " + model.type + " packs them,");
}

std::string utf8(uint32_t point) {
  if (point < 0x80) return std::string(1, static_cast<char>(point));
  return {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 63))};
}

// GPT-2's printable stand-ins for the 256 bytes.
std::vector<std::string> byteTokens() {
  std::vector<std::string> tokens;
  uint32_t next = 256;
  for (uint32_t byte = 0; byte < 256; byte++) {
    const bool printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    tokens.push_back(utf8(printable ? byte : next++));
  }
  return tokens;
}

// 256 bytes, pairs of small letters with their merges, filler, and two control tokens at the end.
void setTokenizer(GgufWriter& writer, uint32_t vocabulary) {
  std::vector<std::string> tokens = byteTokens(), merges;
  for (char a = 'a'; a <= 'z'; a++) {
    for (char b = 'a'; b <= 'z'; b++) {
      tokens.push_back({a, b});
      merges.push_back({a, ' ', b});
    }
  }
  std::vector<int32_t> types(tokens.size(), LLAMA_TOKEN_TYPE_NORMAL);
  while (tokens.size() + 2 < vocabulary) {
    tokens.push_back("<filler" + std::to_string(tokens.size()) + ">");
    types.push_back(LLAMA_TOKEN_TYPE_NORMAL);
  }
  for (const char* control : {"<|begin|>", "<|stop|>"}) {
    tokens.push_back(control);
    types.push_back(LLAMA_TOKEN_TYPE_CONTROL);
  }
  writer.set("tokenizer.ggml.model", std::string("gpt2"));
  writer.set("tokenizer.ggml.pre", std::string("llama-bpe"));
  writer.set("tokenizer.ggml.tokens", tokens);
  writer.set("tokenizer.ggml.token_type", types);
  writer.set("tokenizer.ggml.merges", merges);
  writer.set("tokenizer.ggml.bos_token_id", vocabulary - 2);
  writer.set("tokenizer.ggml.eos_token_id", vocabulary - 1);
  writer.set("tokenizer.ggml.add_bos_token", true);
}

void setMetadata(GgufWriter& writer, const RandomModel& model) {
  const auto key = [&](const char* name) { return model.architecture + "." + name; };
  writer.set("general.architecture", model.architecture);
  writer.set("general.name", "Random " + model.architecture);
  writer.set(key("block_count"), model.layers);
  writer.set(key("context_length"), model.contextLength);
  writer.set(key("embedding_length"), model.embedding);
  writer.set(key("feed_forward_length"), model.feedForward);
  writer.set(key("attention.head_count"), model.heads);
  writer.set(key("attention.head_count_kv"), model.kvHeads);
  writer.set(key("attention.key_length"), model.headDim);
  writer.set(key("attention.value_length"), model.headDim);
  writer.set(key("attention.layer_norm_rms_epsilon"), 1e-5f);
  writer.set(key("rope.dimension_count"), model.headDim);
  writer.set(key("rope.freq_base"), static_cast<float>(model.ropeBase));
  writer.set(key("vocab_size"), model.vocabulary);
  if (model.ropeScaling == "yarn" || model.ropeScaling == "linear") {
    writer.set(key("rope.scaling.type"), model.ropeScaling);
    writer.set(key("rope.scaling.factor"), SCALING_FACTOR);
    writer.set(key("rope.scaling.original_context_length"),
               std::max(1u, model.contextLength / static_cast<uint32_t>(SCALING_FACTOR)));
  }
}

ModelConfig configOf(const RandomModel& model) {
  ModelConfig config;
  config.architecture = architectureOf(model);
  config.layers = model.layers;
  config.embedding = model.embedding;
  config.feedForward = model.feedForward;
  config.heads = model.heads;
  config.kvHeads = model.kvHeads;
  config.headDim = model.headDim;
  config.vocabulary = model.vocabulary;
  return config;
}

struct Planned {
  TensorSpec spec;
  std::string name;
  ggml_type type;
};

bool endsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::vector<Planned> plan(const RandomModel& model, ggml_type type) {
  const ModelConfig config = configOf(model);
  std::vector<Planned> tensors;
  const auto add = [&](const TensorSpec& spec, const std::string& prefix) {
    const bool bias = endsWith(spec.name, ".bias");
    // Qwen 2 has biases on q, k and v; the other optional ones are left out.
    if (bias && (config.architecture != Architecture::Qwen2 || spec.name == "output.bias")) return;
    if (spec.name == "output.weight" && model.tied) return;
    if (spec.name == "rope_freqs.weight" && model.ropeScaling != "llama3") return;
    tensors.push_back({spec, prefix + spec.name, spec.matrix ? type : GGML_TYPE_F32});
  };
  for (const TensorSpec& spec : globalTensors(config)) add(spec, "");
  for (uint32_t layer = 0; layer < model.layers; layer++) {
    for (const TensorSpec& spec : layerTensors(config)) add(spec, "blk." + std::to_string(layer) + ".");
  }
  return tensors;
}

Fill fillOf(const TensorSpec& spec) {
  if (spec.matrix) return Fill::Weights;
  if (spec.name == "rope_freqs.weight") return Fill::RopeFactors;
  return endsWith(spec.name, ".bias") ? Fill::AroundZero : Fill::AroundOne;
}

// Spreads that keep activations of a random network near 1 and its attention uneven, at any width.
float spread(const TensorSpec& spec) {
  const float perInput = 1.0f / std::sqrt(static_cast<float>(spec.shape[0]));
  if (spec.name == "token_embd.weight") return 0.3f;
  if (spec.name == "attn_q.weight" || spec.name == "attn_k.weight") return 2.0f * perInput;
  if (spec.name == "ffn_down.weight") return 0.5f * perInput;
  return perInput;
}

float ropeFactor(const RandomModel& model, size_t pair) {
  const double frequency = std::pow(model.ropeBase, -2.0 * static_cast<double>(pair) / model.headDim);
  const double wavelength = 2 * PI / frequency;
  if (wavelength < LLAMA3_CONTEXT / LLAMA3_HIGH) return 1.0f;
  if (wavelength > LLAMA3_CONTEXT / LLAMA3_LOW) return static_cast<float>(LLAMA3_FACTOR);
  const double smooth = (LLAMA3_CONTEXT / wavelength - LLAMA3_LOW) / (LLAMA3_HIGH - LLAMA3_LOW);
  return static_cast<float>(1 / ((1 - smooth) / LLAMA3_FACTOR + smooth));
}

void fillRow(std::vector<float>& row, const RandomModel& model, const TensorSpec& spec, Random& random) {
  const Fill fill = fillOf(spec);
  const float scale = fill == Fill::Weights ? spread(spec) : 0.1f;
  for (size_t i = 0; i < row.size(); i++) {
    if (fill == Fill::RopeFactors) {
      row[i] = ropeFactor(model, i);
    } else {
      row[i] = (fill == Fill::AroundOne ? 1.0f : 0.0f) + scale * random.normal();
    }
  }
}

}  // namespace

uint64_t writeRandomModel(const RandomModel& model) {
  requireGgml();
  const ggml_type type = typeOf(model);
  architectureOf(model);
  check(model, type);
  GgufWriter writer(model.path);
  setMetadata(writer, model);
  setTokenizer(writer, model.vocabulary);
  const std::vector<Planned> tensors = plan(model, type);
  for (const Planned& tensor : tensors) writer.announce(tensor.name, tensor.type, tensor.spec.shape);
  Random random(model.seed);
  for (const Planned& tensor : tensors) {
    const int64_t width = tensor.spec.shape[0];
    const int64_t rows = tensor.spec.shape.size() > 1 ? tensor.spec.shape[1] : 1;
    std::vector<float> row(static_cast<size_t>(width));
    std::vector<uint8_t> packed(ggml_row_size(tensor.type, width));
    for (int64_t i = 0; i < rows; i++) {
      fillRow(row, model, tensor.spec, random);
      ggml_quantize_chunk(tensor.type, row.data(), packed.data(), 0, 1, width, nullptr);
      writer.write(packed.data(), packed.size());
    }
    writer.endTensor();
  }
  return writer.finish();
}

}  // namespace kvasir::engine
