#include "inspect.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../codec/error.h"

namespace kvasir::blend {
namespace {

using engine::LayerRun;

constexpr size_t PLANES = 6;
// Numbers of one computation of attention weights, [heads][rows][keys], at most.
constexpr size_t MAX_WEIGHTS = size_t{8} << 20;
constexpr uint32_t MAX_QUERIES = 32;

class Inspector {
 public:
  Inspector(Context& context, const InspectRequest& request, const AbortFlag& abort)
      : context_(context),
        request_(request),
        abort_(abort),
        layers_(context.model().config().layers),
        width_(context.model().config().kvWidth()),
        start_(static_cast<uint32_t>(request.front.size())),
        count_(request.cache.size()) {
    if (!request.cache.cached() || request.from >= request.to || request.to > count_) {
      throw Error("argument.invalid", "Expected a range of the cache's " + std::to_string(count_) + " tokens, got " +
                                          std::to_string(request.from) + " to " + std::to_string(request.to) + ".");
    }
    for (const auto* part : {&request.front, &request.cache.tokens, &request.question})
      tokens_.insert(tokens_.end(), part->begin(), part->end());
    rows_.resize(tokens_.size());
    std::iota(rows_.begin(), rows_.end(), 0u);
    const uint32_t wanted = request.to - request.from;
    const auto most = std::max<uint32_t>(1, static_cast<uint32_t>(INSPECTION_BYTES / sizeof(float) / PLANES / layers_));
    result_.layers = layers_;
    result_.tokensPerCell = (wanted + most - 1) / most;
    result_.cells = (wanted + result_.tokensPerCell - 1) / result_.tokensPerCell;
  }

  Inspection inspect() {
    const std::vector<Segment> segments = segmentsOf();
    engine::SegmentFiller filler(context_, segments, request_.subBatch);
    const auto total = static_cast<uint32_t>(tokens_.size());
    context_.reserve(total);
    context_.prepare(std::min(request_.subBatch, total));
    filler.load(abort_);
    for (uint32_t layer = 0; layer < layers_; layer++) {
      add(result_.keyNorms, norms(layer, 0));
      add(result_.valueNorms, norms(layer, 1));
    }
    context_.beginHidden(total);
    for (uint32_t layer = 0; layer < layers_; layer++) inspectLayer(layer);
    context_.endHidden();
    return std::move(result_);
  }

 private:
  std::vector<Segment> segmentsOf() const {
    std::vector<Segment> segments;
    const auto computed = [&](const std::vector<int32_t>& tokens) {
      if (tokens.empty()) return;
      segments.emplace_back();
      segments.back().tokens = tokens;
    };
    computed(request_.front);
    segments.push_back(request_.cache);
    computed(request_.question);
    return segments;
  }

  // Hidden states of the layer are there; leaves those of the next one.
  void inspectLayer(uint32_t layer) {
    std::vector<float> keys, values;
    forBatches([&](LayerRun run) {
      run.layers = {layer, false, layer, true};
      run.deviationFrom = layer;
      engine::RowDeviations deviations;
      context_.run(run, nullptr, &deviations);
      take(run, deviations.k.front(), keys);
      take(run, deviations.v.front(), values);
    });
    add(result_.keyDeviations, relative(keys, norms(layer, 0)));
    add(result_.valueDeviations, relative(values, norms(layer, 1)));
    add(result_.attention, attentionWithin(layer));
    if (!request_.question.empty()) add(result_.questionAttention, attentionOfQuestion(layer));
    if (layer + 1 == layers_) return;
    forBatches([&](LayerRun run) {
      run.layers = {layer, layer > 0, layer + 1, false};
      run.keepHidden = true;
      context_.run(run);
    });
  }

  template <class Work>
  void forBatches(Work work) {
    const auto total = static_cast<uint32_t>(rows_.size());
    for (uint32_t at = 0; at < total; at += request_.subBatch) work(runOf(at, std::min(request_.subBatch, total - at)));
  }

