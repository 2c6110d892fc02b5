// Principal components of rows of numbers: what a transform codes them by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kvasir::codec {

// Sums over rows of `width` numbers, for their mean and covariance.
class Moments {
 public:
  explicit Moments(uint32_t width);

  uint32_t width() const noexcept { return width_; }
  uint64_t rows() const noexcept { return rows_; }
  // f32 [rows][width]
  void add(const float* values, size_t rows);
  // [width]; zeros without rows.
  std::vector<double> mean() const;
  // [width][width]; zeros without rows.
  std::vector<double> covariance() const;

 private:
  uint32_t width_;
  uint64_t rows_ = 0;
  std::vector<double> sums_, products_;
};

// Orthonormal directions and the variance along each, falling.
struct Components {
  std::vector<double> variances;
  // [width][width]: a direction per row.
  std::vector<double> directions;
};

// Of a symmetric matrix [width][width] without negative eigenvalues, by one-sided Jacobi rotations (Hestenes, 1958).
Components principalComponents(std::vector<double> covariance, uint32_t width);

}  // namespace kvasir::codec
