// Instruction sets that the codec's inner loops are written for; all give the same symbols.
#pragma once

#include <vector>

namespace kvasir::codec {

enum class Isa { Scalar, Avx2, Avx512 };

// Those that this processor has and this build knows, the best one first; Scalar is always among them.
std::vector<Isa> isas();

}  // namespace kvasir::codec