  // Rows are tokens are places among the hidden states.
  LayerRun runOf(uint32_t from, uint32_t count) const {
    LayerRun run;
    run.tokens = tokens_.data() + from;
    run.rows = rows_.data() + from;
    run.hidden = rows_.data() + from;
    run.count = count;
    return run;
  }

  // Appends what of a run's rows is the cache's.
  void take(const LayerRun& run, const std::vector<float>& of, std::vector<float>& to) const {
    for (uint32_t i = 0; i < run.count; i++) {
      const uint32_t row = run.rows[i];
      if (row >= start_ && row < start_ + count_) to.push_back(of[i]);
    }
  }

  // Of the cache's rows as they are now.
  std::vector<float> norms(uint32_t layer, uint32_t index) {
    std::vector<uint16_t> f16(size_t{count_} * width_);
    std::vector<float> row(width_), norms(count_);
    context_.cache().part(layer).download(layer, index, start_, count_, f16.data());
    for (uint32_t token = 0; token < count_; token++) {
      engine::ggml_fp16_to_fp32_row(f16.data() + size_t{token} * width_, row.data(), static_cast<int64_t>(width_));
      norms[token] = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0f));
    }
    return norms;
  }

  static std::vector<float> relative(const std::vector<float>& squares, const std::vector<float>& norms) {
    std::vector<float> shares(squares.size());
    for (size_t i = 0; i < shares.size(); i++) shares[i] = norms[i] > 0 ? std::sqrt(squares[i]) / norms[i] : 0;
    return shares;
  }

  std::vector<float> attentionWithin(uint32_t layer) {
    std::vector<float> paid(count_);
    attend(layer, start_, count_, [&](uint32_t query, const float* weights) {
      for (uint32_t token = 0; start_ + token < query; token++) paid[token] += weights[start_ + token];
    });
    for (uint32_t token = 0; token + 1 < count_; token++) paid[token] /= static_cast<float>(count_ - 1 - token);
    return paid;
  }

  std::vector<float> attentionOfQuestion(uint32_t layer) {
    std::vector<float> paid(count_);
    const auto queries = static_cast<uint32_t>(request_.question.size());
    attend(layer, start_ + count_, queries, [&](uint32_t, const float* weights) {
      for (uint32_t token = 0; token < count_; token++)
        paid[token] += weights[start_ + token] / static_cast<float>(queries);
    });
    return paid;
  }

  // Tells of each of the rows [from, from + count) what it pays to every key up to its own.
  template <class Tell>
  void attend(uint32_t layer, uint32_t from, uint32_t count, Tell tell) {
    const size_t perQuery = size_t{context_.model().config().heads} * context_.cache().capacity();
    const uint32_t step = std::clamp<uint32_t>(static_cast<uint32_t>(MAX_WEIGHTS / perQuery), 1, MAX_QUERIES);
    for (uint32_t at = 0; at < count; at += step) {
      if (abort_) throw Error("cancelled", "Cancelled.");
      const uint32_t queries = std::min(step, count - at);
      const std::vector<float> paid = context_.attentionOfEach(runOf(from + at, queries), layer);
      const size_t keys = paid.size() / queries;
      for (uint32_t i = 0; i < queries; i++) tell(from + at + i, paid.data() + i * keys);
    }
  }

  // Adds a layer to a plane: the wanted tokens' values, in cells.
  void add(std::vector<float>& plane, const std::vector<float>& values) const {
    for (uint32_t at = request_.from; at < request_.to; at += result_.tokensPerCell) {
      const uint32_t end = std::min(at + result_.tokensPerCell, request_.to);
      const float sum = std::accumulate(values.begin() + at, values.begin() + end, 0.0f);
      plane.push_back(sum / static_cast<float>(end - at));
    }
  }

  Context& context_;
  const InspectRequest& request_;
  const AbortFlag& abort_;
  const uint32_t layers_, width_;
  // Of the cache's rows.
  const uint32_t start_, count_;
  std::vector<int32_t> tokens_;
  std::vector<uint32_t> rows_;
  Inspection result_;
};

}  // namespace

Inspection inspectCache(Context& context, const InspectRequest& request, const AbortFlag& abort) {
  return Inspector(context, request, abort).inspect();
}

}  // namespace kvasir::blend
