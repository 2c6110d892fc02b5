#include "measure.h"

#include <algorithm>
#include <numeric>

#include "../codec/error.h"

namespace kvasir::blend {
namespace {

using codec::Kind;

// Adds each token's sum of squared differences between two blocks [tokens][width].
void addSquares(const std::vector<uint16_t>& first, const std::vector<uint16_t>& second, std::vector<float>& sums) {
  const size_t width = first.size() / sums.size();
  std::vector<float> a(width), b(width);
  for (size_t token = 0; token < sums.size(); token++) {
    engine::ggml_fp16_to_fp32_row(first.data() + token * width, a.data(), static_cast<int64_t>(width));
    engine::ggml_fp16_to_fp32_row(second.data() + token * width, b.data(), static_cast<int64_t>(width));
    float sum = 0;
    for (size_t i = 0; i < width; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    sums[token] += sum;
  }
}

}  // namespace

Deviations measure(Context& context, const std::vector<Segment>& segments, uint32_t subBatch, const AbortFlag& abort) {
  engine::SegmentFiller filler(context, segments, subBatch);
  const uint32_t layers = context.model().config().layers;
  const uint32_t total = filler.tokens();
  if (total == 0) throw Error("argument.invalid", "Expected tokens to measure, got none.");
  context.reserve(total);
  context.prepare(std::min(subBatch, total));
  filler.load(abort);
  std::vector<int32_t> tokens;
  std::vector<bool> cached;
  for (const Segment& segment : segments) {
    tokens.insert(tokens.end(), segment.tokens.begin(), segment.tokens.end());
    cached.insert(cached.end(), segment.tokens.size(), segment.cached());
  }
  std::vector<uint32_t> rows(total);
  std::iota(rows.begin(), rows.end(), 0u);
  Deviations result;
  result.k.resize(layers);
  result.v.resize(layers);
  for (uint32_t at = 0; at < total; at += subBatch) {
    engine::LayerRun run;
    run.tokens = tokens.data() + at;
    run.rows = rows.data() + at;
    run.count = std::min(subBatch, total - at);
    run.layers = context.wholeModel(engine::Outputs::None);
    run.deviationFrom = 0;
    engine::RowDeviations deviations;
    context.run(run, nullptr, &deviations);
    for (uint32_t layer = 0; layer < layers; layer++) {
      for (uint32_t i = 0; i < run.count; i++) {
        if (!cached[at + i]) continue;
        result.k[layer].push_back(deviations.k[layer][i]);
        result.v[layer].push_back(deviations.v[layer][i]);
      }
    }
  }
  return result;
}

ObjectDeviations deviation(const codec::NamedObject& first, const codec::NamedObject& second,
                           const AbortFlag& abort) {
  engine::requireGgml();
  codec::ObjectIdentity identity = codec::ObjectReader::inspect(first.path);
  identity.key = first.key;
  const codec::ObjectReader a(first.path, identity);
  identity.key = second.key;
  const codec::ObjectReader b(second.path, identity);
  ObjectDeviations result;
  result.k.resize(identity.tokens);
  result.v.resize(identity.tokens);
  std::vector<uint16_t> rowsA, rowsB;
  const auto add = [&](uint32_t layer, Kind kind, uint32_t width, std::vector<float>& sums) {
    rowsA.resize(size_t{identity.tokens} * width);
    rowsB.resize(rowsA.size());
    a.read(layer, kind, rowsA.data(), rowsA.size());
    b.read(layer, kind, rowsB.data(), rowsB.size());
    addSquares(rowsA, rowsB, sums);
  };
  for (uint32_t layer = 0; layer < identity.layers; layer++) {
    if (abort) throw Error("cancelled", "Cancelled.");
    add(layer, Kind::K, identity.k_width, result.k);
    add(layer, Kind::V, identity.v_width, result.v);
  }
  return result;
}

}  // namespace kvasir::blend
