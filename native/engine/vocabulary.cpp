#include "vocabulary.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <unordered_set>

#include "../codec/error.h"
#include "../codec/sha256.h"

namespace kvasir::engine {
namespace {

constexpr const char* PREFIX = "tokenizer.";
constexpr const char* TEMPLATE_KEY = "tokenizer.chat_template";
// A text is cut into pieces of the vocabulary's words; libllama counts them in 32 bits.
constexpr size_t MAX_TEXT_BYTES = 1u << 30;

[[noreturn]] void damaged(const GgufFile& file, const std::string& what) {
  throw Error("model.damaged", "Expected a sound tokenizer in " + file.path() + ", but " + what + ".");
}

// Metadata that libllama's tokenizer reads. The model's name switches on a rule for Phi-3's special tokens there.
std::vector<std::string> tokenizerKeys(const GgufFile& file) {
  std::vector<std::string> keys;
  for (const std::string& key : file.keys()) {
    if (key.rfind(PREFIX, 0) == 0 && key.rfind(TEMPLATE_KEY, 0) != 0) keys.push_back(key);
  }
  std::string name = file.string("general.name").value_or("");
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name.find("phi-3") != std::string::npos || name.find("phi3") != std::string::npos) keys.push_back("general.name");
  std::sort(keys.begin(), keys.end());
  return keys;
}

void requireCount(const GgufFile& file, const std::string& key, uint64_t expected) {
  const GgufValue* value = file.find(key);
  if (!value) return;
  const auto* array = std::get_if<GgufArray>(&value->content);
  if (!array || (array->type != GgufType::I32 && array->type != GgufType::F32))
    damaged(file, key + " is no list of numbers");
  if (array->count != expected) {
    damaged(file,
            key + " has " + std::to_string(array->count) + " entries for " + std::to_string(expected) + " tokens");
  }
}

void checkTokenizer(const GgufFile& file) {
  const std::optional<std::string> kind = file.string("tokenizer.ggml.model");
  if (!kind || (*kind != "gpt2" && *kind != "llama")) {
    throw Error("model.unsupported",
                "Expected a tokenizer of kind gpt2 (byte-level BPE) or llama (SentencePiece), but " + file.path() +
                    " has " + kind.value_or("none") + ". Choose another model.");
  }
  const GgufArray* tokens = file.array("tokenizer.ggml.tokens", GgufType::String);
  if (!tokens || tokens->count == 0) damaged(file, "it lists no tokens");
  // libllama aborts on two tokens of one text; it replaces empty ones and cuts at a zero byte.
  std::unordered_set<std::string_view> seen;
  for (const std::string_view token : tokens->strings) {
    if (token.find('\0') != std::string_view::npos) damaged(file, "a token holds a zero byte");
    if (token.rfind("[EMPTY_", 0) == 0) damaged(file, "a token is named like an empty one");
    if (!token.empty() && !seen.insert(token).second)
      damaged(file, "the token \"" + std::string(token) + "\" appears twice");
  }
  requireCount(file, "tokenizer.ggml.scores", tokens->count);
  requireCount(file, "tokenizer.ggml.token_type", tokens->count);
  if (*kind != "gpt2") return;
  const GgufArray* merges = file.array("tokenizer.ggml.merges", GgufType::String);
  if (!merges) damaged(file, "it has no merges");
  for (const std::string_view merge : merges->strings) {
    if (merge.find(' ', 1) == std::string_view::npos)
      damaged(file, "the merge \"" + std::string(merge) + "\" has no two parts");
  }
}

struct MetadataDeleter {
  void operator()(gguf_context* metadata) const { gguf_free(metadata); }
};
using Metadata = std::unique_ptr<gguf_context, MetadataDeleter>;

std::string terminated(std::string_view text) { return std::string(text.substr(0, text.find('\0'))); }

void setArray(gguf_context* metadata, const std::string& key, const GgufArray& array) {
  if (array.type == GgufType::String) {
    std::vector<std::string> owned;
    owned.reserve(array.count);
    for (const std::string_view text : array.strings) owned.push_back(terminated(text));
    std::vector<const char*> pointers;
    pointers.reserve(array.count);
    for (const std::string& text : owned) pointers.push_back(text.c_str());
    gguf_set_arr_str(metadata, key.c_str(), pointers.data(), pointers.size());
  } else if (array.type == GgufType::I32 || array.type == GgufType::F32) {
    // Aligned, as gguf's readers expect.
    std::vector<uint32_t> words(array.count);
    std::memcpy(words.data(), array.data, words.size() * sizeof(uint32_t));
    const gguf_type type = array.type == GgufType::I32 ? GGUF_TYPE_INT32 : GGUF_TYPE_FLOAT32;
    gguf_set_arr_data(metadata, key.c_str(), type, words.data(), words.size());
  }
}

void setValue(gguf_context* metadata, const std::string& key, const GgufValue& value) {
  const char* name = key.c_str();
  switch (value.type) {
    case GgufType::U32:
      gguf_set_val_u32(metadata, name, static_cast<uint32_t>(std::get<uint64_t>(value.content)));
      break;
    case GgufType::I32: gguf_set_val_i32(metadata, name, static_cast<int32_t>(std::get<int64_t>(value.content))); break;
    case GgufType::F32: gguf_set_val_f32(metadata, name, static_cast<float>(std::get<double>(value.content))); break;
    case GgufType::Bool: gguf_set_val_bool(metadata, name, std::get<bool>(value.content)); break;
    case GgufType::String:
      gguf_set_val_str(metadata, name, terminated(std::get<std::string_view>(value.content)).c_str());
      break;
    case GgufType::Array: setArray(metadata, key, std::get<GgufArray>(value.content)); break;
    // No tokenizer key has another type; libllama takes its default, as for an absent one.
    default: break;
  }
}

Metadata tokenizerMetadata(const GgufFile& file) {
  Metadata metadata(gguf_init_empty());
  gguf_set_val_str(metadata.get(), "general.architecture", "llama");
  for (const std::string& key : tokenizerKeys(file)) setValue(metadata.get(), key, *file.find(key));
  return metadata;
}

std::optional<SpecialToken> specialToken(const GgufFile& file, const std::string& key, uint32_t sentencePieceDefault) {
  const GgufArray* tokens = file.array("tokenizer.ggml.tokens", GgufType::String);
  std::optional<uint32_t> id = file.u32(key);
  if (!id && file.string("tokenizer.ggml.model") == "llama") id = sentencePieceDefault;
  if (!id || !tokens || *id >= tokens->count) return std::nullopt;
  return SpecialToken{static_cast<int32_t>(*id), std::string(tokens->strings[*id])};
}

}  // namespace

