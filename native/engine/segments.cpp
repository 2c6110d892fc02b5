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

SegmentFiller::SegmentFiller(Context& context, const std::vector<Segment>& segments, uint32_t subBatch,
                             MemoryTier* memory)
    : context_(context), segments_(segments), subBatch_(subBatch), memory_(memory) {
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
  for (size_t i = 0; i < segments_.size(); i++) {
    const Segment& segment = segments_[i];
    if (!segment.cached()) continue;
    const codec::ObjectIdentity identity{segment.key, segment.size(), config.layers, config.kvWidth(),
                                         config.kvWidth()};
    Opened opened;
    opened.segment = &segment;
    opened.start = starts_[i];
    opened.kept.resize(config.layers);
    if (segment.codebook.isGiven()) {
      opened.coder = coderOf(segment.codebook);
      opened.coded =
          std::make_unique<codec::CodedReader>(segment.path, identity, *opened.coder, segment.codebook.digest);
      findKept(opened);
    } else {
      opened.reader = std::make_unique<codec::ObjectReader>(segment.path, identity);
      opened.reader->expectReads();
    }
    append(cachedRows_, starts_[i], segment.size());
    objects_.push_back(std::move(opened));
  }
}

void SegmentFiller::findKept(Opened& object) {
  bool hasAll = true;
  for (uint32_t layer = 0; layer < object.kept.size(); layer++) {
    if (memory_) object.kept[layer] = memory_->find(idOf(object, layer));
    if (holds(object, layer) && !object.kept[layer]) hasAll = false;
  }
  if (!hasAll) object.coded->expectReads();
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
    for (Opened& object : objects_) planes.upload(layer, object.rows(layer), object.start, object.segment->size());
  }
  context_.rope(layer, layer + 1, cachedRows_);
  // The CPU's own threads read as fast while nothing else runs on them.
  if (layer + 1 == context_.model().config().layers || !context_.model().placement().device) return;
  aheadLayer_ = layer + 1;
  ahead_ = std::async(std::launch::async, [this, &abort] { readLayer(aheadLayer_, abort); });
}

void SegmentFiller::readLayer(uint32_t layer, const AbortFlag& abort) {
  for (Opened& object : objects_) makeRoom(object, layer);
  codec::parallel(objects_.size() * 2, context_.model().threads(), [&](size_t i) {
    if (abort) throw Error("cancelled", "Cancelled.");
    readPlane(objects_[i / 2], layer, i % 2 == 0 ? Kind::K : Kind::V);
  });
  if (layer == 0) computeFirstLayer();
  for (Opened& object : objects_) {
    MemoryTier::Lease& lease = object.kept[layer];
    if (lease) lease.isKept() ? lease.use() : lease.keep(object.ms[0] + object.ms[1]);
  }
}

void SegmentFiller::makeRoom(Opened& object, uint32_t layer) {
  const size_t elements = size_t{2} * object.segment->size() * context_.model().config().kvWidth();
  MemoryTier::Lease& lease = object.kept[layer];
  if (!lease && memory_ && object.coded) lease = memory_->make(idOf(object, layer), elements);
  if (!lease && !context_.cache().part(layer).isHost()) object.staging.resize(elements);
}

void SegmentFiller::readPlane(Opened& object, uint32_t layer, Kind kind) {
  const KvPlanes& planes = context_.cache().part(layer);
  const size_t elements = size_t{object.segment->size()} * context_.model().config().kvWidth();
  const auto index = static_cast<uint32_t>(kind);
  const MemoryTier::Lease& lease = object.kept[layer];
  uint16_t* inPlace = planes.isHost() ? planes.row(layer, index, object.start) : nullptr;
  uint16_t* outside = inPlace && !lease ? nullptr : object.rows(layer) + index * elements;
  if (lease.isKept()) {
    bytesFromMemory_ += elements * sizeof(uint16_t);
  } else if (holds(object, layer)) {
    const double begin = now();
    decode(object, layer, kind, outside ? outside : inPlace);
    object.ms[index] = now() - begin;
  } else {
    return;
  }
  if (outside && inPlace) std::copy_n(outside, elements, inPlace);
}

void SegmentFiller::decode(const Opened& object, uint32_t layer, Kind kind, uint16_t* target) {
  if (object.coded) {
    // What is decoded is always finite.
    object.coded->read(layer, kind, target);
    bytesRead_ += object.coded->planeBytes(layer, kind);
    return;
  }
  const size_t elements = size_t{object.segment->size()} * context_.model().config().kvWidth();
  object.reader->read(layer, kind, target, elements);
  bytesRead_ += elements * sizeof(uint16_t);
  if (!allFinite(target, elements)) {
    throw Error("object.damaged", "Expected finite numbers in the K/V of layer " + std::to_string(layer) + " of " +
                                      object.segment->path + ", but some are not; build the document again.");
  }
}

LayerId SegmentFiller::idOf(const Opened& object, uint32_t layer) {
  return {object.segment->key, object.segment->codebook.digest, object.coded->checksum(), layer};
}

void SegmentFiller::computeFirstLayer() {
  std::vector<int32_t> tokens;
  std::vector<uint32_t> rows;
  std::vector<Opened*> owners;
  for (Opened& object : objects_) {
    if (holds(object, 0) || object.kept[0].isKept()) continue;
    const auto& own = object.segment->tokens;
    tokens.insert(tokens.end(), own.begin(), own.end());
    owners.resize(tokens.size(), &object);
    rows.resize(tokens.size());
    std::iota(rows.end() - object.segment->size(), rows.end(), object.start);
    object.ms = {};
  }
  if (rows.empty()) return;
  const auto total = static_cast<uint32_t>(rows.size());
  const KeyCapture& capture = context_.beginCapture(std::min(subBatch_, total));
  for (uint32_t at = 0; at < total; at += subBatch_) {
    const double begin = now();
    LayerRun run;
    run.tokens = tokens.data() + at;
    run.rows = rows.data() + at;
    run.count = std::min(subBatch_, total - at);
    // Its K/V alone.
    run.layers = {0, false, 0, true};
    run.captureRow = 0;
    context_.run(run);
    const double msPerRow = (now() - begin) / run.count;
    for (uint32_t i = 0, count = 0; i < run.count; i += count) {
      Opened& owner = *owners[at + i];
      const uint32_t last = owner.start + owner.segment->size();
      count = std::min(run.count - i, last - run.rows[i]);
      takeFirstLayer(owner, capture, i, run.rows[i], count);
      owner.ms[0] += msPerRow * count;
    }
  }
  context_.endCapture();
}

void SegmentFiller::takeFirstLayer(Opened& object, const KeyCapture& capture, uint32_t captured, uint32_t row,
                                   uint32_t count) {
  const size_t width = context_.model().config().kvWidth();
  const size_t before = size_t{row - object.start} * width, values = object.segment->size() * width;
  const KvPlanes& planes = context_.cache().part(0);
  uint16_t* inPlace = planes.isHost() ? planes.row(0, 0, row) : nullptr;
  uint16_t* outside = inPlace && !object.kept[0] ? nullptr : object.rows(0) + before;
  capture.part(0).download(0, 0, captured, count, outside ? outside : inPlace);
  if (!outside) return;
  planes.download(0, 1, row, count, outside + values);
  if (inPlace) std::copy_n(outside, count * width, inPlace);
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
