#include "answer.h"

#include <algorithm>

#include "../codec/error.h"
#include "../codec/sha256.h"
#include "../engine/machine.h"
#include "../engine/text_stream.h"

namespace kvasir::blend {
namespace {

using engine::now;
using engine::Outputs;

constexpr size_t FIRST_TOKENS = 8;
// Rows reserved for an answer at first; most are short, whatever their limit.
constexpr uint32_t ANSWER_ROOM = 512;

}  // namespace

uint32_t generationLimit(const Context& context, uint64_t tokens, uint32_t wanted) {
  const uint64_t length = context.model().config().contextLength;
  const uint64_t room = length > tokens ? length - tokens : 0;
  return static_cast<uint32_t>(std::min<uint64_t>(wanted, room + 1));
}

FirstToken firstToken(Context& context, const ComposeRequest& request, uint32_t room, engine::Sampler& sampler,
                      int32_t& token, const Progress& progress, const AbortFlag& abort) {
  const double begin = now(), cpuBegin = engine::processCpuMs();
  FirstToken first;
  first.composition = compose(context, request, room, progress, abort);
  const double sampled = now();
  const std::vector<float>& logits = first.composition.logits;
  token = sampler.next(logits);
  first.sampling = {sampled - begin, now() - sampled};
  first.ttftMs = now() - begin;
  first.cpuMs = engine::processCpuMs() - cpuBegin;
  first.logitsDigest = codec::sha256(logits.data(), logits.size() * sizeof(float)).hex();
  for (const engine::Candidate& each : engine::mostLikely(logits, FIRST_TOKENS)) {
    const std::string piece = context.model().vocabulary().piece(each.token, true);
    first.likely.push_back({each.token, engine::validUtf8(piece), each.logProbability});
  }
  return first;
}

Generation generate(Context& context, const GenerateRequest& request, engine::Sampler& sampler,
                    const std::function<void(const std::string&)>& text) {
  const engine::Vocabulary& vocabulary = context.model().vocabulary();
  engine::TextStream stream(request.stop);
  Generation result;
  const auto show = [&](const std::string& piece) {
    if (result.pieces.size() < result.tokens.size()) result.pieces.push_back(piece);
    else if (!result.pieces.empty()) result.pieces.back() += piece;
    if (!piece.empty() && text) text(piece);
  };
  result.stop = "length";
  std::vector<float> logits;
  uint32_t position = request.position;
  int32_t token = request.token;
  while (true) {
    if (vocabulary.endsGeneration(token)) {
      result.stop = "eos";
      break;
    }
    result.tokens.push_back(token);
    show(stream.push(vocabulary.piece(token, false)));
    if (stream.stopped()) {
      result.stop = "stop-string";
      break;
    }
    if (result.tokens.size() >= request.limit) break;
    logits.clear();
    context.reserve(position + 1, position);
    context.run(&token, 1, position++, Outputs::Last, &logits);
    token = sampler.next(logits);
  }
  if (!stream.stopped()) show(stream.finish());
  result.text = stream.text();
  return result;
}

Answer answer(Context& context, const AnswerRequest& request, const AnswerEvents& events, const AbortFlag& abort) {
  uint64_t tokens = 0;
  for (const Segment& segment : request.compose.segments) tokens += segment.tokens.size();
  const uint32_t limit = generationLimit(context, tokens, request.maxTokens);
  engine::Sampler sampler(request.sampling);
  Answer result;
  GenerateRequest rest;
  result.first = firstToken(context, request.compose, std::min(limit - 1, ANSWER_ROOM), sampler, rest.token,
                            events.progress, abort);
  if (std::exp(result.first.likely.front().logProbability) < request.minConfidence) {
    result.generation.stop = "uncertain";
    return result;
  }
  if (events.firstToken) events.firstToken(result.first);
  rest.position = result.first.composition.tokens;
  rest.limit = limit;
  rest.stop = request.stop;
  const double decodeBegin = now();
  result.generation = generate(context, rest, sampler, events.text);
  result.decodeMs = now() - decodeBegin;
  return result;
}

}  // namespace kvasir::blend
