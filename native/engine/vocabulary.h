// The tokenizer: libllama's, over metadata that we have read and checked. libllama never sees the file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gguf_file.h"

namespace kvasir::engine {

class Vocabulary {
 public:
  // 'model.unsupported' for a tokenizer other than byte-level BPE ("gpt2") and SentencePiece ("llama"), or one that
  // libllama refuses; 'model.damaged' for contradictions.
  explicit Vocabulary(const GgufFile& file);
  ~Vocabulary();
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  uint32_t size() const;
  // `special`: control tokens written out in the text are parsed as such. No BOS is added. Bytes that are not UTF-8
  // are taken as the tokenizer takes them.
  std::vector<int32_t> tokenize(const std::string& text, bool special) const;
  // Bytes of one token; a part of a UTF-8 sequence for byte tokens. Control tokens are empty unless `special`.
  std::string piece(int32_t token, bool special) const;
  // Whether generation ends at this token.
  bool endsGeneration(int32_t token) const;
  bool addBos() const;

 private:
  llama_model* model_ = nullptr;
  const llama_vocab* vocabulary_ = nullptr;
};

struct SpecialToken {
  int32_t id = 0;
  std::string text;
};

// BOS and EOS as the metadata names them (SentencePiece models without the keys have 1 and 2), or nothing.
std::optional<SpecialToken> bosToken(const GgufFile& file);
std::optional<SpecialToken> eosToken(const GgufFile& file);

// Hex SHA-256 of everything that decides how text becomes token ids: tokens, types, scores, merges, pre-tokenizer,
// flags.
std::string tokenizerDigest(const GgufFile& file);

}  // namespace kvasir::engine
