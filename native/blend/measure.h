// How far caches are from what they stand for.
#pragma once

#include <vector>

#include "compose.h"

namespace kvasir::blend {

// Sum of squared differences over kv heads and dimensions: [layers][tokens].
struct Deviations {
  std::vector<std::vector<float>> k, v;
};

// Of the cached segments' rows, in order, from full prefill of the same tokens. K after RoPE, which keeps lengths.
Deviations measure(Context& context, const std::vector<Segment>& segments, uint32_t subBatch, const AbortFlag& abort);

// Between two caches of the same tokens, summed over the layers: one of each per token. 'argument.invalid' for objects
// of other shapes, and the errors of ObjectReader.
struct ObjectDeviations {
  std::vector<float> k, v;
};
ObjectDeviations deviation(const codec::NamedObject& first, const codec::NamedObject& second,
                           const AbortFlag& abort);

}  // namespace kvasir::blend
