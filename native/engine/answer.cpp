#include "answer.h"

#include <algorithm>

#include "../codec/error.h"
#include "text_stream.h"

namespace kvasir::engine {
namespace {

constexpr size_t FIRST_TOKENS = 8;
// Rows reserved for an answer at first; most are short, whatever their limit.
constexpr uint32_t ANSWER_ROOM = 512;

void checkRequest(const AnswerRequest& request) {
  if (request.segments.empty() || request.segments.back().cached() || request.segments.back().tokens.empty()) {
    throw Error("argument.invalid",
                "Expected the last segment to be computed and to hold a token: the answer begins behind it.");
  }
}

// Times stages one after the other.
class Stages {
 public:
  Stages() : start_(now()) {}
  double elapsed() const { return now() - start_; }
  template <class Work>
  void time(const char* name, Work work) {
    const double from = elapsed();
    work();
    list_.push_back({name, from, elapsed() - from});
  }
  const std::vector<Stage>& list() const { return list_; }

 private:
  double start_;
  std::vector<Stage> list_;
};

void describeFirst(const Model& model, const std::vector<float>& logits, Answer& result) {
  result.logitsDigest = codec::sha256(logits.data(), logits.size() * sizeof(float)).hex();
  for (const Candidate& each : mostLikely(logits, FIRST_TOKENS)) {
    result.firstTokens.push_back(
        {each.token, validUtf8(model.vocabulary().piece(each.token, true)), each.logProbability});
  }
}

// Samples and computes until the answer ends; `logits` are those of the first token, `token` the one chosen from them.
void generate(Context& context, const AnswerRequest& request, const AnswerEvents& events, Sampler& sampler,
              uint32_t position, uint32_t limit, int32_t token, Answer& result) {
  const Vocabulary& vocabulary = context.model().vocabulary();
  TextStream stream(request.stop);
  const auto show = [&](const std::string& text) {
    if (!text.empty() && events.text) events.text(text);
  };
  std::vector<float> logits;
  result.stop = "length";
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
    if (result.tokens.size() >= limit) break;
    logits.clear();
    context.reserve(position + 1, position);
    context.run(&token, 1, position++, Outputs::Last, &logits);
    token = sampler.next(logits);
  }
  if (!stream.stopped()) show(stream.finish());
  result.text = stream.text();
}

}  // namespace

Answer answer(Context& context, const AnswerRequest& request, const AnswerEvents& events, const AbortFlag& abort) {
  checkRequest(request);
  Stages stages;
  SegmentFiller filler(context, request.segments, request.subBatch);
  const uint32_t prompt = filler.tokens();
  const uint32_t contextLength = context.model().config().contextLength;
  // The last token of an answer is shown, not computed.
  const uint32_t room = contextLength > prompt ? contextLength - prompt : 0;
  const uint32_t limit = std::min(request.maxTokens, room + 1);
  context.reserve(prompt + std::min(limit - 1, ANSWER_ROOM));
  context.prepare(filler.largestBatch());

  if (filler.cachedTokens() > 0) {
    stages.time("read", [&] {
      filler.open();
      filler.read(abort);
    });
    stages.time("upload", [&] { filler.upload(); });
    if (events.progress) events.progress(filler.cachedTokens(), prompt);
  }
  const size_t last = request.segments.size() - 1;
  const auto computed = [](const Segment& segment) { return !segment.cached() && !segment.tokens.empty(); };
  if (std::any_of(request.segments.begin(), request.segments.end() - 1, computed)) {
    stages.time("compute", [&] {
      for (size_t i = 0; i < last; i++) {
        if (computed(request.segments[i])) filler.compute(i, nullptr, events.progress);
      }
    });
  }
  Answer result;
  Sampler sampler(request.sampling);
  std::vector<float> logits;
  int32_t token = 0;
  stages.time("first-token", [&] {
    filler.compute(last, &logits, events.progress);
    token = sampler.next(logits);
  });
  result.ttftMs = stages.elapsed();
  result.stages = stages.list();
  result.bytesRead = filler.bytesRead();
  result.reusedTokens = filler.cachedTokens();
  result.computedTokens = prompt - filler.cachedTokens();
  if (events.firstToken) events.firstToken(result.ttftMs, result.stages);
  describeFirst(context.model(), logits, result);
  const double decodeStart = stages.elapsed();
  generate(context, request, events, sampler, prompt, limit, token, result);
  result.decodeMs = stages.elapsed() - decodeStart;
  return result;
}

}  // namespace kvasir::engine
