// Attention over f16 keys and values for many query rows at once, on x86-64 CPUs with AVX2 or AVX-512: f32 throughout,
// keys in blocks with a running softmax (FlashAttention, arXiv 2205.14135). A row's bits depend on nothing but its own
// query and the keys it sees: not on the rows computed with it, nor on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kvasir::attention {

// Strides are in elements. Heads of one token lie side by side, `headDim` each, in queries, keys, values and output.
struct Call {
  uint32_t headDim = 0;
  uint32_t heads = 0;
  uint32_t kvHeads = 0;
  float scale = 1;
  // [queries][heads][headDim], f32.
  const float* q = nullptr;
  size_t qStride = 0;
  uint32_t queries = 0;
  // [rows][kvHeads][headDim], f16.
  const uint16_t* k = nullptr;
  const uint16_t* v = nullptr;
  size_t kvStride = 0;
  // Query i sees the keys of the rows 0 to last[i]. Queries from `counted` on see none, and their output is zero.
  const int64_t* last = nullptr;
  uint32_t counted = 0;
  // [queries][heads][headDim], f32.
  float* out = nullptr;
  size_t outStride = 0;
};

// Instruction sets with a kernel, in order of preference. None: no kernel here.
enum class Isa { None, Avx2, Avx512 };

// The best that this processor has.
Isa bestIsa();
// Whether `attend` can take heads of this size.
bool takes(Isa isa, uint32_t headDim);

// The part of the work of `thread` of `threads`; together they write all of `out`.
void attend(Isa isa, const Call& call, uint32_t thread, uint32_t threads);

}  // namespace kvasir::attention
