// Which rows are computed again.
#pragma once

#include <cstdint>
#include <vector>

#include "../engine/context.h"

namespace kvasir::blend {

enum class Deviation { Values, Keys, Both };

struct Recompute {
  enum class Kind {
    // Cached rows stay as they are.
    None,
    // `rows` are computed again in every layer.
    Rows,
    // Rows are chosen at a layer by their deviation from the cached K/V: CacheBlend (arXiv 2405.16444).
    Check
  };
  Kind kind = Kind::None;
  std::vector<uint32_t> rows;
  // The rest is for Check. Layers below `layer`, and its K/V, are computed for all rows but exact ones.
  uint32_t layer = 1;
  double ratio = 0;
  // Cached rows before it are exact already: below a ratio of 1 they are neither computed nor chosen.
  uint32_t exactRows = 0;
  Deviation by = Deviation::Values;
  // Deviation times the attention that the last segment pays to a row at that layer.
  bool attention = false;
  // Begins with 1.5 times the ratio and chooses anew in every layer, down to half of it in the last.
  bool gradual = false;
};

// The share of rows kept at a layer: `ratio`, or the gradual one, whose mean over the layers is `ratio`.
double ratioAt(const Recompute& recompute, uint32_t layer, uint32_t layers);

// Ascending rows of the `count` highest scores, which are those of `rows` in order. Equal scores: the lower row first.
std::vector<uint32_t> highest(const std::vector<uint32_t>& rows, const std::vector<float>& scores, size_t count);

// One score per row, from the deviations of one layer.
std::vector<float> scoresOf(const std::vector<float>& keys, const std::vector<float>& values, Deviation by);

// Both ascending; without what is in both twice.
std::vector<uint32_t> merged(const std::vector<uint32_t>& first, const std::vector<uint32_t>& second);

}  // namespace kvasir::blend
