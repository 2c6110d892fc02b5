#include "matrix.h"

#include <algorithm>

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define KVASIR_HAS_VECTOR_MATRIX 1
#include <immintrin.h>
#endif

namespace kvasir::codec {
namespace {

constexpr int PANEL = 64;
constexpr size_t BLOCK = 48;

namespace scalar {

void multiply(const float* left, size_t rows, const Panels& right, float* out) {
  const size_t inner = right.inner(), stride = right.stride();
  for (size_t row = 0; row < rows; row++) {
    float* sums = out + row * stride;
    std::fill(sums, sums + stride, 0.0f);
    for (size_t column = 0; column < stride; column += PANEL) {
      const float* panel = right.data() + column * inner;
      for (size_t k = 0; k < inner; k++) {
        const float each = left[row * inner + k];
        for (int c = 0; c < PANEL; c++) sums[column + c] += each * panel[k * PANEL + c];
      }
    }
  }
}

}  // namespace scalar

#ifdef KVASIR_HAS_VECTOR_MATRIX

#pragma GCC push_options
#pragma GCC target("avx512f")
namespace avx512 {
#define KVASIR_LANES 16
#define KVASIR_VECTORS 4
#define KVASIR_FMA(a, b, c) ((Vec)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define KVASIR_LOAD(from) ((Vec)_mm512_loadu_ps(from))
#define KVASIR_SPLAT(value) ((Vec)_mm512_set1_ps(value))
#define KVASIR_STORE(to, value) _mm512_storeu_ps(to, (__m512)(value))
#include "matrix.inc"
#undef KVASIR_LANES
#undef KVASIR_VECTORS
#undef KVASIR_FMA
#undef KVASIR_LOAD
#undef KVASIR_SPLAT
#undef KVASIR_STORE
}  // namespace avx512
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
#define KVASIR_LANES 8
#define KVASIR_VECTORS 2
#define KVASIR_FMA(a, b, c) ((Vec)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define KVASIR_LOAD(from) ((Vec)_mm256_loadu_ps(from))
#define KVASIR_SPLAT(value) ((Vec)_mm256_set1_ps(value))
#define KVASIR_STORE(to, value) _mm256_storeu_ps(to, (__m256)(value))
#include "matrix.inc"
#undef KVASIR_LANES
#undef KVASIR_VECTORS
#undef KVASIR_FMA
#undef KVASIR_LOAD
#undef KVASIR_SPLAT
#undef KVASIR_STORE
}  // namespace avx2
#pragma GCC pop_options

#endif

}  // namespace

Panels::Panels(const std::vector<float>& matrix, uint32_t inner, uint32_t columns) : inner_(inner), columns_(columns) {
  packed_.resize(stride() * inner);
  for (size_t k = 0; k < inner; k++)
    for (size_t c = 0; c < columns; c++)
      packed_[(c / PANEL * inner + k) * PANEL + c % PANEL] = matrix[k * columns + c];
}

size_t Panels::stride() const noexcept { return (size_t{columns_} + PANEL - 1) / PANEL * PANEL; }

void multiply(Isa isa, const float* left, size_t rows, const Panels& right, float* out) {
#ifdef KVASIR_HAS_VECTOR_MATRIX
  if (isa == Isa::Avx512) return avx512::multiply(left, rows, right, out);
  if (isa == Isa::Avx2) return avx2::multiply(left, rows, right, out);
#endif
  scalar::multiply(left, rows, right, out);
}

}  // namespace kvasir::codec
