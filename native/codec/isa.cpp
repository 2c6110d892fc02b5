#include "isa.h"

#include <cstdlib>
#include <cstring>

namespace kvasir::codec {

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
namespace {

// For measuring: KVASIR_CODEC_ISA=avx2 or =scalar leaves out what is better.
bool isAllowed(Isa isa) {
  const char* best = std::getenv("KVASIR_CODEC_ISA");
  if (!best) return true;
  return !(std::strcmp(best, "scalar") == 0 || (std::strcmp(best, "avx2") == 0 && isa == Isa::Avx512));
}

}  // namespace
#endif

std::vector<Isa> isas() {
  std::vector<Isa> found;
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
  const bool hasAvx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                         __builtin_cpu_supports("avx512vl");
  if (hasAvx512 && isAllowed(Isa::Avx512)) found.push_back(Isa::Avx512);
  const bool hasAvx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  if (hasAvx2 && isAllowed(Isa::Avx2)) found.push_back(Isa::Avx2);
#endif
  found.push_back(Isa::Scalar);
  return found;
}

}  // namespace kvasir::codec
