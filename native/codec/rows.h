// What is done to every number of K/V rows on its way to symbols and back.
#pragma once

#include <cstddef>
#include <cstdint>

#include "isa.h"

namespace kvasir::codec {

// K or V of some tokens: `rows` rows of `width` numbers, without gaps where no stride is given.
struct RowShape {
  size_t rows = 0;
  size_t width = 0;
};

// out = f16 - mean, f32. mean: [width]
void centre(Isa isa, const uint16_t* f16, RowShape shape, const float* mean, float* out);
// Whole steps of numbers, or of numbers over `steps` where those are given; at most 16 bits each. What is no further than
// 0.6 of a step from zero becomes zero, and so on outwards: more zeros cost fewer bits, which finer steps use better.
void toSteps(Isa isa, const float* numbers, const float* steps, size_t count, int16_t* out);
// f16 = mean + what the symbols say times the step; steps: [width]. Results stay finite.
void restoreChannels(Isa isa, const uint8_t* symbols, RowShape shape, const float* mean, const float* steps,
                     uint16_t* f16);
// What symbols say, as f32.
void toNumbers(Isa isa, const uint8_t* symbols, size_t count, float* numbers);
// f16 = mean + rows, which lie `stride` apart. Results stay finite.
void restoreRows(Isa isa, const float* rows, size_t stride, RowShape shape, const float* mean, uint16_t* f16);

}  // namespace kvasir::codec
