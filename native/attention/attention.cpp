#include "attention.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define KVASIR_HAS_KERNELS 1
#include <immintrin.h>
#endif

namespace kvasir::attention {

#ifdef KVASIR_HAS_KERNELS
namespace {

// Rows of a tile: query heads that share keys, for as many tokens as fit. Keys are taken in blocks that stay in cache.
constexpr uint32_t TILE_ROWS = 64;
constexpr uint32_t BLOCK_KEYS = 96;

struct Tile {
  uint32_t headDim;
  const uint16_t* k;
  const uint16_t* v;
  size_t kvStride;
};

// A thread's working memory.
struct Scratch {
  explicit Scratch(uint32_t headDim)
      : queries(size_t{headDim} * TILE_ROWS),
        keys(size_t{headDim} * BLOCK_KEYS),
        values(keys.size()),
        sums(queries.size()) {}

  // [headDim][row], scaled
  std::vector<float> queries;
  // [key][headDim] of a block
  std::vector<float> keys, values;
  // [headDim][row]
  std::vector<float> sums;
  alignas(64) float scores[BLOCK_KEYS * TILE_ROWS];
  alignas(64) float highest[TILE_ROWS];
  alignas(64) float total[TILE_ROWS];
  // The last key that each row sees, or -1.
  int64_t last[TILE_ROWS];
};

#pragma GCC push_options
#pragma GCC target("avx512f")
namespace avx512 {
#define KVASIR_LANES 16
#define KVASIR_VECTORS 4
#define KVASIR_FMA(a, b, c) ((Vec)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define KVASIR_WIDEN(from) \
  ((Vec)_mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))))
#include "tile.inc"
#undef KVASIR_LANES
#undef KVASIR_VECTORS
#undef KVASIR_FMA
#undef KVASIR_WIDEN
}  // namespace avx512
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
namespace avx2 {
#define KVASIR_LANES 8
#define KVASIR_VECTORS 2
#define KVASIR_FMA(a, b, c) ((Vec)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define KVASIR_WIDEN(from) ((Vec)_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))))
#include "tile.inc"
#undef KVASIR_LANES
#undef KVASIR_VECTORS
#undef KVASIR_FMA
#undef KVASIR_WIDEN
}  // namespace avx2
#pragma GCC pop_options

// Of a tile: `group` heads from `head` on, `tokens` from `token` on. Its queries go into `s`, its result to the output.
struct Place {
  uint32_t token, tokens, head, group;
};

void gather(const Call& call, const Place& at, Scratch& s) {
  std::fill(s.queries.begin(), s.queries.end(), 0.0f);
  std::fill(s.last, s.last + TILE_ROWS, int64_t{-1});
  for (uint32_t i = 0; i < at.tokens * at.group; i++) {
    const uint32_t token = at.token + i / at.group;
    const float* q = call.q + token * call.qStride + size_t{at.head + i % at.group} * call.headDim;
    for (uint32_t d = 0; d < call.headDim; d++) s.queries[d * TILE_ROWS + i] = q[d] * call.scale;
    if (token < call.counted) s.last[i] = call.last[token];
  }
}

void scatter(const Call& call, const Place& at, const Scratch& s) {
  for (uint32_t i = 0; i < at.tokens * at.group; i++) {
    const uint32_t token = at.token + i / at.group;
    float* out = call.out + token * call.outStride + size_t{at.head + i % at.group} * call.headDim;
    const float share = s.total[i] > 0 ? 1.0f / s.total[i] : s.total[i];
    for (uint32_t d = 0; d < call.headDim; d++) out[d] = s.sums[d * TILE_ROWS + i] * share;
  }
}

}  // namespace

Isa bestIsa() {
  if (__builtin_cpu_supports("avx512f")) return Isa::Avx512;
  const bool hasAvx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  return hasAvx2 ? Isa::Avx2 : Isa::None;
}

void attend(Isa isa, const Call& call, uint32_t thread, uint32_t threads) {
  const uint32_t shared = call.heads / call.kvHeads;
  // More heads than a tile has rows: they are taken apart.
  const uint32_t group = shared <= TILE_ROWS ? shared : 1;
  const uint32_t perTile = TILE_ROWS / group;
  const uint32_t tiles = (call.queries + perTile - 1) / perTile;
  Scratch s(call.headDim);
  uint32_t number = 0;
  for (uint32_t head = 0; head < call.heads; head += group) {
    const size_t offset = size_t{head / shared} * call.headDim;
    const Tile tile{call.headDim, call.k + offset, call.v + offset, call.kvStride};
    // The last tiles see most: taken in turn, threads get like shares.
    for (uint32_t at = 0; at < tiles; at++) {
      if (number++ % threads != thread) continue;
      const uint32_t token = at * perTile;
      const Place place{token, std::min(perTile, call.queries - token), head, group};
      gather(call, place, s);
      if (isa == Isa::Avx512) avx512::attendTile(tile, s);
      else avx2::attendTile(tile, s);
      scatter(call, place, s);
    }
  }
}

#else

Isa bestIsa() { return Isa::None; }

void attend(Isa, const Call&, uint32_t, uint32_t) {}

#endif

bool takes(Isa isa, uint32_t headDim) {
  const uint32_t lanes = isa == Isa::Avx512 ? 16 : 8;
  return isa != Isa::None && headDim > 0 && headDim % lanes == 0;
}

}  // namespace kvasir::attention
