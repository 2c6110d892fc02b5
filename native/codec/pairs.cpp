#include "pairs.h"

#include <algorithm>
#include <cstring>

#include "codebook.h"

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define KVASIR_HAS_PAIRS 1
#include <immintrin.h>
#endif

namespace kvasir::codec {
namespace {

constexpr size_t PANEL = 64;
// Rows of the left side that stay in cache while all panels pass.
constexpr size_t BLOCK = 48;

#ifdef KVASIR_HAS_PAIRS

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512bf16")

constexpr int LANES = 16, VECTORS = PANEL / LANES;

// `ROWS` rows of the product, for one panel.
template <int ROWS>
inline void rowsOfPanel(const uint16_t* left, size_t pairs, const uint16_t* panel, float* out, size_t stride) {
  __m512 sums[ROWS][VECTORS];
  for (auto& row : sums)
    for (__m512& sum : row) sum = _mm512_setzero_ps();
  for (size_t pair = 0; pair < pairs; pair++) {
    __m512bh right[VECTORS];
    for (int v = 0; v < VECTORS; v++)
      right[v] = (__m512bh)_mm512_loadu_si512(panel + (pair * PANEL + static_cast<size_t>(v) * LANES) * 2);
    for (int row = 0; row < ROWS; row++) {
      int32_t both;
      std::memcpy(&both, left + (static_cast<size_t>(row) * pairs + pair) * 2, sizeof both);
      const auto each = (__m512bh)_mm512_set1_epi32(both);
      for (int v = 0; v < VECTORS; v++) sums[row][v] = _mm512_dpbf16_ps(sums[row][v], each, right[v]);
    }
  }
  for (int row = 0; row < ROWS; row++)
    for (int v = 0; v < VECTORS; v++) _mm512_storeu_ps(out + static_cast<size_t>(row) * stride + v * LANES, sums[row][v]);
}

void multiplyAll(const uint16_t* left, size_t rows, const uint16_t* packed, size_t pairs, float* out, size_t stride) {
  for (size_t begin = 0; begin < rows; begin += BLOCK) {
    const size_t end = std::min(rows, begin + BLOCK);
    for (size_t column = 0; column < stride; column += PANEL) {
      const uint16_t* panel = packed + column * pairs * 2;
      size_t row = begin;
      for (; row + 6 <= end; row += 6)
        rowsOfPanel<6>(left + row * pairs * 2, pairs, panel, out + row * stride + column, stride);
      for (; row < end; row++) rowsOfPanel<1>(left + row * pairs * 2, pairs, panel, out + row * stride + column, stride);
    }
  }
}

size_t toPairsByLanes(const uint8_t* symbols, size_t count, uint16_t* numbers) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const __m512i whole = _mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(symbols + i)));
    const __m512 value = _mm512_maskz_cvtepi32_ps(0xffff, _mm512_sub_epi32(whole, _mm512_set1_epi32(SYMBOL_ZERO)));
    const auto narrow = (__m256i)_mm512_maskz_cvtneps_pbh(0xffff, value);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(numbers + i), narrow);
  }
  return i;
}

#pragma GCC pop_options

#endif

}  // namespace

bool hasPairs() {
#ifdef KVASIR_HAS_PAIRS
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

uint16_t bfloat(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float ofBfloat(uint16_t bits) {
  const uint32_t wide = uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

PairPanels::PairPanels(const std::vector<float>& matrix, uint32_t inner, uint32_t columns)
    : pairs_((inner + 1) / 2), stride_((size_t{columns} + PANEL - 1) / PANEL * PANEL), packed_(stride_ * pairs_ * 2) {
  for (size_t k = 0; k < inner; k++)
    for (size_t c = 0; c < columns; c++)
      packed_[((c / PANEL * pairs_ + k / 2) * PANEL + c % PANEL) * 2 + k % 2] = bfloat(matrix[k * columns + c]);
}

void PairPanels::multiply(const uint16_t* left, size_t rows, float* out) const {
#ifdef KVASIR_HAS_PAIRS
  multiplyAll(left, rows, packed_.data(), pairs_, out, stride_);
#else
  (void)left;
  (void)rows;
  (void)out;
#endif
}

void PairPanels::add(float* row, uint32_t k, float factor) const {
  for (size_t c = 0; c < stride_; c++)
    row[c] += factor * ofBfloat(packed_[((c / PANEL * pairs_ + k / 2) * PANEL + c % PANEL) * 2 + k % 2]);
}

void toPairs(const uint8_t* symbols, size_t count, uint16_t* numbers) {
  size_t i = 0;
#ifdef KVASIR_HAS_PAIRS
  if (hasPairs()) i = toPairsByLanes(symbols, count, numbers);
#endif
  for (; i < count; i++) numbers[i] = bfloat(static_cast<float>(symbols[i] - SYMBOL_ZERO));
}

}  // namespace kvasir::codec
