// Whether this engine computes a model as libllama does, and whether the model minds where its context stands.
#pragma once

#include <memory>
#include <vector>

#include "context.h"
#include "distributions.h"
#include "oracle.h"

namespace kvasir::engine {

// Logits of all tokens by libllama on the same file against this engine's, with its usual kernels or with libllama's.
LogitsComparison parity(Context& context, const std::vector<int32_t>& tokens, uint32_t subBatch, bool asLibllama);

// Logits of all tokens at positions from 0 against those at positions from `offset`. 'engine.context-too-long'.
LogitsComparison shift(Context& context, const std::vector<int32_t>& tokens, uint32_t offset, uint32_t subBatch);

}  // namespace kvasir::engine
