// Chooses the next token from logits.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace kvasir::engine {

struct Sampling {
  // 0 is greedy: the most likely token, the lowest id among equals.
  float temperature = 0.0f;
  // 0 keeps all.
  uint32_t topK = 40;
  float topP = 0.95f;
  float minP = 0.05f;
  uint32_t seed = 0;
};

struct Candidate {
  int32_t token = 0;
  double logProbability = 0;
};

class Sampler {
 public:
  explicit Sampler(const Sampling& sampling) : sampling_(sampling), random_(sampling.seed) {}

  // Cuts by top-k, top-p and min-p, in libllama's usual order, then draws at the temperature. The same seed and logits
  // give the same tokens on every platform. 'engine.failed' when logits are not numbers.
  int32_t next(const std::vector<float>& logits);

 private:
  Sampling sampling_;
  std::mt19937_64 random_;
};

// The `count` most likely tokens, best first, with their log-probabilities over the whole vocabulary.
std::vector<Candidate> mostLikely(const std::vector<float>& logits, size_t count);

}  // namespace kvasir::engine
