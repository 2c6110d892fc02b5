#include "isa.h"

namespace kvasir::codec {

std::vector<Isa> isas() {
  std::vector<Isa> found;
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
  const bool hasAvx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                         __builtin_cpu_supports("avx512vl");
  if (hasAvx512) found.push_back(Isa::Avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
    found.push_back(Isa::Avx2);
#endif
  found.push_back(Isa::Scalar);
  return found;
}

}  // namespace kvasir::codec
