#include "distributions.h"

#include <algorithm>
#include <cmath>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

// log of the sum of exp over a row.
double logSumExp(const float* logits, size_t count) {
  const double largest = *std::max_element(logits, logits + count);
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += std::exp(logits[i] - largest);
  return largest + std::log(sum);
}

// A number that is not finite compares as equal to anything.
void requireFinite(const std::vector<float>& logits) {
  if (std::all_of(logits.begin(), logits.end(), [](float logit) { return std::isfinite(logit); })) return;
  throw Error("engine.failed",
              "Expected finite logits, but the model computed one that is not; its weights may be damaged.");
}

}  // namespace

LogitsComparison compareLogits(const std::vector<float>& first, const std::vector<float>& second, size_t vocabulary) {
  LogitsComparison result;
  requireFinite(first);
  requireFinite(second);
  const size_t rows = first.size() / vocabulary;
  size_t agreed = 0;
  for (size_t row = 0; row < rows; row++) {
    const float* a = first.data() + row * vocabulary;
    const float* b = second.data() + row * vocabulary;
    const double sumA = logSumExp(a, vocabulary), sumB = logSumExp(b, vocabulary);
    double kl = 0;
    for (size_t i = 0; i < vocabulary; i++) {
      const double logA = a[i] - sumA;
      kl += std::exp(logA) * (logA - (b[i] - sumB));
      result.maxDifference = std::max(result.maxDifference, std::abs(double{a[i]} - b[i]));
    }
    // Rounding can make equal distributions slightly negative.
    kl = std::max(0.0, kl);
    result.klMean += kl / static_cast<double>(rows);
    result.klMax = std::max(result.klMax, kl);
    const bool agrees = std::max_element(a, a + vocabulary) - a == std::max_element(b, b + vocabulary) - b;
    if (agrees) agreed++;
    result.kl.push_back(kl);
    result.agrees.push_back(agrees);
  }
  result.top1 = static_cast<double>(agreed) / static_cast<double>(rows);
  return result;
}

double logProbability(const float* logits, size_t vocabulary, size_t token) {
  return logits[token] - logSumExp(logits, vocabulary);
}

}  // namespace kvasir::engine
