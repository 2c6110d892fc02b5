#include "sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

void requireNumbers(const std::vector<float>& logits) {
  for (const float logit : logits) {
    if (std::isfinite(logit)) continue;
    throw Error("engine.failed",
                "Expected finite logits, but the model computed one that is not; its weights may be damaged.");
  }
}

// Ids of the `count` largest logits, best first, lower ids first among equals.
std::vector<int32_t> best(const std::vector<float>& logits, size_t count) {
  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto better = [&](int32_t a, int32_t b) {
    return logits[static_cast<size_t>(a)] != logits[static_cast<size_t>(b)]
               ? logits[static_cast<size_t>(a)] > logits[static_cast<size_t>(b)]
               : a < b;
  };
  count = std::min(count, ids.size());
  std::partial_sort(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(count), ids.end(), better);
  ids.resize(count);
  return ids;
}

// Probabilities of candidates sorted by falling logit, at a temperature, normalised over themselves.
std::vector<double> softmax(const std::vector<float>& logits, const std::vector<int32_t>& ids, double temperature) {
  std::vector<double> p(ids.size());
  const double highest = logits[static_cast<size_t>(ids[0])];
  double sum = 0;
  for (size_t i = 0; i < ids.size(); i++)
    sum += p[i] = std::exp((logits[static_cast<size_t>(ids[i])] - highest) / temperature);
  for (double& each : p) each /= sum;
  return p;
}

// How many of the sorted candidates reach the mass `topP`, and of those how many have `minP` of the first one's.
size_t cut(const std::vector<double>& p, double topP, double minP) {
  size_t kept = 0;
  for (double mass = 0; kept < p.size() && (kept == 0 || mass < topP); kept++) mass += p[kept];
  while (kept > 1 && p[kept - 1] < minP * p[0]) kept--;
  return kept;
}

}  // namespace

int32_t Sampler::next(const std::vector<float>& logits) {
  requireNumbers(logits);
  if (sampling_.temperature <= 0.0f) {
    return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  }
  std::vector<int32_t> ids = best(logits, sampling_.topK == 0 ? logits.size() : sampling_.topK);
  ids.resize(cut(softmax(logits, ids, 1.0), sampling_.topP, sampling_.minP));
  const std::vector<double> p = softmax(logits, ids, sampling_.temperature);
  // 53 bits of the generator: std::uniform_real_distribution differs between standard libraries.
  double draw = static_cast<double>(random_() >> 11) * 0x1.0p-53;
  for (size_t i = 0; i + 1 < ids.size(); i++) {
    draw -= p[i];
    if (draw < 0) return ids[i];
  }
  return ids.back();
}

std::vector<Candidate> mostLikely(const std::vector<float>& logits, size_t count) {
  requireNumbers(logits);
  const std::vector<int32_t> ids = best(logits, count);
  const double highest = logits[static_cast<size_t>(ids[0])];
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - highest);
  std::vector<Candidate> candidates;
  for (const int32_t id : ids) candidates.push_back({id, logits[static_cast<size_t>(id)] - highest - std::log(sum)});
  return candidates;
}

}  // namespace kvasir::engine
