#include "encode.h"

#include <algorithm>
#include <functional>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

// K from the capture, V from the cache's rows behind `start`; straight out of host memory where they lie there.
uint64_t writeChunk(Context& context, const KeyCapture& capture, const ChunkRequest& chunk, uint32_t start) {
  const ModelConfig& config = context.model().config();
  const auto tokens = static_cast<uint32_t>(chunk.tokens.size());
  const size_t elements = size_t{tokens} * config.kvWidth();
  codec::ObjectWriter writer(chunk.path, {chunk.key, tokens, config.layers, config.kvWidth(), config.kvWidth()});
  std::vector<uint16_t> staging;
  const auto write = [&](const KvPlanes& planes, uint32_t layer, uint32_t index, uint32_t row, Kind kind) {
    const uint16_t* rows = planes.isHost() ? planes.row(layer, index, row) : nullptr;
    if (!rows) {
      staging.resize(elements);
      planes.download(layer, index, row, tokens, staging.data());
      rows = staging.data();
    }
    if (!allFinite(rows, elements)) {
      throw Error("engine.failed", "Expected finite K/V, but the model computed some in layer " +
                                       std::to_string(layer) + " that are not; its weights may be damaged.");
    }
    writer.write(layer, kind, rows, elements);
  };
  for (uint32_t layer = 0; layer < config.layers; layer++) {
    write(capture.part(layer), layer, 0, 0, Kind::K);
    write(context.cache().part(layer), layer, 1, start, Kind::V);
  }
  return writer.finish();
}

// Computes tokens at `position` behind the rows in front, capturing K before RoPE.
void computeCaptured(Context& context, const std::vector<int32_t>& tokens, uint32_t position, uint32_t subBatch,
                     const std::function<void(uint32_t)>& after) {
  const auto size = static_cast<uint32_t>(tokens.size());
  for (uint32_t at = 0; at < size; at += subBatch) {
    const uint32_t count = std::min(subBatch, size - at);
    context.run(tokens.data() + at, count, position + at, Outputs::None, nullptr, at);
    after(count);
  }
}

}  // namespace

double encode(Context& context, const EncodeRequest& request, const EncodeEvents& events, const AbortFlag& abort) {
  const double begin = now();
  SegmentFiller filler(context, request.context, request.subBatch);
  uint64_t total = filler.tokens();
  size_t longest = 1;
  for (const Segment& segment : request.context) {
    if (!segment.cached()) longest = std::max(longest, segment.tokens.size());
  }
  for (const ChunkRequest& chunk : request.chunks) {
    if (chunk.tokens.empty()) throw Error("argument.invalid", "Expected every chunk to have tokens, got an empty one.");
    checkTokens(context.model(), chunk.tokens);
    total += chunk.tokens.size();
    longest = std::max(longest, chunk.tokens.size());
  }
  context.reserve(static_cast<uint32_t>(std::min<uint64_t>(total, MAX_CONTEXT + 1)));
  context.prepare(static_cast<uint32_t>(std::min<size_t>(longest, request.subBatch)));
  filler.load(abort);
  const KeyCapture& capture = context.beginCapture(static_cast<uint32_t>(longest));
  uint64_t done = filler.cachedTokens();
  const auto count = [&](uint32_t tokens) {
    done += tokens;
    if (events.progress) events.progress(done, total);
  };
  // What stands in front has always the bits that object files hold, never those just computed: so a chunk's bytes
  // depend on its chain alone, not on which caches were there when it was encoded.
  for (size_t i = 0; i < request.context.size(); i++) {
    const Segment& segment = request.context[i];
    if (segment.cached() || segment.tokens.empty()) continue;
    computeCaptured(context, segment.tokens, filler.start(i), request.subBatch, count);
    context.ropeCaptured(filler.start(i), segment.size());
  }
  uint32_t position = filler.tokens();
  for (size_t i = 0; i < request.chunks.size(); i++) {
    const double chunkBegin = now();
    const ChunkRequest& chunk = request.chunks[i];
    const auto size = static_cast<uint32_t>(chunk.tokens.size());
    computeCaptured(context, chunk.tokens, position, request.subBatch, count);
    const uint64_t bytes = writeChunk(context, capture, chunk, position);
    if (i + 1 < request.chunks.size()) context.ropeCaptured(position, size);
    position += size;
    if (events.chunk) events.chunk(i, bytes, now() - chunkBegin);
  }
  context.endCapture();
  return now() - begin;
}

}  // namespace kvasir::engine
