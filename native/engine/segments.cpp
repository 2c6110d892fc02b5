#include "segments.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

// Runs `work(0) .. work(count - 1)` on several threads; the first exception ends it and is thrown here.
void parallel(size_t count, uint32_t threads, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto loop = [&] {
    for (size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  std::vector<std::thread> helpers;
  for (uint32_t i = 1; i < std::min<size_t>(threads, count); i++) helpers.emplace_back(loop);
  loop();
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
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
    Opened opened{
        segment.path, std::make_unique<codec::ObjectReader>(segment.path, identity), starts_[i], segment.size(), {}};
    opened.reader->expectReads();
    if (needsStaging) opened.staging.resize(size_t{2} * segment.size() * config.kvWidth());
    if (cachedRows_.empty() || cachedRows_.back().from + cachedRows_.back().count != starts_[i])
      cachedRows_.push_back({starts_[i], 0});
    cachedRows_.back().count += segment.size();
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
    for (const Opened& object : objects_) planes.upload(layer, object.staging.data(), object.start, object.tokens);
  }
  context_.rope(layer, layer + 1, cachedRows_);
  // The CPU's own threads read as fast while nothing else runs on them.
  if (layer + 1 == context_.model().config().layers || !context_.model().placement().device) return;
  aheadLayer_ = layer + 1;
  ahead_ = std::async(std::launch::async, [this, &abort] { readLayer(aheadLayer_, abort); });
}

void SegmentFiller::readLayer(uint32_t layer, const AbortFlag& abort) {
  parallel(objects_.size() * 2, context_.model().threads(), [&](size_t i) {
    if (abort) throw Error("cancelled", "Cancelled.");
    readPlane(objects_[i / 2], layer, i % 2 == 0 ? Kind::K : Kind::V);
  });
}

void SegmentFiller::readPlane(Opened& object, uint32_t layer, Kind kind) {
  const KvPlanes& planes = context_.cache().part(layer);
  const size_t elements = size_t{object.tokens} * context_.model().config().kvWidth();
  const auto index = static_cast<uint32_t>(kind);
  uint16_t* target = planes.isHost() ? planes.row(layer, index, object.start) : object.staging.data() + index * elements;
  object.reader->read(layer, kind, target, elements);
  bytesRead_ += elements * sizeof(uint16_t);
  if (!allFinite(target, elements)) {
    throw Error("object.damaged", "Expected finite numbers in the K/V of layer " + std::to_string(layer) + " of " +
                                      object.path + ", but some are not; build the document again.");
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
