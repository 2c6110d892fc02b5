#include "compose.h"

#include <algorithm>
#include <numeric>

#include "../codec/error.h"
#include "../codec/sha256.h"

namespace kvasir::blend {
namespace {

using engine::LayerRun;
using engine::LayerSpan;
using engine::now;
using engine::Outputs;
using engine::RowDeviations;
using engine::SegmentFiller;

using Rows = std::vector<uint32_t>;

// Rows of the question whose attention weighs deviations.
constexpr uint32_t ATTENTION_QUERIES = 32;
// What the CPU's kernels like best: they take rows in groups of up to so many.
constexpr size_t TILE_ROWS = 64;

[[noreturn]] void invalid(const std::string& text) { throw Error("argument.invalid", text); }

// What the segments but the last hold, as one name.
std::string nameOf(const std::vector<Segment>& segments) {
  std::string all;
  for (size_t i = 0; i + 1 < segments.size(); i++) {
    const Segment& segment = segments[i];
    all += segment.cached() ? "k" + segment.key.hex() + (segment.codebook.isGiven() ? segment.codebook.digest.hex() : "")
                            : "t" + codec::sha256(segment.tokens.data(), segment.tokens.size() * sizeof(int32_t)).hex();
  }
  return codec::sha256(all.data(), all.size()).hex();
}

class Composer {
 public:
  Composer(Context& context, const ComposeRequest& request, const Progress& progress, const AbortFlag& abort)
      : context_(context),
        request_(request),
        progress_(progress),
        abort_(abort),
        filler_(context, request.segments, request.subBatch, request.memory),
        layers_(context.model().config().layers),
        start_(now()) {
    check();
    if (request.segments.size() > 1 && !request.segments.front().cached()) front_ = request.segments.front().tokens;
    for (const Segment& segment : request.segments) {
      const bool cached = segment.cached();
      for (const int32_t token : segment.tokens) {
        const auto row = static_cast<uint32_t>(tokens_.size());
        if (cached) cachedRows_.push_back(row);
        else if (row >= front_.size()) computedRows_.push_back(row);
        tokens_.push_back(token);
      }
    }
    if (!request.recompute.rows.empty() &&
        !std::includes(cachedRows_.begin(), cachedRows_.end(), request.recompute.rows.begin(),
                       request.recompute.rows.end())) {
      invalid("Expected rows of cached segments to compute again, ascending and each once.");
    }
  }

  Composition compose(uint32_t room) {
    const uint32_t question = filler_.start(request_.segments.size() - 1);
    const bool plain = request_.recompute.kind == Recompute::Kind::None;
    const bool frontIsThere = !front_.empty() && context_.front() == front_;
    const std::string name = nameOf(request_.segments);
    result_.wasResident = plain && request_.resident && question > 0 && context_.resident() == name;
    const auto total = static_cast<uint32_t>(tokens_.size());
    const auto front = static_cast<uint32_t>(front_.size());
    context_.reserve(total + room, result_.wasResident ? question : frontIsThere ? front : 0);
    context_.prepare(std::min(request_.subBatch, total));
    if (result_.wasResident) {
      computedRows_.erase(computedRows_.begin(),
                          std::lower_bound(computedRows_.begin(), computedRows_.end(), question));
      runFixed(computedRows_, false);
    } else {
      filler_.open();
      if (!frontIsThere) runFront();
      if (request_.recompute.kind == Recompute::Kind::Check && !cachedRows_.empty()) {
        runChecked();
      } else {
        result_.recomputedRows = request_.recompute.rows;
        runFixed(merged(computedRows_, request_.recompute.rows), !cachedRows_.empty());
      }
    }
    if (plain) context_.setResident(name, question);
    result_.tokens = total;
    result_.reusedTokens = static_cast<uint32_t>(cachedRows_.size());
    result_.computedTokens = total - result_.reusedTokens;
    result_.bytesRead = filler_.bytesRead();
    result_.bytesFromMemory = filler_.bytesFromMemory();
    return std::move(result_);
  }

 private:
  // A part of some rows, in order.
  struct Batch {
    const uint32_t* rows;
    uint32_t count;
    bool last;
  };

  void check() const {
    const Recompute& recompute = request_.recompute;
    if (request_.segments.empty() || request_.segments.back().cached() || request_.segments.back().tokens.empty())
      invalid("Expected the last segment to be computed and to hold a token: the answer begins behind it.");
    if (recompute.kind != Recompute::Kind::Check) return;
    if (recompute.layer < 1 || recompute.layer >= layers_) {
      invalid("Expected a check layer from 1 to " + std::to_string(layers_ - 1) + ", the last layer of " +
              context_.model().facts().name + ", got " + std::to_string(recompute.layer) + ".");
    }
    if (!(recompute.ratio >= 0 && recompute.ratio <= 1)) invalid("Expected a recompute ratio from 0 to 1.");
  }

