// Products of whole numbers and a matrix in bfloat16, for processors that multiply pairs of those (AVX-512 BF16): twice as
// many in the time of f32. Numbers up to 256 are exact; the matrix is off by a 512th at most, far less than a step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kvasir::codec {

// Whether this processor and this build have them.
bool hasPairs();

// A matrix [inner][columns] as the right side.
class PairPanels {
 public:
  PairPanels() = default;
  // f32, row-major.
  PairPanels(const std::vector<float>& matrix, uint32_t inner, uint32_t columns);

  // Numbers of a left row: `inner`, rounded up to whole pairs.
  size_t leftStride() const noexcept { return size_t{pairs_} * 2; }
  // Floats between rows of a product: `columns`, rounded up.
  size_t stride() const noexcept { return stride_; }
  // out = left * matrix. left: bfloat16 [rows][leftStride()]; out: f32 [rows][stride()]. Only where `hasPairs`.
  void multiply(const uint16_t* left, size_t rows, float* out) const;
  // row += factor * row `k` of the matrix.
  void add(float* row, uint32_t k, float factor) const;

 private:
  uint32_t pairs_ = 0;
  size_t stride_ = 0;
  // [panel][pair][PANEL][2] bfloat16, zero beyond the columns and the inner rows.
  std::vector<uint16_t> packed_;
};

// What symbols say, as bfloat16.
void toPairs(const uint8_t* symbols, size_t count, uint16_t* numbers);
// The nearest bfloat16, and back.
uint16_t bfloat(float value);
float ofBfloat(uint16_t bits);

}  // namespace kvasir::codec
