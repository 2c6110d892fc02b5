// What of its context an answer looked at.
#pragma once

#include <string>
#include <vector>

#include "compose.h"

namespace kvasir::blend {

struct ProvenanceRequest {
  // The context that was answered from, composed as it was then.
  ComposeRequest compose;
  // The answer's tokens.
  std::vector<int32_t> answer;
  // Runs of the context's rows.
  std::vector<engine::RowRange> ranges;
};

// Attention that each token of the answer was chosen with, by runs of rows: [tokens][ranges], of 1 in all. It is that of
// the row before the token, whose logits chose it; mean over heads and over all layers but the first, whose keys have
// seen no other token. Computed behind the context once more, so it takes nothing from the answer's time.
// 'model.unsupported' for models of one layer, 'argument.invalid' for rows outside the context, the errors of `compose`.
std::vector<std::vector<float>> provenance(Context& context, const ProvenanceRequest& request,
                                           const Progress& progress, const AbortFlag& abort);

}  // namespace kvasir::blend
