#include "provenance.h"

#include <algorithm>
#include <numeric>

#include "../codec/error.h"

namespace kvasir::blend {
namespace {

using engine::LayerRun;
using engine::LayerSpan;

// Bytes of attention weights looked at at once, and the rows they may be of at most.
constexpr size_t WEIGHT_BYTES = size_t{64} << 20;
constexpr size_t BATCH_ROWS = 64;

void check(const Context& context, const ProvenanceRequest& request) {
  if (context.model().config().layers < 2) {
    throw Error("model.unsupported", "Expected a model of two layers or more, got one of a single layer: its keys have "
                                     "seen nothing but their own token.");
  }
  if (request.answer.empty()) throw Error("argument.invalid", "Expected an answer of one token or more, got none.");
  engine::checkTokens(context.model(), request.answer);
  size_t total = 0;
  for (const Segment& segment : request.compose.segments) total += segment.tokens.size();
  for (const engine::RowRange& range : request.ranges) {
    if (range.count == 0 || size_t{range.from} + range.count > total) {
      throw Error("argument.invalid", "Expected runs of rows inside the " + std::to_string(total) +
                                          " of the context, got " + std::to_string(range.count) + " from " +
                                          std::to_string(range.from) + " on.");
    }
  }
}

}  // namespace

std::vector<std::vector<float>> provenance(Context& context, const ProvenanceRequest& request,
                                           const Progress& progress, const AbortFlag& abort) {
  check(context, request);
  const engine::ModelConfig& config = context.model().config();
  const auto count = static_cast<uint32_t>(request.answer.size());
  const uint32_t total = compose(context, request.compose, count, {}, abort).tokens;
  // The context's last token chose the answer's first; what is chosen last chooses nothing any more.
  std::vector<int32_t> tokens{request.compose.segments.back().tokens.back()};
  tokens.insert(tokens.end(), request.answer.begin(), request.answer.end() - 1);
  std::vector<uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), total - 1);
  context.reserve(total + count, total);

  const size_t fit = WEIGHT_BYTES / (sizeof(float) * config.heads * size_t{context.cache().capacity()});
  const auto batch = static_cast<uint32_t>(std::clamp<size_t>(fit, 1, BATCH_ROWS));
  std::vector<uint32_t> hidden(std::min(batch, count));
  std::iota(hidden.begin(), hidden.end(), 0u);
  context.beginHidden(static_cast<uint32_t>(hidden.size()));
  const float layers = static_cast<float>(config.layers - 1);
  std::vector<std::vector<float>> shares(count, std::vector<float>(request.ranges.size(), 0.0f));
  for (uint32_t at = 0; at < count; at += batch) {
    LayerRun run;
    run.tokens = tokens.data() + at;
    run.rows = rows.data() + at;
    run.hidden = hidden.data();
    run.count = std::min(batch, count - at);
    run.keepHidden = true;
    for (uint32_t layer = 1; layer < config.layers; layer++) {
      run.layers = LayerSpan{layer - 1, layer > 1, layer, true};
      context.run(run);
      const std::vector<float> paid = context.attentionOfEach(run, layer);
      const size_t width = paid.size() / run.count;
      for (uint32_t i = 0; i < run.count; i++) {
        for (size_t range = 0; range < request.ranges.size(); range++) {
          const float* from = paid.data() + i * width + request.ranges[range].from;
          shares[at + i][range] += std::accumulate(from, from + request.ranges[range].count, 0.0f) / layers;
        }
      }
    }
    if (progress) progress(at + run.count, count);
  }
  context.endHidden();
  return shares;
}

}  // namespace kvasir::blend
