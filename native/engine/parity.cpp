#include "parity.h"

#include <algorithm>
#include <numeric>

#include "../codec/error.h"
#include "bench.h"

namespace kvasir::engine {
namespace {

void check(const Model& model, const std::vector<int32_t>& tokens) {
  checkTokens(model, tokens);
  if (tokens.empty()) throw Error("argument.invalid", "Expected tokens to compare with, got none.");
}

std::vector<float> logitsAt(Context& context, const std::vector<int32_t>& tokens, uint32_t offset, uint32_t subBatch,
                            bool asLibllama = false) {
  const auto total = static_cast<uint32_t>(tokens.size());
  std::vector<uint32_t> rows(total);
  std::iota(rows.begin(), rows.end(), 0u);
  std::vector<float> logits;
  for (uint32_t at = 0; at < total; at += subBatch) {
    LayerRun run;
    run.tokens = tokens.data() + at;
    run.rows = rows.data() + at;
    run.count = std::min(subBatch, total - at);
    run.layers = context.wholeModel(Outputs::All);
    run.outputs = Outputs::All;
    run.positionOffset = offset;
    run.asLibllama = asLibllama;
    context.run(run, &logits);
  }
  return logits;
}

}  // namespace

LogitsComparison parity(Context& context, const std::vector<int32_t>& tokens, uint32_t subBatch, bool asLibllama) {
  const Model& model = context.model();
  check(model, tokens);
  context.reserve(static_cast<uint32_t>(tokens.size()));
  std::vector<float> theirs;
  Oracle(model.path(), oracleOptions(model, subBatch, tokens.size())).run(tokens, true, theirs);
  return compareLogits(theirs, logitsAt(context, tokens, 0, subBatch, asLibllama), model.config().vocabulary);
}

LogitsComparison shift(Context& context, const std::vector<int32_t>& tokens, uint32_t offset, uint32_t subBatch) {
  const Model& model = context.model();
  check(model, tokens);
  // The positions count, not the rows.
  if (uint64_t{offset} + tokens.size() > model.config().contextLength) {
    throw Error("engine.context-too-long",
                "Expected an offset that leaves " + std::to_string(tokens.size()) + " tokens room in a context of " +
                    std::to_string(model.config().contextLength) + ", got " + std::to_string(offset) + ".");
  }
  context.reserve(static_cast<uint32_t>(tokens.size()));
  const std::vector<float> here = logitsAt(context, tokens, 0, subBatch);
  return compareLogits(here, logitsAt(context, tokens, offset, subBatch), model.config().vocabulary);
}

}  // namespace kvasir::engine
