// Products of matrices of a few hundred columns: between rows of K/V and their components. Not ggml's, so that the codec
// stands alone and its rows need not become tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "isa.h"

namespace kvasir::codec {

// A matrix [inner][columns] as the right side of products.
class Panels {
 public:
  Panels() = default;
  // f32, row-major.
  Panels(const std::vector<float>& matrix, uint32_t inner, uint32_t columns);

  uint32_t inner() const noexcept { return inner_; }
  uint32_t columns() const noexcept { return columns_; }
  // Floats between rows of a product: `columns`, rounded up.
  size_t stride() const noexcept;
  const float* data() const noexcept { return packed_.data(); }

 private:
  uint32_t inner_ = 0, columns_ = 0;
  // [panel][inner][PANEL], zero beyond the columns.
  std::vector<float> packed_;
};

// out = left * right. left: [rows][inner], row-major, without gaps; out: [rows][right.stride()].
void multiply(Isa isa, const float* left, size_t rows, const Panels& right, float* out);

}  // namespace kvasir::codec
