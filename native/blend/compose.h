// Puts a context together: cached segments are read layer by layer while earlier layers compute; segments without a
// cache, and chosen rows of cached ones, are computed in one pass.
//
// Every computed row sees exactly the keys at or before its position, whatever else lies in the cache: rows are sorted
// and masked by position. Computed rows are cut into sub-batches in order, so recomputing every row gives the bits that
// computing everything gives. A first segment that is computed, when others follow, is a sub-batch of its own and stays
// in the context for calls that begin alike.
#pragma once

#include <string>
#include <vector>

#include "../engine/segments.h"
#include "select.h"

namespace kvasir::blend {

using engine::AbortFlag;
using engine::Context;
using engine::Progress;
using engine::Segment;
using engine::Span;

struct ComposeRequest {
  // The last one is computed; its last token's logits begin the answer.
  std::vector<Segment> segments;
  Recompute recompute;
  uint32_t subBatch = 512;
  // Whether K/V that the call before left in the context serve when they are those of the same segments.
  bool resident = false;
  // Where decoded caches are kept and taken from; null reads every file.
  engine::MemoryTier* memory = nullptr;
};

// Some rows through the layers [from, to), or K/V of all cached segments of one layer being loaded.
struct Work {
  bool load = false;
  uint32_t from = 0;
  uint32_t to = 0;
  uint32_t rows = 0;
  Span span;
};

struct Composition {
  // Of the last token: [vocabulary].
  std::vector<float> logits;
  uint32_t tokens = 0;
  // Spans from the start of the call, in order of their ends.
  std::vector<Work> work;
  uint64_t bytesRead = 0, bytesFromMemory = 0;
  uint32_t reusedTokens = 0;
  uint32_t computedTokens = 0;
  // Rows of cached segments that were computed again, in the last layer.
  std::vector<uint32_t> recomputedRows;
  bool wasResident = false;
};

// 'argument.invalid' for rows, layers or segments that are not there, 'cancelled', and the errors of Context,
// SegmentFiller and ObjectReader. `room` rows are reserved behind the context.
Composition compose(Context& context, const ComposeRequest& request, uint32_t room, const Progress& progress,
                    const AbortFlag& abort);

}  // namespace kvasir::blend
