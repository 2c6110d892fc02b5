#include "segments.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "../codec/error.h"
#include "../codec/parallel.h"

namespace kvasir::engine {
namespace {

void append(std::vector<RowRange>& ranges, uint32_t from, uint32_t count) {
  if (ranges.empty() || ranges.back().from + ranges.back().count != from) ranges.push_back({from, 0});
  ranges.back().count += count;
}

}  // namespace

double now() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

SegmentFiller::SegmentFiller(Context& context, const std::vector<Segment>& segments, uint32_t subBatch)
    : context_(context), segments_(segments), subBatch_(subBatch) {
  uint64_t total = 0;
  for (const Segment& segment : segments) {
    checkTokens(context.model(), segment.tokens);
    if (segment.cached() && segment.tokens.empty())
      throw Error("argument.invalid", "Expected a cached segment to state its tokens, got none.");
    starts_.push_back(static_cast<uint32_t>(total));
    total += segment.tokens.size();
    if (total > MAX_CONTEXT) {
      throw Error("engine.context-too-long",
                  "Expected at most " + std::to_string(MAX_CONTEXT) + " tokens in all, got more.");
    }
    if (segment.cached()) {
      cachedTokens_ += segment.size();
    } else {
      largestBatch_ = std::max(largestBatch_, std::min(segment.size(), subBatch));
    }
  }
  doneTokens_ = cachedTokens_;
  tokens_ = static_cast<uint32_t>(total);
}

void SegmentFiller::open() {
  const ModelConfig& config = context_.model().config();
  const auto& parts = context_.cache().parts();
  const bool needsStaging = std::any_of(parts.begin(), parts.end(), [](const KvPlanes& part) { return !part.isHost(); });
  for (size_t i = 0; i < segments_.size(); i++) {
    const Segment& segment = segments_[i];
    if (!segment.cached()) continue;
    const codec::ObjectIdentity identity{segment.key, segment.size(), config.layers, config.kvWidth(),
                                         config.kvWidth()};
    Opened opened{&segment, starts_[i], nullptr, nullptr, nullptr, {}};
    if (segment.codebook.isGiven()) {
      opened.coder = coderOf(segment.codebook);
      opened.coded =
          std::make_unique<codec::CodedReader>(segment.path, identity, *opened.coder, segment.codebook.digest);
      opened.coded->expectReads();
    } else {
      opened.reader = std::make_unique<codec::ObjectReader>(segment.path, identity);
      opened.reader->expectReads();
      append(firstLayerRows_, starts_[i], segment.size());
    }
    append(cachedRows_, starts_[i], segment.size());
    if (needsStaging) opened.staging.resize(size_t{2} * segment.size() * config.kvWidth());
    objects_.push_back(std::move(opened));
  }
}

void SegmentFiller::loadLayer(uint32_t layer, const AbortFlag& abort) {
  if (objects_.empty()) return;
  if (ahead_.valid() && aheadLayer_ == layer) {
    ahead_.get();
  } else {
    if (ahead_.valid()) ahead_.wait();
    readLayer(layer, abort);
  }
  for (KvPlanes& planes : context_.cache().parts()) {
    if (!planes.holds(layer) || planes.isHost()) continue;
    for (const Opened& object : objects_) {
      if (holds(object, layer)) planes.upload(layer, object.staging.data(), object.start, object.segment->size());
    }
  }
  context_.rope(layer, layer + 1, layer == 0 ? firstLayerRows_ : cachedRows_);
  if (layer == 0) computeFirstLayer();
  // The CPU's own threads read as fast while nothing else runs on them.
  if (layer + 1 == context_.model().config().layers || !context_.model().placement().device) return;
  aheadLayer_ = layer + 1;
  ahead_ = std::async(std::launch::async, [this, &abort] { readLayer(aheadLayer_, abort); });
}

void SegmentFiller::readLayer(uint32_t layer, const AbortFlag& abort) {
  codec::parallel(objects_.size() * 2, context_.model().threads(), [&](size_t i) {
    if (abort) throw Error("cancelled", "Cancelled.");
    if (holds(objects_[i / 2], layer)) readPlane(objects_[i / 2], layer, i % 2 == 0 ? Kind::K : Kind::V);
  });
}

void SegmentFiller::readPlane(Opened& object, uint32_t layer, Kind kind) {
  const KvPlanes& planes = context_.cache().part(layer);
  const size_t elements = size_t{object.segment->size()} * context_.model().config().kvWidth();
  const auto index = static_cast<uint32_t>(kind);
  uint16_t* target = planes.isHost() ? planes.row(layer, index, object.start) : object.staging.data() + index * elements;
  if (object.coded) {
    // What is decoded is always finite.
    object.coded->read(layer, kind, target);
    bytesRead_ += object.coded->planeBytes(layer, kind);
    return;
  }
  object.reader->read(layer, kind, target, elements);
  bytesRead_ += elements * sizeof(uint16_t);
  if (!allFinite(target, elements)) {
    throw Error("object.damaged", "Expected finite numbers in the K/V of layer " + std::to_string(layer) + " of " +
                                      object.segment->path + ", but some are not; build the document again.");
  }
}

void SegmentFiller::computeFirstLayer() {
  std::vector<int32_t> tokens;
  std::vector<uint32_t> rows;
  for (const Opened& object : objects_) {
    if (!object.coded) continue;
    tokens.insert(tokens.end(), object.segment->tokens.begin(), object.segment->tokens.end());
    rows.resize(tokens.size());
    std::iota(rows.end() - object.segment->size(), rows.end(), object.start);
  }
  for (size_t at = 0; at < rows.size(); at += subBatch_) {
    LayerRun run;
    run.tokens = tokens.data() + at;
    run.rows = rows.data() + at;
    run.count = static_cast<uint32_t>(std::min<size_t>(subBatch_, rows.size() - at));
    // Its K/V alone.
    run.layers = {0, false, 0, true};
    context_.run(run);
  }
}

void SegmentFiller::load(const AbortFlag& abort) {
  open();
  for (uint32_t layer = 0; layer < context_.model().config().layers; layer++) loadLayer(layer, abort);
}

void SegmentFiller::compute(size_t segment, const Progress& progress) {
  computeTokens(context_, segments_[segment].tokens, starts_[segment], subBatch_, nullptr, [&](uint32_t count) {
    doneTokens_ += count;
    if (progress) progress(doneTokens_, tokens_);
  });
}

void SegmentFiller::fill(const AbortFlag& abort, const Progress& progress) {
  load(abort);
  for (size_t i = 0; i < segments_.size(); i++) {
    if (!segments_[i].cached()) compute(i, progress);
  }
}

bool allFinite(const uint16_t* f16, size_t count) {
  constexpr uint16_t MAGNITUDE = 0x7fff, INFINITE = 0x7c00;
  // Without a branch in the loop, so that compilers vectorise it.
  uint16_t bad = 0;
  for (size_t i = 0; i < count; i++) bad |= static_cast<uint16_t>((f16[i] & MAGNITUDE) >= INFINITE);
  return bad == 0;
}

void computeTokens(Context& context, const std::vector<int32_t>& tokens, uint32_t position, uint32_t subBatch,
                   std::vector<float>* logits, const std::function<void(uint32_t)>& after) {
  const auto size = static_cast<uint32_t>(tokens.size());
  for (uint32_t at = 0; at < size; at += subBatch) {
    const uint32_t count = std::min(subBatch, size - at);
    const bool last = at + count == size;
    context.run(tokens.data() + at, count, position + at, logits && last ? Outputs::Last : Outputs::None, logits);
    if (after) after(count);
  }
}

}  // namespace kvasir::engine