Vocabulary::Vocabulary(const GgufFile& file) {
  checkTokenizer(file);
  const Metadata metadata = tokenizerMetadata(file);
  llama_model_params params = llama_model_default_params();
  params.vocab_only = true;
  takeGgmlLog();
  model_ = llama_model_init_from_user(metadata.get(), nullptr, nullptr, params);
  if (!model_) {
    throw Error("model.unsupported", "Expected a tokenizer that libllama " + std::string(llama_version()) +
                                         " knows in " + file.path() + ", but it was refused. " + takeGgmlLog());
  }
  vocabulary_ = llama_model_get_vocab(model_);
  const uint64_t listed = file.array("tokenizer.ggml.tokens", GgufType::String)->count;
  if (size() != listed) {
    llama_model_free(model_);
    damaged(file, "libllama reads " + std::to_string(size()) + " of its " + std::to_string(listed) + " tokens");
  }
}

Vocabulary::~Vocabulary() { llama_model_free(model_); }

uint32_t Vocabulary::size() const { return static_cast<uint32_t>(llama_vocab_n_tokens(vocabulary_)); }

std::vector<int32_t> Vocabulary::tokenize(const std::string& text, bool special) const {
  if (text.size() > MAX_TEXT_BYTES) {
    throw Error("argument.invalid",
                "Expected a text of at most 1 GiB to tokenize, got " + std::to_string(text.size()) + " bytes.");
  }
  std::vector<int32_t> tokens(text.size() / 3 + 16);
  const auto split = [&] {
    return llama_tokenize(vocabulary_, text.data(), static_cast<int32_t>(text.size()), tokens.data(),
                          static_cast<int32_t>(tokens.size()), false, special);
  };
  try {
    int32_t count = split();
    if (count < 0) {
      tokens.resize(static_cast<size_t>(-count));
      count = split();
    }
    tokens.resize(static_cast<size_t>(count));
  } catch (const std::out_of_range&) {
    throw Error("model.unsupported",
                "Expected a tokenizer with a token for every byte, but this one lacks some that the text needs.");
  }
  return tokens;
}

std::string Vocabulary::piece(int32_t token, bool special) const {
  if (token < 0 || static_cast<uint32_t>(token) >= size()) {
    throw Error("argument.invalid",
                "Expected token ids below " + std::to_string(size()) + ", got " + std::to_string(token) + ".");
  }
  std::string bytes(32, '\0');
  int32_t count =
      llama_token_to_piece(vocabulary_, token, bytes.data(), static_cast<int32_t>(bytes.size()), 0, special);
  if (count < 0) {
    bytes.resize(static_cast<size_t>(-count));
    count = llama_token_to_piece(vocabulary_, token, bytes.data(), static_cast<int32_t>(bytes.size()), 0, special);
  }
  bytes.resize(static_cast<size_t>(count));
  return bytes;
}

bool Vocabulary::endsGeneration(int32_t token) const { return llama_vocab_is_eog(vocabulary_, token); }

bool Vocabulary::addBos() const { return llama_vocab_get_add_bos(vocabulary_); }

std::optional<SpecialToken> bosToken(const GgufFile& file) {
  return specialToken(file, "tokenizer.ggml.bos_token_id", 1);
}

std::optional<SpecialToken> eosToken(const GgufFile& file) {
  return specialToken(file, "tokenizer.ggml.eos_token_id", 2);
}

std::string tokenizerDigest(const GgufFile& file) {
  codec::Sha256 hash;
  const auto number = [&](uint64_t value) { hash.update(&value, sizeof value); };
  const auto text = [&](std::string_view value) {
    number(value.size());
    hash.update(value.data(), value.size());
  };
  for (const std::string& key : tokenizerKeys(file)) {
    const GgufValue& value = *file.find(key);
    text(key);
    number(static_cast<uint64_t>(value.type));
    if (const auto* u = std::get_if<uint64_t>(&value.content)) number(*u);
    if (const auto* i = std::get_if<int64_t>(&value.content)) number(static_cast<uint64_t>(*i));
    if (const auto* d = std::get_if<double>(&value.content)) hash.update(d, sizeof *d);
    if (const auto* b = std::get_if<bool>(&value.content)) number(*b ? 1 : 0);
    if (const auto* s = std::get_if<std::string_view>(&value.content)) text(*s);
    if (const auto* array = std::get_if<GgufArray>(&value.content)) {
      number(static_cast<uint64_t>(array->type));
      number(array->count);
      for (const std::string_view each : array->strings) text(each);
      if (array->data) hash.update(array->data, array->count * ggufTypeBytes(array->type));
    }
  }
  return hash.finish().hex();
}

}  // namespace kvasir::engine
