#include "compare.h"

#include <algorithm>

#include "../codec/error.h"
#include "../engine/distributions.h"

namespace kvasir::blend {
namespace {

using engine::Outputs;

// Logits that predict each token of a continuation behind a composed context: [tokens][vocabulary].
std::vector<float> forced(Context& context, const Composition& composition, const std::vector<int32_t>& continuation,
                          uint32_t subBatch) {
  std::vector<float> logits = composition.logits;
  // The last one predicts what nobody asks for.
  const auto count = static_cast<uint32_t>(continuation.size() - 1);
  context.reserve(composition.tokens + count, composition.tokens);
  for (uint32_t at = 0; at < count; at += subBatch) {
    context.run(continuation.data() + at, std::min(subBatch, count - at), composition.tokens + at, Outputs::All,
                &logits);
  }
  return logits;
}

}  // namespace

std::vector<ComparedArm> compare(Context& context, const CompareRequest& request, const Progress& progress,
                                 const AbortFlag& abort) {
  const size_t vocabulary = context.model().config().vocabulary;
  engine::checkTokens(context.model(), request.continuation);
  std::vector<int32_t> continuation = request.continuation;
  std::vector<float> reference;
  std::vector<ComparedArm> compared;
  for (const CompareRequest::Arm& arm : request.arms) {
    ComposeRequest composing;
    composing.segments = arm.segments;
    composing.recompute = arm.recompute;
    composing.subBatch = request.subBatch;
    ComparedArm result;
    engine::Sampler greedy({});
    GenerateRequest rest;
    result.first = firstToken(context, composing, request.maxTokens, greedy, rest.token, {}, abort);
    const Composition& composition = result.first.composition;
    rest.position = composition.tokens;
    rest.limit = generationLimit(context, composition.tokens, request.maxTokens);
    rest.stop = request.stop;
    // A batch behind the context and single steps overwrite the same rows, so either may come first.
    result.generation = generate(context, rest, greedy, {});
    if (continuation.empty()) {
      continuation = result.generation.tokens;
      // An answer that ended by itself is judged on its end, too.
      const auto& end = context.model().facts().eosToken;
      if (continuation.empty() || (result.generation.stop == "eos" && end))
        continuation.push_back(continuation.empty() ? rest.token : end->id);
    }
    const std::vector<float> logits = forced(context, composition, continuation, request.subBatch);
    if (compared.empty()) reference = logits;
    const engine::LogitsComparison difference = engine::compareLogits(reference, logits, vocabulary);
    result.klMean = difference.klMean;
    result.klMax = difference.klMax;
    result.top1 = difference.top1;
    result.kl = difference.kl;
    result.agrees = difference.agrees;
    for (size_t i = 0; i < continuation.size(); i++) {
      result.logProbability +=
          engine::logProbability(logits.data() + i * vocabulary, vocabulary, static_cast<size_t>(continuation[i]));
    }
    compared.push_back(std::move(result));
    // A vocabulary wide, and no longer needed.
    compared.back().first.composition.logits.clear();
    if (progress) progress(compared.size(), request.arms.size());
  }
  return compared;
}

}  // namespace kvasir::blend
