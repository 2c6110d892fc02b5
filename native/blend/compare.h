// One question answered in several ways, each held against the first: full prefill's answer teacher-forced, and each
// way's own answer.
#pragma once

#include <string>
#include <vector>

#include "answer.h"

namespace kvasir::blend {

struct CompareRequest {
  struct Arm {
    std::vector<Segment> segments;
    Recompute recompute;
  };
  // The first is the reference.
  std::vector<Arm> arms;
  // Tokens that arms are judged on; empty: the reference's own greedy answer.
  std::vector<int32_t> continuation;
  uint32_t maxTokens = 1;
  std::vector<std::string> stop;
  uint32_t subBatch = 512;
};

struct ComparedArm {
  FirstToken first;
  // Greedy.
  Generation generation;
  // Over the continuation: KL(reference || arm) in nats, share of tokens with the reference's most likely one, and the
  // log-probability of all of it.
  double klMean = 0;
  double klMax = 0;
  double top1 = 0;
  double logProbability = 0;
  // KL and whether the most likely one is the same, token by token.
  std::vector<double> kl;
  std::vector<bool> agrees;
};

// Progress counts arms. The errors of `compose`.
std::vector<ComparedArm> compare(Context& context, const CompareRequest& request, const Progress& progress,
                                 const AbortFlag& abort);

}  // namespace kvasir::blend
