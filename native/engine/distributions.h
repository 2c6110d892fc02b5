// Two models' opinions of the same next tokens.
#pragma once

#include <cstddef>
#include <vector>

namespace kvasir::engine {

struct LogitsComparison {
  double maxDifference = 0;
  // KL(first || second) in nats.
  double klMean = 0;
  double klMax = 0;
  // Share of rows whose most likely token is the same.
  double top1 = 0;
  // The same, row by row.
  std::vector<double> kl;
  std::vector<bool> agrees;
};

// Both [rows][vocabulary], at least one row. Sums are in double; the method is the definition's.
// 'engine.failed' unless all are finite.
LogitsComparison compareLogits(const std::vector<float>& first, const std::vector<float>& second, size_t vocabulary);

// Natural logarithm of the probability that a row of logits gives a token.
double logProbability(const float* logits, size_t vocabulary, size_t token);

}  // namespace kvasir::engine
