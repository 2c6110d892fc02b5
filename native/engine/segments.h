// Fills a context from segments: cached ones are read from object files, the others are computed. What `answer` and
// `encode` have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../codec/format.h"
#include "context.h"

namespace kvasir::engine {

// A run of the context. With a path its K/V come from that object file, which must be of `key`.
struct Segment {
  std::vector<int32_t> tokens;
  std::string path;
  codec::Digest key;

  bool cached() const { return !path.empty(); }
  uint32_t size() const { return static_cast<uint32_t>(tokens.size()); }
};

// Tokens done and in all, from the thread that computes.
using Progress = std::function<void(uint64_t done, uint64_t total)>;

// Milliseconds on a steady clock since some fixed moment.
double now();

// A span of time relative to the start of a call.
struct Stage {
  std::string name;
  double startMs = 0;
  double ms = 0;
};

class SegmentFiller {
 public:
  // `segments` must outlive the filler. Checks tokens.
  SegmentFiller(Context& context, const std::vector<Segment>& segments, uint32_t subBatch);

  // Tokens of all segments; those that come from object files.
  uint32_t tokens() const noexcept { return tokens_; }
  uint32_t cachedTokens() const noexcept { return cachedTokens_; }
  uint64_t bytesRead() const noexcept { return bytesRead_; }
  // Most tokens computed at once.
  uint32_t largestBatch() const noexcept { return largestBatch_; }
  // First row of a segment.
  uint32_t start(size_t segment) const { return starts_[segment]; }

  // Opens every object file, which checks its header against the model and the segment.
  void open();
  // Reads and checks all cached segments: straight into the cache where it lies in host memory, else into staging.
  void read(const AbortFlag& abort);
  // Brings staged K/V to their device and applies RoPE to all cached rows.
  void upload();
  // Computes a segment in sub-batches that do not span its end; with `logits` the last token's are appended.
  // Progress counts cached tokens as done.
  void compute(size_t segment, std::vector<float>* logits, const Progress& progress);
  // `open`, `read` and `upload`.
  void load(const AbortFlag& abort);
  // All of the above, for every segment, without logits.
  void fill(const AbortFlag& abort, const Progress& progress);

 private:
  struct Opened {
    std::string path;
    std::unique_ptr<codec::ObjectReader> reader;
    uint32_t start;
    uint32_t tokens;
    // Per part of the cache; empty where rows are read in place.
    std::vector<std::vector<uint16_t>> staging;
  };

  void readPlane(Opened& object, size_t part, uint32_t layer, Kind kind);

  Context& context_;
  const std::vector<Segment>& segments_;
  uint32_t subBatch_;
  std::vector<uint32_t> starts_;
  std::vector<Opened> objects_;
  uint32_t tokens_ = 0;
  uint32_t cachedTokens_ = 0;
  uint32_t doneTokens_ = 0;
  uint32_t largestBatch_ = 0;
  uint64_t bytesRead_ = 0;
};

// Whether every f16 number is finite. Attention spreads one that is not to everything behind it.
bool allFinite(const uint16_t* f16, size_t count);

// Computes tokens at positions `position`.. in sub-batches; the last one yields logits when they are wanted.
// `after` is called with the number of tokens of each sub-batch.
void computeTokens(Context& context, const std::vector<int32_t>& tokens, uint32_t position, uint32_t subBatch,
                   std::vector<float>* logits, const std::function<void(uint32_t)>& after);

}  // namespace kvasir::engine
