// One cache looked at, layer by layer and token by token, to be drawn.
#pragma once

#include <vector>

#include "compose.h"

namespace kvasir::blend {

struct InspectRequest {
  // What would stand in front of the cache; computed.
  std::vector<int32_t> front;
  Segment cache;
  // What is asked behind it; may be empty.
  std::vector<int32_t> question;
  // Tokens of the cache that are wanted: [from, to).
  uint32_t from = 0;
  uint32_t to = 0;
  uint32_t subBatch = 512;
};

// Planes are [layers][cells]; a cell is the mean of `tokensPerCell` neighbouring tokens, fewer in the last one.
struct Inspection {
  uint32_t layers = 0;
  uint32_t cells = 0;
  uint32_t tokensPerCell = 1;
  // Euclidean norms of the cache's rows.
  std::vector<float> keyNorms, valueNorms;
  // From full prefill of the same tokens behind the front: |cached - full| / |full|. K after RoPE.
  std::vector<float> keyDeviations, valueDeviations;
  // Of full prefill, means over heads: what later tokens of the same chunk pay to each on average (0 for the last one),
  // and what the question's do; the latter is empty without one.
  std::vector<float> attention, questionAttention;
};

// All planes together take at most this much.
constexpr size_t INSPECTION_BYTES = size_t{1} << 20;

// 'argument.invalid' for a range that is not there, 'cancelled', and the errors of Context, SegmentFiller and readers.
Inspection inspectCache(Context& context, const InspectRequest& request, const AbortFlag& abort);

}  // namespace kvasir::blend
