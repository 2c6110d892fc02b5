#include "bench.h"

#include <algorithm>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

// The token repeated in timed decoding: which one does not matter.
int32_t decodeToken(const BenchRequest& request) { return request.tokens.back(); }

BenchResult benchKvasir(Context& context, const BenchRequest& request) {
  const auto count = static_cast<uint32_t>(request.tokens.size());
  context.reserve(count + (request.prefill ? 0 : request.steps));
  context.prepare(std::min(count, request.subBatch));
  std::vector<float> logits;
  const double begin = now();
  computeTokens(context, request.tokens, 0, request.subBatch, &logits, {});
  if (request.prefill) return {now() - begin, count};
  const int32_t token = decodeToken(request);
  const double decodeBegin = now();
  for (uint32_t i = 0; i < request.steps; i++) {
    logits.clear();
    context.run(&token, 1, count + i, Outputs::Last, &logits);
  }
  return {now() - decodeBegin, request.steps};
}

BenchResult benchLibllama(Oracle& oracle, const BenchRequest& request) {
  oracle.clear();
  std::vector<float> logits;
  const double begin = now();
  oracle.run(request.tokens, false, logits);
  if (request.prefill) return {now() - begin, static_cast<uint32_t>(request.tokens.size())};
  const std::vector<int32_t> token{decodeToken(request)};
  const double decodeBegin = now();
  for (uint32_t i = 0; i < request.steps; i++) {
    logits.clear();
    oracle.run(token, false, logits);
  }
  return {now() - decodeBegin, request.steps};
}

}  // namespace

OracleOptions oracleOptions(const Model& model, uint32_t subBatch, size_t tokens) {
  OracleOptions options;
  options.threads = model.threads();
  options.subBatch = subBatch;
  options.capacity = static_cast<uint32_t>((tokens + KV_STEP - 1) / KV_STEP * KV_STEP);
  options.device = model.placement().device;
  // libllama counts the output as one more layer.
  options.gpuLayers = options.device ? model.gpuLayers() + 1 : 0;
  return options;
}

BenchResult bench(Context& context, std::unique_ptr<Oracle>& oracle, const BenchRequest& request) {
  checkTokens(context.model(), request.tokens);
  if (request.tokens.empty()) throw Error("argument.invalid", "Expected tokens to measure with, got none.");
  if (request.who == Who::Kvasir) return benchKvasir(context, request);
  const size_t total = request.tokens.size() + (request.prefill ? 0 : request.steps);
  const OracleOptions wanted = oracleOptions(context.model(), request.subBatch, total);
  if (!oracle || oracle->options().subBatch != wanted.subBatch || oracle->options().capacity < wanted.capacity) {
    oracle.reset();
    oracle = std::make_unique<Oracle>(context.model().path(), wanted);
  }
  return benchLibllama(*oracle, request);
}

std::vector<float> allLogits(const LogitsRequest& request) {
  const Model model(request.path, request.load, request.test);
  checkTokens(model, request.tokens);
  const auto total = static_cast<uint32_t>(request.tokens.size());
  if (total == 0 || request.decode >= total || (request.who == Who::Libllama && !request.context.empty())) {
    throw Error("argument.invalid",
                "Expected more tokens than are decoded one at a time, and no context for libllama.");
  }
  const uint32_t prefill = total - request.decode;
  std::vector<float> logits;
  if (request.who == Who::Libllama) {
    Oracle oracle(request.path, oracleOptions(model, request.subBatch, total));
    oracle.run({request.tokens.begin(), request.tokens.begin() + prefill}, true, logits);
    for (uint32_t i = prefill; i < total; i++) oracle.run({request.tokens[i]}, true, logits);
    return logits;
  }
  Context context(model);
  SegmentFiller filler(context, request.context, request.subBatch);
  const uint32_t start = filler.tokens();
  context.reserve(start + total);
  filler.fill(AbortFlag(false), {});
  for (uint32_t at = 0; at < prefill; at += request.subBatch) {
    const uint32_t count = std::min(request.subBatch, prefill - at);
    context.run(request.tokens.data() + at, count, start + at, Outputs::All, &logits);
  }
  for (uint32_t i = prefill; i < total; i++) context.run(&request.tokens[i], 1, start + i, Outputs::All, &logits);
  return logits;
}

}  // namespace kvasir::engine
