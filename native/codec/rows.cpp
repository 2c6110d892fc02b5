#include "rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "codebook.h"
#include "f16.h"

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define KVASIR_HAS_VECTOR_ROWS 1
#include <immintrin.h>
#endif

namespace kvasir::codec {
namespace {

constexpr float LARGEST = 65504.0f;
constexpr float ROUND_UP = 0.6f;
constexpr float MOST_STEPS = 32766.0f;

int16_t stepsOf(float value) {
  const auto magnitude = static_cast<int32_t>(std::min(MOST_STEPS, std::fabs(value)) + (1.0f - ROUND_UP));
  return static_cast<int16_t>(value < 0 ? -magnitude : magnitude);
}

uint16_t finiteHalf(float value) { return halfOf(std::min(LARGEST, std::max(-LARGEST, value))); }

namespace scalar {

void centre(const uint16_t* f16, RowShape shape, const float* mean, float* out) {
  for (size_t i = 0; i < shape.rows * shape.width; i++) out[i] = floatOf(f16[i]) - mean[i % shape.width];
}

void restoreChannels(const uint8_t* symbols, RowShape shape, const float* mean, const float* steps, uint16_t* f16) {
  for (size_t row = 0; row < shape.rows; row++, symbols += shape.width, f16 += shape.width)
    for (size_t c = 0; c < shape.width; c++)
      f16[c] = finiteHalf(static_cast<float>(symbols[c] - SYMBOL_ZERO) * steps[c] + mean[c]);
}

void toSteps(const float* numbers, const float* steps, size_t count, int16_t* out) {
  for (size_t i = 0; i < count; i++) out[i] = stepsOf(steps ? numbers[i] / steps[i] : numbers[i]);
}

void toNumbers(const uint8_t* symbols, size_t count, float* numbers) {
  for (size_t i = 0; i < count; i++) numbers[i] = static_cast<float>(symbols[i] - SYMBOL_ZERO);
}

void restoreRows(const float* rows, size_t stride, RowShape shape, const float* mean, uint16_t* f16) {
  for (size_t row = 0; row < shape.rows; row++, rows += stride, f16 += shape.width)
    for (size_t c = 0; c < shape.width; c++) f16[c] = finiteHalf(rows[c] + mean[c]);
}

}  // namespace scalar

#ifdef KVASIR_HAS_VECTOR_ROWS

// GCC's vectors, and masked forms of intrinsics: of the others' insides GCC 12 warns.
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl")
namespace avx512 {
inline void narrow(uint16_t* to, __m512 value) {
  const __m512 finite = _mm512_maskz_min_ps(0xffff, _mm512_maskz_max_ps(0xffff, value, _mm512_set1_ps(-LARGEST)), _mm512_set1_ps(LARGEST));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_maskz_cvtps_ph(0xffff, finite, _MM_FROUND_TO_NEAREST_INT));
}
inline void narrowSteps(int16_t* to, __m512 value) {
  const __m512 magnitude = _mm512_maskz_add_ps(
      0xffff, _mm512_maskz_min_ps(0xffff, _mm512_abs_ps(value), _mm512_set1_ps(MOST_STEPS)), _mm512_set1_ps(1.0f - ROUND_UP));
  const __m512i whole = _mm512_maskz_cvttps_epi32(0xffff, magnitude);
  const __mmask16 negative = _mm512_cmp_ps_mask(value, _mm512_setzero_ps(), _CMP_LT_OQ);
  const __m512i sized = _mm512_mask_sub_epi32(whole, negative, _mm512_setzero_si512(), whole);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_maskz_cvtepi32_epi16(0xffff, sized));
}
#define KVASIR_LANES 16
#define KVASIR_STEPS(to, value) narrowSteps(to, (__m512)(value))
#define KVASIR_WIDEN(from) \
  ((Vec)_mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))))
#define KVASIR_SYMBOLS(from) \
  ((Vec)_mm512_maskz_cvtepi32_ps(0xffff, _mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))))
#define KVASIR_NARROW(to, value) narrow(to, (__m512)(value))
#include "rows.inc"
#undef KVASIR_LANES
#undef KVASIR_STEPS
#undef KVASIR_WIDEN
#undef KVASIR_SYMBOLS
#undef KVASIR_NARROW
}  // namespace avx512
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
namespace avx2 {
inline void narrow(uint16_t* to, __m256 value) {
  const __m256 finite = _mm256_min_ps(_mm256_max_ps(value, _mm256_set1_ps(-LARGEST)), _mm256_set1_ps(LARGEST));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_cvtps_ph(finite, _MM_FROUND_TO_NEAREST_INT));
}
inline void narrowSteps(int16_t* to, __m256 value) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  const __m256 magnitude = _mm256_add_ps(_mm256_min_ps(_mm256_andnot_ps(sign, value), _mm256_set1_ps(MOST_STEPS)),
                                         _mm256_set1_ps(1.0f - ROUND_UP));
  const __m256i whole = _mm256_cvttps_epi32(magnitude);
  const auto negative = (__m256i)_mm256_cmp_ps(value, _mm256_setzero_ps(), _CMP_LT_OQ);
  const __m256i sized = _mm256_sub_epi32(_mm256_xor_si256(whole, negative), negative);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                   _mm_packs_epi32(_mm256_castsi256_si128(sized), _mm256_extracti128_si256(sized, 1)));
}
#define KVASIR_LANES 8
#define KVASIR_STEPS(to, value) narrowSteps(to, (__m256)(value))
#define KVASIR_WIDEN(from) ((Vec)_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))))
#define KVASIR_SYMBOLS(from) \
  ((Vec)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)))))
#define KVASIR_NARROW(to, value) narrow(to, (__m256)(value))
#include "rows.inc"
#undef KVASIR_LANES
#undef KVASIR_STEPS
#undef KVASIR_WIDEN
#undef KVASIR_SYMBOLS
#undef KVASIR_NARROW
}  // namespace avx2
#pragma GCC pop_options

#define KVASIR_DISPATCH(call)             \
  if (isa == Isa::Avx512) return avx512::call; \
  if (isa == Isa::Avx2) return avx2::call;     \
  return scalar::call
#else
#define KVASIR_DISPATCH(call) \
  (void)isa;                  \
  return scalar::call
#endif

}  // namespace

void toSteps(Isa isa, const float* numbers, const float* steps, size_t count, int16_t* out) {
  KVASIR_DISPATCH(toSteps(numbers, steps, count, out));
}

void centre(Isa isa, const uint16_t* f16, RowShape shape, const float* mean, float* out) {
  KVASIR_DISPATCH(centre(f16, shape, mean, out));
}

void restoreChannels(Isa isa, const uint8_t* symbols, RowShape shape, const float* mean, const float* steps,
                     uint16_t* f16) {
  KVASIR_DISPATCH(restoreChannels(symbols, shape, mean, steps, f16));
}

void toNumbers(Isa isa, const uint8_t* symbols, size_t count, float* numbers) {
  KVASIR_DISPATCH(toNumbers(symbols, count, numbers));
}

void restoreRows(Isa isa, const float* rows, size_t stride, RowShape shape, const float* mean, uint16_t* f16) {
  KVASIR_DISPATCH(restoreRows(rows, stride, shape, mean, f16));
}

}  // namespace kvasir::codec
