// Fills a context from segments and generates text behind it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sampler.h"
#include "segments.h"

namespace kvasir::engine {

struct AnswerRequest {
  // The last one is computed; its last token's logits begin the answer.
  std::vector<Segment> segments;
  Sampling sampling;
  uint32_t maxTokens = 1;
  std::vector<std::string> stop;
  uint32_t subBatch = 512;
};

struct LikelyToken {
  int32_t id = 0;
  std::string text;
  double logProbability = 0;
};

struct Answer {
  std::string text;
  std::vector<int32_t> tokens;
  // "eos", "stop-string" or "length".
  std::string stop;
  std::vector<Stage> stages;
  double ttftMs = 0;
  double decodeMs = 0;
  uint64_t bytesRead = 0;
  uint32_t reusedTokens = 0;
  uint32_t computedTokens = 0;
  // Hex SHA-256 of the first token's logits, f32 little-endian.
  std::string logitsDigest;
  std::vector<LikelyToken> firstTokens;
};

// Called from the computing thread.
struct AnswerEvents {
  Progress progress;
  std::function<void(double ttftMs, const std::vector<Stage>&)> firstToken;
  std::function<void(const std::string&)> text;
};

// 'cancelled' soon after the flag is set; the errors of Context, SegmentFiller and ObjectReader.
Answer answer(Context& context, const AnswerRequest& request, const AnswerEvents& events, const AbortFlag& abort);

}  // namespace kvasir::engine
