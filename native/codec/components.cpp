#include "components.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "matrix.h"

namespace kvasir::codec {
namespace {

constexpr int MOST_SWEEPS = 40;
// Rows whose cosine is smaller count as orthogonal: far below what f16 directions can tell.
constexpr double ORTHOGONAL = 1e-9;
// Directions of less than this part of the largest variance are drawn from what is left of the space.
constexpr double NOTHING = 1e-12;
// Rows that are multiplied at once.
constexpr size_t BLOCK_ROWS = 256;

double dot(const double* a, const double* b, size_t n) {
  // Several sums, so that compilers vectorise it.
  double sums[8] = {};
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t lane = 0; lane < 8; lane++) sums[lane] += a[i + lane] * b[i + lane];
  for (; i < n; i++) sums[0] += a[i] * b[i];
  return std::accumulate(sums, sums + 8, 0.0);
}

void rotate(double* a, double* b, double cosine, double sine, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const double x = a[i], y = b[i];
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

// Makes every row of [n][n] orthogonal to the others, keeping the space.
void orthogonalise(std::vector<double>& rows, size_t n) {
  std::vector<double> squares(n);
  for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    bool isDone = true;
    for (size_t i = 0; i < n; i++) squares[i] = dot(&rows[i * n], &rows[i * n], n);
    for (size_t i = 0; i < n; i++) {
      for (size_t j = i + 1; j < n; j++) {
        const double across = dot(&rows[i * n], &rows[j * n], n);
        if (std::fabs(across) <= ORTHOGONAL * std::sqrt(squares[i] * squares[j])) continue;
        isDone = false;
        const double zeta = (squares[j] - squares[i]) / (2 * across);
        const double tangent = (zeta < 0 ? -1.0 : 1.0) / (std::fabs(zeta) + std::sqrt(1 + zeta * zeta));
        const double cosine = 1 / std::sqrt(1 + tangent * tangent);
        rotate(&rows[i * n], &rows[j * n], cosine, cosine * tangent, n);
        squares[i] -= tangent * across;
        squares[j] += tangent * across;
      }
    }
    if (isDone) return;
  }
}

// Replaces direction `at` by one that is orthogonal to those before it.
void complete(std::vector<double>& directions, size_t at, size_t n) {
  double* row = &directions[at * n];
  for (size_t axis = 0; axis < n; axis++) {
    std::fill(row, row + n, 0.0);
    row[(at + axis) % n] = 1;
    // Twice, for what rounding leaves.
    for (int pass = 0; pass < 2; pass++) {
      for (size_t other = 0; other < at; other++) {
        const double share = dot(row, &directions[other * n], n);
        for (size_t i = 0; i < n; i++) row[i] -= share * directions[other * n + i];
      }
    }
    const double length = std::sqrt(dot(row, row, n));
    if (length < 0.5 / std::sqrt(static_cast<double>(n))) continue;
    for (size_t i = 0; i < n; i++) row[i] /= length;
    return;
  }
}

}  // namespace

Moments::Moments(uint32_t width) : width_(width), sums_(width), products_(size_t{width} * width) {}

void Moments::add(const float* values, size_t rows) {
  rows_ += rows;
  for (size_t begin = 0; begin < rows; begin += BLOCK_ROWS) {
    const auto count = static_cast<uint32_t>(std::min(BLOCK_ROWS, rows - begin));
    const float* from = values + begin * width_;
    std::vector<float> block(from, from + size_t{count} * width_), turned(block.size());
    for (size_t row = 0; row < count; row++) {
      for (size_t w = 0; w < width_; w++) {
        sums_[w] += block[row * width_ + w];
        turned[w * count + row] = block[row * width_ + w];
      }
    }
    const Panels right(block, count, width_);
    std::vector<float> product(width_ * right.stride());
    multiply(isas()[0], turned.data(), width_, right, product.data());
    for (size_t i = 0; i < width_; i++)
      for (size_t j = 0; j < width_; j++) products_[i * width_ + j] += product[i * right.stride() + j];
  }
}

std::vector<double> Moments::mean() const {
  std::vector<double> mean(sums_);
  for (double& each : mean) each /= static_cast<double>(std::max<uint64_t>(1, rows_));
  return mean;
}

std::vector<double> Moments::covariance() const {
  const std::vector<double> mean = this->mean();
  std::vector<double> covariance(products_);
  for (size_t i = 0; i < width_; i++) {
    for (size_t j = 0; j < width_; j++) {
      double& each = covariance[i * width_ + j];
      each = each / static_cast<double>(std::max<uint64_t>(1, rows_)) - mean[i] * mean[j];
    }
  }
  return covariance;
}

Components principalComponents(std::vector<double> covariance, uint32_t width) {
  const size_t n = width;
  // Rows that are rotated until they are orthogonal are eigenvectors, each as long as its eigenvalue.
  orthogonalise(covariance, n);
  std::vector<double> lengths(n);
  for (size_t i = 0; i < n; i++) lengths[i] = std::sqrt(dot(&covariance[i * n], &covariance[i * n], n));
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lengths[a] > lengths[b]; });
  Components found{std::vector<double>(n), std::vector<double>(n * n)};
  for (size_t i = 0; i < n; i++) {
    const double length = lengths[order[i]];
    found.variances[i] = length;
    if (length > NOTHING * lengths[order[0]]) {
      for (size_t w = 0; w < n; w++) found.directions[i * n + w] = covariance[order[i] * n + w] / length;
    } else {
      found.variances[i] = 0;
      complete(found.directions, i, n);
    }
  }
  return found;
}

}  // namespace kvasir::codec
