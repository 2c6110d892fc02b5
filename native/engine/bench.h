// Timing of prefill and decode, and logits of all tokens for parity tests: this engine or libllama on the same file.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "context.h"
#include "oracle.h"
#include "segments.h"

namespace kvasir::engine {

enum class Who { Kvasir, Libllama };

struct BenchRequest {
  Who who = Who::Kvasir;
  // Prefill: all tokens from an empty context. Else `steps` single tokens behind them, which are not timed.
  bool prefill = true;
  std::vector<int32_t> tokens;
  uint32_t steps = 32;
  uint32_t subBatch = 512;
};

struct BenchResult {
  double ms = 0;
  uint32_t tokens = 0;
};

// For `tokens` tokens in all, with the threads and devices of the model.
OracleOptions oracleOptions(const Model& model, uint32_t subBatch, size_t tokens);

// `oracle` is kept between calls, so that loading is not repeated; replaced when its options do not serve.
BenchResult bench(Context& context, std::unique_ptr<Oracle>& oracle, const BenchRequest& request);

struct LogitsRequest {
  std::string path;
  Who who = Who::Kvasir;
  // What stands in front of the tokens, for this engine only; its logits are left out.
  std::vector<Segment> context;
  std::vector<int32_t> tokens;
  uint32_t subBatch = 512;
  // The last tokens, computed one at a time.
  uint32_t decode = 0;
  LoadOptions load;
  TestOptions test;
};

// [tokens][vocabulary], of every token. Loads the model for this call alone.
std::vector<float> allLogits(const LogitsRequest& request);

}  // namespace kvasir::engine
