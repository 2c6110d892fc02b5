// Computes chunks behind a context and writes each one's K (before RoPE) and V to an object file.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "segments.h"

namespace kvasir::engine {

struct ChunkRequest {
  std::vector<int32_t> tokens;
  codec::Digest key;
  std::string path;
};

struct EncodeRequest {
  // What stands in front of the first chunk; not stored.
  std::vector<Segment> context;
  // Each sees the context and all chunks before it.
  std::vector<ChunkRequest> chunks;
  uint32_t subBatch = 512;
};

struct EncodeEvents {
  Progress progress;
  // A chunk's file is complete.
  std::function<void(size_t index, uint64_t bytes, double ms)> chunk;
};

// Returns the milliseconds taken. Files of chunks done stay when it is cancelled or fails later.
double encode(Context& context, const EncodeRequest& request, const EncodeEvents& events, const AbortFlag& abort);

}  // namespace kvasir::engine
