// Composes a context and generates text behind it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../engine/sampler.h"
#include "compose.h"

namespace kvasir::blend {

struct AnswerRequest {
  ComposeRequest compose;
  engine::Sampling sampling;
  uint32_t maxTokens = 1;
  std::vector<std::string> stop;
  // Ends before any text where the first token is less likely.
  double minConfidence = 0;
};

struct LikelyToken {
  int32_t id = 0;
  std::string text;
  double logProbability = 0;
};

// What the first token's logits say, and what it took to get them.
struct FirstToken {
  Composition composition;
  // Of choosing the token.
  Span sampling;
  double ttftMs = 0;
  double cpuMs = 0;
  // Hex SHA-256 of the logits, f32 little-endian.
  std::string logitsDigest;
  // Best first.
  std::vector<LikelyToken> likely;
};

// Text behind a context.
struct Generation {
  std::string text;
  std::vector<int32_t> tokens;
  // What each token added to the text, which is all of them; empty where it was held back for later ones.
  std::vector<std::string> pieces;
  // "eos", "stop-string", "length" or "uncertain".
  std::string stop;
};

struct Answer {
  FirstToken first;
  Generation generation;
  double decodeMs = 0;
};

// Called from the computing thread.
struct AnswerEvents {
  Progress progress;
  std::function<void(const FirstToken&)> firstToken;
  std::function<void(const std::string&)> text;
};

// 'cancelled' soon after the flag is set; the errors of `compose`.
Answer answer(Context& context, const AnswerRequest& request, const AnswerEvents& events, const AbortFlag& abort);

// Composes up to the first token's logits and describes them; `sampler` chooses `token`.
FirstToken firstToken(Context& context, const ComposeRequest& request, uint32_t room, engine::Sampler& sampler,
                      int32_t& token, const Progress& progress, const AbortFlag& abort);

// How a generation goes on and ends.
struct GenerateRequest {
  // Row of the first generated token, which `token` is.
  uint32_t position = 0;
  int32_t token = 0;
  // Tokens at most.
  uint32_t limit = 1;
  std::vector<std::string> stop;
};

Generation generate(Context& context, const GenerateRequest& request, engine::Sampler& sampler,
                    const std::function<void(const std::string&)>& text);

// Tokens that fit behind a context, of those wanted: the last one is shown, not computed.
uint32_t generationLimit(const Context& context, uint64_t tokens, uint32_t wanted);

}  // namespace kvasir::blend