  // Sub-batches of like size in whole tiles, since small or ragged ones are slow; of the full size where everything is
  // computed, as anywhere.
  std::vector<Batch> cut(const Rows& rows) const {
    size_t size = request_.subBatch;
    if (rows.size() > size && rows.size() + front_.size() < tokens_.size()) {
      const size_t even = rows.size() / ((rows.size() + size - 1) / size);
      size = std::min(size, (even / TILE_ROWS + 1) * TILE_ROWS);
    }
    std::vector<Batch> batches;
    for (size_t at = 0; at < rows.size(); at += size) {
      const auto count = static_cast<uint32_t>(std::min<size_t>(size, rows.size() - at));
      batches.push_back({rows.data() + at, count, at + count == rows.size()});
    }
    return batches;
  }

  // What stands in front of everything, e.g. a system prompt: computed apart, so that it has the same bits in every
  // context and can stay for the next one.
  void runFront() {
    Rows rows(front_.size());
    std::iota(rows.begin(), rows.end(), 0u);
    totalWork_ = tokens_.size() * layers_;
    for (const Batch& batch : cut(rows)) compute(runOf(batch, context_.wholeModel(Outputs::None), rows));
    context_.setFront(front_);
    doneWork_ = 0;
  }

  // The same rows in all layers. Only the first sub-batch waits for layers to be loaded, so it goes layer by layer.
  void runFixed(const Rows& rows, bool load) {
    totalWork_ = rows.size() * layers_;
    for (const Batch& batch : cut(rows)) {
      if (load) {
        runLayerwise(batch, 0, rows);
        context_.endHidden();
      } else {
        runThrough(batch, 0, rows);
      }
      load = false;
    }
  }

  // CacheBlend (arXiv 2405.16444), section 4.3, with masks by position and the whole question always computed.
  void runChecked() {
    const Recompute& recompute = request_.recompute;
    const uint32_t layer = recompute.layer;
    const uint32_t exactRows = recompute.ratio < 1 ? recompute.exactRows : 0;
    candidates_.assign(std::lower_bound(cachedRows_.begin(), cachedRows_.end(), exactRows), cachedRows_.end());
    const bool readsAll = candidates_.size() < cachedRows_.size();
    const Rows all = merged(computedRows_, candidates_);
    const size_t kept = computedRows_.size() + countAt(layer);
    totalWork_ = all.size() * layer + kept * (layers_ - layer);

    context_.beginHidden(static_cast<uint32_t>(all.size()));
    for (uint32_t below = 0; readsAll && below < layer; below++) loadLayer(below);
    loadLayer(layer);
    RowDeviations deviations;
    for (const Batch& batch : cut(all)) {
      LayerRun run = runOf(batch, {0, false, layer, true}, all);
      run.keepHidden = true;
      run.deviationFrom = layer;
      compute(run, &deviations);
    }
    std::vector<float> scores = scoresAt(candidates_, all, deviations);
    if (recompute.attention) weighByAttention(all, scores);
    Rows chosen = highest(candidates_, scores, countAt(layer));
    recompute.gradual ? runGradually(all, chosen) : runChosen(all, chosen);
    result_.recomputedRows = std::move(chosen);
    context_.endHidden();
  }

  void runChosen(const Rows& all, const Rows& chosen) {
    const Rows rows = merged(computedRows_, chosen);
    bool load = true;
    for (const Batch& batch : cut(rows)) {
      load ? runLayerwise(batch, request_.recompute.layer, all) : runThrough(batch, request_.recompute.layer, all);
      load = false;
    }
  }

  // Fewer rows in every layer, by that layer's deviation among those that came so far.
  void runGradually(const Rows& all, Rows& chosen) {
    Rows rows = merged(computedRows_, chosen);
    for (uint32_t layer = request_.recompute.layer; layer < layers_; layer++) {
      if (layer > request_.recompute.layer) {
        loadLayer(layer);
        RowDeviations deviations;
        for (const Batch& batch : cut(rows)) {
          LayerRun run = runOf(batch, {layer, false, layer, true}, all);
          run.deviationFrom = layer;
          compute(run, &deviations);
        }
        chosen = highest(chosen, scoresAt(chosen, rows, deviations), countAt(layer));
        rows = merged(computedRows_, chosen);
      }
      const bool last = layer + 1 == layers_;
      for (const Batch& batch : cut(rows)) {
        if (last && !batch.last) continue;
        LayerRun run = runOf(batch, {layer, true, layer + 1, false}, all);
        run.keepHidden = !last;
        if (last) run.outputs = Outputs::Last;
        compute(run);
      }
    }
  }

  size_t countAt(uint32_t layer) const {
    const double share = ratioAt(request_.recompute, layer, layers_) * static_cast<double>(cachedRows_.size());
    return std::min(static_cast<size_t>(share), candidates_.size());
  }

