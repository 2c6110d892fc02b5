#include "coder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "f16.h"
#include "rows.h"

namespace kvasir::codec {
namespace {

// Rows that pass through a transform at once.
constexpr size_t BLOCK_ROWS = 48;

// [rank][width] of basis rows times steps, or its transposed [width][rank] of basis rows over steps.
std::vector<float> scaled(const PlaneCode& code, bool back) {
  const uint32_t rank = code.rank(), width = code.width;
  std::vector<float> matrix(size_t{rank} * width);
  for (size_t r = 0; r < rank; r++) {
    for (size_t w = 0; w < width; w++) {
      const float value = floatOf(code.basis[r * width + w]);
      matrix[back ? r * width + w : w * rank + r] = back ? value * code.steps[r] : value / code.steps[r];
    }
  }
  return matrix;
}

void putCount(std::vector<uint8_t>& bytes, size_t count) {
  for (; count >= 128; count >>= 7) bytes.push_back(static_cast<uint8_t>(count | 128));
  bytes.push_back(static_cast<uint8_t>(count));
}

// The count at `bytes`, which moves behind it; false where there is none.
bool takeCount(const uint8_t*& bytes, const uint8_t* end, size_t& count) {
  count = 0;
  for (uint32_t shift = 0; bytes < end && shift < 35; shift += 7) {
    const uint8_t byte = *bytes++;
    count |= size_t{byte & 127u} << shift;
    // The shortest form only, so that one plane has one form.
    if (byte < 128) return byte != 0 || shift == 0;
  }
  return false;
}

}  // namespace

PlaneCoder::PlaneCoder(const PlaneCode& code, const RansTables& tables, bool encodes)
    : mean_(code.mean), steps_(code.steps), tables_(tables), tableOf_(code.tables), hasBasis_(code.hasBasis()) {
  if (rank() == 0) return;
  columns_ = std::make_unique<RansColumns>(tables, code.tables);
  if (!hasBasis_) return;
  const std::vector<float> back = scaled(code, true);
  back_ = Panels(back, rank(), width());
  if (hasPairs()) backByPairs_ = PairPanels(back, rank(), width());
  if (encodes) forth_ = Panels(scaled(code, false), width(), rank());
}

std::vector<int16_t> PlaneCoder::quantise(Isa isa, const uint16_t* f16, size_t rows) const {
  std::vector<int16_t> numbers(rows * rank());
  if (rank() == 0) return numbers;
  std::vector<float> centred(std::min(rows, BLOCK_ROWS) * width());
  std::vector<float> components(hasBasis_ ? std::min(rows, BLOCK_ROWS) * forth_.stride() : 0);
  for (size_t begin = 0; begin < rows; begin += BLOCK_ROWS) {
    const size_t count = std::min(BLOCK_ROWS, rows - begin);
    centre(isa, f16 + begin * width(), {count, width()}, mean_.data(), centred.data());
    int16_t* out = numbers.data() + begin * rank();
    if (hasBasis_) multiply(isa, centred.data(), count, forth_, components.data());
    for (size_t row = 0; row < count; row++, out += rank()) {
      const float* from = hasBasis_ ? components.data() + row * forth_.stride() : centred.data() + row * width();
      toSteps(isa, from, hasBasis_ ? nullptr : steps_.data(), rank(), out);
    }
  }
  return numbers;
}

std::vector<uint8_t> PlaneCoder::encode(Isa isa, const uint16_t* f16, size_t rows) const {
  if (rank() == 0) return {0};
  const std::vector<int16_t> numbers = quantise(isa, f16, rows);
  std::vector<uint8_t> symbols(numbers.size());
  std::vector<int16_t> escaped;
  for (size_t i = 0; i < numbers.size(); i += rank()) {
    for (size_t c = 0; c < rank(); c++) {
      const int symbol = numbers[i + c] + SYMBOL_ZERO;
      const bool fits = symbol >= 0 && symbol < ESCAPE && tables_.frequencies(tableOf_[c])[symbol] > 0;
      symbols[i + c] = fits ? static_cast<uint8_t>(symbol) : ESCAPE;
      if (!fits) escaped.push_back(numbers[i + c]);
    }
  }
  std::vector<uint8_t> bytes;
  putCount(bytes, escaped.size());
  const auto* values = reinterpret_cast<const uint8_t*>(escaped.data());
  bytes.insert(bytes.end(), values, values + escaped.size() * sizeof(int16_t));
  const std::vector<uint8_t> stream = ransEncode(*columns_, symbols.data(), rows);
  bytes.insert(bytes.end(), stream.begin(), stream.end());
  return bytes;
}

bool PlaneCoder::decode(Isa isa, const uint8_t* bytes, size_t size, uint16_t* f16, size_t rows) const {
  const uint8_t* const end = bytes + size;
  size_t escapes = 0;
  if (!takeCount(bytes, end, escapes) || escapes > static_cast<size_t>(end - bytes) / sizeof(int16_t)) return false;
  const uint8_t* escaped = bytes;
  bytes += escapes * sizeof(int16_t);
  if (rank() == 0) {
    if (bytes != end || escapes > 0) return false;
    for (size_t row = 0; row < rows; row++) std::transform(mean_.begin(), mean_.end(), f16 + row * width(), halfOf);
    return true;
  }
  std::vector<uint8_t> symbols(rows * rank());
  if (!ransDecode(isa, *columns_, bytes, static_cast<size_t>(end - bytes), symbols.data(), rows)) return false;
  const auto found = static_cast<size_t>(std::count(symbols.begin(), symbols.end(), ESCAPE));
  if (found != escapes) return false;
  const auto next = [&] {
    int16_t value = 0;
    std::memcpy(&value, escaped, sizeof value);
    escaped += sizeof value;
    return static_cast<float>(value);
  };
  if (!hasBasis_) {
    restoreChannels(isa, symbols.data(), {rows, width()}, mean_.data(), steps_.data(), f16);
    for (size_t i = 0; escapes > 0; i++) {
      if (symbols[i] != ESCAPE) continue;
      const size_t c = i % width();
      f16[i] = halfOf(std::clamp(next() * steps_[c] + mean_[c], -65504.0f, 65504.0f));
      escapes--;
    }
    return true;
  }
  if (isa == Isa::Avx512 && hasPairs()) {
    restoreByPairs(symbols.data(), rows, next, escapes, f16);
    return true;
  }
  std::vector<float> numbers(std::min(rows, BLOCK_ROWS) * rank()), restored(std::min(rows, BLOCK_ROWS) * back_.stride());
  for (size_t begin = 0; begin < rows; begin += BLOCK_ROWS) {
    const size_t count = std::min(BLOCK_ROWS, rows - begin);
    const uint8_t* from = symbols.data() + begin * rank();
    toNumbers(isa, from, count * rank(), numbers.data());
    for (size_t i = 0; escapes > 0 && i < count * rank(); i++) {
      if (from[i] != ESCAPE) continue;
      numbers[i] = next();
      escapes--;
    }
    multiply(isa, numbers.data(), count, back_, restored.data());
    restoreRows(isa, restored.data(), back_.stride(), {count, width()}, mean_.data(), f16 + begin * width());
  }
  return true;
}

void PlaneCoder::restoreByPairs(const uint8_t* symbols, size_t rows, const std::function<float()>& next, size_t escapes,
                                uint16_t* f16) const {
  const size_t left = backByPairs_.leftStride(), stride = backByPairs_.stride();
  std::vector<uint16_t> numbers(std::min(rows, BLOCK_ROWS) * left);
  std::vector<float> restored(std::min(rows, BLOCK_ROWS) * stride);
  // What numbers beyond 256 lose by rounding.
  struct Rest {
    size_t row;
    uint32_t component;
    float value;
  };
  std::vector<Rest> rests;
  for (size_t begin = 0; begin < rows; begin += BLOCK_ROWS) {
    const size_t count = std::min(BLOCK_ROWS, rows - begin);
    rests.clear();
    for (size_t row = 0; row < count; row++) {
      const uint8_t* from = symbols + (begin + row) * rank();
      uint16_t* to = numbers.data() + row * left;
      toPairs(from, rank(), to);
      for (uint32_t c = 0; escapes > 0 && c < rank(); c++) {
        if (from[c] != ESCAPE) continue;
        const float value = next();
        to[c] = bfloat(value);
        if (value != ofBfloat(to[c])) rests.push_back({row, c, value - ofBfloat(to[c])});
        escapes--;
      }
    }
    backByPairs_.multiply(numbers.data(), count, restored.data());
    for (const Rest& rest : rests) backByPairs_.add(restored.data() + rest.row * stride, rest.component, rest.value);
    restoreRows(Isa::Avx512, restored.data(), stride, {count, width()}, mean_.data(), f16 + begin * width());
  }
}

Coder::Coder(Codebook codebook, bool encodes) : codebook_(std::move(codebook)), tables_(codebook_.tables) {
  planes_.reserve(codebook_.planes.size());
  for (const PlaneCode& plane : codebook_.planes) planes_.emplace_back(plane, tables_, encodes);
}

}  // namespace kvasir::codec
