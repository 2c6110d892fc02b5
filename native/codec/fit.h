// Makes codebooks from caches: means, components, steps, and the tables that shorten what comes up often.
#pragma once

#include <functional>

#include "codebook.h"
#include "components.h"

namespace kvasir::codec {

// Calls `take` with f16 [rows][width] of a layer's K or V, once for each cache of a sample; always the same ones.
using Sample =
    std::function<void(uint32_t layer, Kind kind, const std::function<void(const uint16_t* f16, size_t rows)>& take)>;

// What is known of a layer's K or V before a step is chosen.
struct PlaneStatistics {
  uint32_t width = 0;
  std::vector<double> mean;
  // Along the channels, and along the principal components.
  std::vector<double> channels;
  Components components;

  // Mean over the channels.
  double variance() const;
};

// `isPrincipal`: also finds principal components, which takes seconds where K or V are wide. 'argument.invalid' without
// rows.
PlaneStatistics statisticsOf(const Sample& sample, uint32_t layer, Kind kind, uint32_t width, bool isPrincipal);

struct FittedCodebook {
  Codebook codebook;
  // That the sample's planes would take by its tables.
  double bits = 0;
};

// A codebook with one step per plane. statistics, steps: of layer 1 K, layer 1 V, layer 2 K, ... Components that would
// hardly ever be other than zero are left out. `hasBasis`: by principal components.
FittedCodebook fitCodebook(const Digest& model, const std::vector<PlaneStatistics>& statistics,
                           const std::vector<double>& steps, bool hasBasis, const Sample& sample);

}  // namespace kvasir::codec