  // Scores of `rows`, from deviations of all `of`, batch after batch.
  std::vector<float> scoresAt(const Rows& rows, const Rows& of, const RowDeviations& deviations) const {
    std::vector<float> scores;
    size_t at = 0, index = 0;
    for (size_t i = 0; i < deviations.v.size(); i++) {
      for (const float score : scoresOf(deviations.k[i], deviations.v[i], request_.recompute.by)) {
        if (index < rows.size() && rows[index] == of[at]) {
          scores.push_back(score);
          index++;
        }
        at++;
      }
    }
    return scores;
  }

  void weighByAttention(const Rows& all, std::vector<float>& scores) {
    const uint32_t question = request_.segments.back().size();
    const uint32_t count = std::min(question, ATTENTION_QUERIES);
    Rows places(count);
    std::iota(places.begin(), places.end(), static_cast<uint32_t>(all.size()) - count);
    const std::vector<float> paid =
        context_.attentionPaid(all.data() + places.front(), places.data(), count, request_.recompute.layer);
    for (size_t i = 0; i < scores.size(); i++) scores[i] *= paid[candidates_[i]];
  }

  // From `first` on, whose K/V are there already unless it is 0, each layer loaded just before it is needed. Hidden
  // states are kept by the rows' places in `places`.
  void runLayerwise(const Batch& batch, uint32_t first, const Rows& places) {
    if (first == 0) context_.beginHidden(batch.count);
    for (uint32_t layer = first; layer < layers_; layer++) {
      const bool there = layer == first && first > 0;
      if (!there) loadLayer(layer);
      const bool last = layer + 1 == layers_;
      if (last && !batch.last) {
        if (!there) compute(runOf(batch, {layer, false, layer, true}, places));
        continue;
      }
      LayerRun run = runOf(batch, {layer, there, layer + 1, false}, places);
      run.keepHidden = !last;
      if (last) run.outputs = Outputs::Last;
      compute(run);
    }
  }

  // All layers from `first` on, as in runLayerwise, in one graph.
  void runThrough(const Batch& batch, uint32_t first, const Rows& places) {
    const bool there = first > 0;
    if (!batch.last && there && first + 1 == layers_) return;
    const LayerSpan span = batch.last ? LayerSpan{first, there, layers_, false}
                                      : LayerSpan{first, there, layers_ - 1, true};
    LayerRun run = runOf(batch, span, places);
    if (batch.last) run.outputs = Outputs::Last;
    compute(run);
  }

  LayerRun runOf(const Batch& batch, const LayerSpan& span, const Rows& places) {
    batchTokens_.resize(batch.count);
    batchHidden_.resize(batch.count);
    size_t place = 0;
    for (uint32_t i = 0; i < batch.count; i++) {
      batchTokens_[i] = tokens_[batch.rows[i]];
      place = static_cast<size_t>(std::lower_bound(places.begin() + static_cast<ptrdiff_t>(place), places.end(),
                                                   batch.rows[i]) -
                                  places.begin());
      batchHidden_[i] = static_cast<uint32_t>(place);
    }
    LayerRun run;
    run.tokens = batchTokens_.data();
    run.rows = batch.rows;
    run.hidden = batchHidden_.data();
    run.count = batch.count;
    run.layers = span;
    return run;
  }

  void compute(const LayerRun& run, RowDeviations* deviations = nullptr) {
    const double begin = now();
    context_.run(run, &result_.logits, deviations);
    const uint32_t end = run.layers.to + (run.layers.keys ? 1 : 0);
    result_.work.push_back({false, run.layers.from, end, run.count, {begin - start_, now() - begin}});
    doneWork_ += uint64_t{run.count} * (run.layers.to - run.layers.from);
    if (!progress_) return;
    const double share = std::min(1.0, static_cast<double>(doneWork_) / static_cast<double>(totalWork_));
    progress_(static_cast<uint64_t>(share * static_cast<double>(tokens_.size())), tokens_.size());
  }

  void loadLayer(uint32_t layer) {
    if (cachedRows_.empty()) return;
    const double begin = now();
    filler_.loadLayer(layer, abort_);
    const auto rows = static_cast<uint32_t>(cachedRows_.size());
    result_.work.push_back({true, layer, layer + 1, rows, {begin - start_, now() - begin}});
  }

  Context& context_;
  const ComposeRequest& request_;
  const Progress& progress_;
  const AbortFlag& abort_;
  SegmentFiller filler_;
  const uint32_t layers_;
  const double start_;
  std::vector<int32_t> tokens_;
  // The first segment's, where it is computed and others follow.
  std::vector<int32_t> front_;
  Rows cachedRows_, computedRows_;
  // Cached rows that a check may choose.
  Rows candidates_;
  std::vector<int32_t> batchTokens_;
  Rows batchHidden_;
  // In tokens times layers, for progress.
  uint64_t doneWork_ = 0, totalWork_ = 1;
  Composition result_;
};

}  // namespace

Composition compose(Context& context, const ComposeRequest& request, uint32_t room, const Progress& progress,
                    const AbortFlag& abort) {
  return Composer(context, request, progress, abort).compose(room);
}

}  // namespace kvasir::blend
