// Who sees which key: the mask of attention, kept between graphs because layers of one sub-batch share it.
#pragma once

#include <cstdint>
#include <vector>

#include "graph.h"

namespace kvasir::engine {

class Mask {
 public:
  // Where the model's first accelerated layer lives.
  explicit Mask(const Model& model) : model_(model) {}

  // Room for `queryRows` rows of a mask, f16 [kvRows, queryRows]. 'engine.memory'. What was written is lost when it grows.
  ggml_tensor* reserve(uint32_t kvRows, uint32_t queryRows);
  // Query rows for all tokens and, behind them, for the last ones. Each token's see the keys up to its row in `rows`;
  // padded ones see none. Written only when it is not what is there.
  void write(const std::vector<uint32_t>& rows, uint32_t kvRows, const QueryRows& all, const QueryRows& last);

 private:
  const Model& model_;
  Owned<ggml_context> context_;
  Owned<ggml_backend_buffer> buffer_;
  ggml_tensor* tensor_ = nullptr;
  // What is written.
  std::vector<uint32_t> rows_;
  uint32_t kvRows_ = 0;
  QueryRows all_, last_;
  std::vector<uint16_t> values_;
};

}  // namespace kvasir::engine
