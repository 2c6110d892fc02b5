// Fills a context from segments: cached ones come from object files or from what engine memory keeps of them, layer by
// layer, the others are computed.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "../codec/coded.h"
#include "coders.h"
#include "context.h"
#include "memory_tier.h"

namespace kvasir::engine {

// A run of the context. With a path its K/V come from that object file, which must be of `key`, and with a codebook it is
// coded by that.
struct Segment {
  std::vector<int32_t> tokens;
  std::string path;
  codec::Digest key;
  CodebookFile codebook;

  bool cached() const { return !path.empty(); }
  uint32_t size() const { return static_cast<uint32_t>(tokens.size()); }
};

// Tokens done and in all, from the thread that computes.
using Progress = std::function<void(uint64_t done, uint64_t total)>;

// Milliseconds on a steady clock since some fixed moment.
double now();

// A span of time.
struct Span {
  double startMs = 0;
  double ms = 0;
};

class SegmentFiller {
 public:
  // `segments` must outlive the filler. Checks tokens. What coded segments come to is kept in `memory` and taken from there;
  // null reads every file. f16 ones are always read: the system keeps their files, and checksums cost little.
  SegmentFiller(Context& context, const std::vector<Segment>& segments, uint32_t subBatch, MemoryTier* memory = nullptr);

  // Tokens of all segments; those that come from object files.
  uint32_t tokens() const noexcept { return tokens_; }
  uint32_t cachedTokens() const noexcept { return cachedTokens_; }
  // Bytes of K/V read so far, as they are in their files.
  uint64_t bytesRead() const noexcept { return bytesRead_; }
  // Bytes of K/V taken from memory instead, decoded.
  uint64_t bytesFromMemory() const noexcept { return bytesFromMemory_; }
  // Most tokens of one segment computed at once.
  uint32_t largestBatch() const noexcept { return largestBatch_; }
  // First row of a segment.
  uint32_t start(size_t segment) const { return starts_[segment]; }

  // Opens every object file, which checks its header against the model and the segment, and has the system begin to
  // read those that memory does not have whole.
  void open();
  // Reads, checks and decodes a layer of all cached segments, brings it to its device and applies RoPE; the files of coded
  // segments have no layer 0, which is computed from their tokens. Where the layer is computed by another device than the CPU, the next
  // one is read meanwhile.
  void loadLayer(uint32_t layer, const AbortFlag& abort);
  // `open` and all layers.
  void load(const AbortFlag& abort);
  // Computes a segment in sub-batches that do not span its end, over everything in front.
  // Progress counts cached tokens as done.
  void compute(size_t segment, const Progress& progress);
  // `load`, then `compute` of every segment that is not cached.
  void fill(const AbortFlag& abort, const Progress& progress);

 private:
  struct Opened {
    const Segment* segment = nullptr;
    uint32_t start = 0;
    // One of both.
    std::unique_ptr<codec::ObjectReader> reader;
    std::unique_ptr<codec::CodedReader> coded;
    // Of the latter.
    std::shared_ptr<const codec::Coder> coder;
    // Layers in memory, or being decoded there; empty where they are neither.
    std::vector<MemoryTier::Lease> kept;
    // K and V of the layer being read, where rows are read neither in place nor into memory.
    std::vector<uint16_t> staging;
    // Milliseconds that K and V of the layer being read or computed took.
    std::array<double, 2> ms{};

    // Rows of a layer outside the context.
    uint16_t* rows(uint32_t layer) { return kept[layer] ? kept[layer].rows() : staging.data(); }
  };

  // Whether a file holds the layer.
  static bool holds(const Opened& object, uint32_t layer) { return !object.coded || layer > 0; }
  // Finds what memory keeps of a coded object.
  void findKept(Opened& object);
  void readLayer(uint32_t layer, const AbortFlag& abort);
  // Where a layer is to be read to: memory, else staging, else in place.
  void makeRoom(Opened& object, uint32_t layer);
  void readPlane(Opened& object, uint32_t layer, Kind kind);
  // Reads a plane from its file, [tokens][width].
  void decode(const Opened& object, uint32_t layer, Kind kind, uint16_t* target);
  // Of a coded object.
  static LayerId idOf(const Opened& object, uint32_t layer);
  // Layer 0 of coded segments, as an f16 object would hold it: K before RoPE.
  void computeFirstLayer();
  // Takes `count` computed rows from `row` on to where the layer goes; their K from the captured rows.
  void takeFirstLayer(Opened& object, const KeyCapture& capture, uint32_t captured, uint32_t row, uint32_t count);

  Context& context_;
  const std::vector<Segment>& segments_;
  uint32_t subBatch_;
  MemoryTier* memory_;
  std::vector<uint32_t> starts_;
  std::vector<Opened> objects_;
  // Neighbouring cached segments together.
  std::vector<RowRange> cachedRows_;
  uint32_t tokens_ = 0;
  uint32_t cachedTokens_ = 0;
  uint32_t doneTokens_ = 0;
  uint32_t largestBatch_ = 0;
  std::atomic<uint64_t> bytesRead_{0}, bytesFromMemory_{0};
  // Layer that is read meanwhile; declared last, so that it ends before what it uses.
  uint32_t aheadLayer_ = 0;
  std::future<void> ahead_;
};

// Whether every f16 number is finite. Attention spreads one that is not to everything behind it.
bool allFinite(const uint16_t* f16, size_t count);

// Computes tokens at positions `position`.. in sub-batches; the last one yields logits when they are wanted.
// `after` is called with the number of tokens of each sub-batch.
void computeTokens(Context& context, const std::vector<int32_t>& tokens, uint32_t position, uint32_t subBatch,
                   std::vector<float>* logits, const std::function<void(uint32_t)>& after);

}  // namespace kvasir::engine
