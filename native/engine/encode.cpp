#include "encode.h"

#include <algorithm>

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

}  // namespace

double encode(Context& context, const EncodeRequest& request, const EncodeEvents& events, const AbortFlag& abort) {
  const double begin = now();
  SegmentFiller filler(context, request.context, request.subBatch);
  uint64_t total = filler.tokens();
  uint32_t longest = 0;
  for (const ChunkRequest& chunk : request.chunks) {
    if (chunk.tokens.empty()) throw Error("argument.invalid", "Expected every chunk to have tokens, got an empty one.");
    checkTokens(context.model(), chunk.tokens);
    total += chunk.tokens.size();
    longest = std::max(longest, static_cast<uint32_t>(std::min<size_t>(chunk.tokens.size(), MAX_CONTEXT)));
  }
  context.reserve(static_cast<uint32_t>(std::min<uint64_t>(total, MAX_CONTEXT + 1)));
  filler.fill(abort, [&](uint64_t tokens, uint64_t) {
    if (events.progress) events.progress(tokens, total);
  });
  const KeyCapture& capture = context.beginCapture(longest);
  uint32_t position = filler.tokens();
  uint64_t done = position;
  for (size_t i = 0; i < request.chunks.size(); i++) {
    const double chunkBegin = now();
    const ChunkRequest& chunk = request.chunks[i];
    const auto size = static_cast<uint32_t>(chunk.tokens.size());
    for (uint32_t at = 0; at < size; at += request.subBatch) {
      const uint32_t count = std::min(request.subBatch, size - at);
      context.run(chunk.tokens.data() + at, count, position + at, Outputs::None, nullptr, at);
      done += count;
      if (events.progress) events.progress(done, total);
    }
    const uint64_t bytes = writeChunk(context, capture, chunk, position);
    position += size;
    if (events.chunk) events.chunk(i, bytes, now() - chunkBegin);
  }
  context.endCapture();
  return now() - begin;
}

}  // namespace kvasir::engine
