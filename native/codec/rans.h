// Entropy coding of small whole numbers: range asymmetric numeral systems (rANS: Duda, arXiv 1311.2540; interleaved and
// vectorised as in Giesen, arXiv 1402.3392) with states of 32 bits that share one stream of 16-bit words: 32 of them, or 4
// where there is little to code. Probabilities are parts of 4096, from tables that many streams share; a table of one
// symbol costs nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "isa.h"

namespace kvasir::codec {

constexpr uint32_t RANS_BITS = 12;
constexpr uint32_t RANS_SCALE = 1u << RANS_BITS;
constexpr uint32_t RANS_STATES = 32, RANS_FEW_STATES = 4;
constexpr uint32_t RANS_SYMBOLS = 256;
// So many symbols are worth all states.
constexpr size_t RANS_MANY = 1u << 15;

// States of a stream of so many symbols.
constexpr uint32_t ransStates(size_t symbols) { return symbols < RANS_MANY ? RANS_FEW_STATES : RANS_STATES; }
// Bytes of the states in front of its words.
constexpr size_t ransHead(size_t symbols) { return ransStates(symbols) * sizeof(uint32_t); }

// Of each symbol, in parts of 4096, summing up to that; 0 where the symbol cannot be coded.
using RansFrequencies = std::array<uint16_t, RANS_SYMBOLS>;

// The frequencies nearest to these counts that give every counted symbol at least one part. All symbols that `always`
// holds below are given one as well, counted or not. 'argument.invalid' when nothing is counted.
RansFrequencies ransFrequencies(const std::array<uint64_t, RANS_SYMBOLS>& counts, uint32_t always = 0);

// What encoding needs of a symbol: its parts, the first of its slots, and what a state is divided by the parts with.
struct RansSymbol {
  uint32_t frequency, start;
  double inverse;
};

// Tables of several kinds of numbers, by their index.
class RansTables {
 public:
  // 'argument.invalid' unless each sums up to 4096.
  explicit RansTables(std::vector<RansFrequencies> frequencies);

  size_t count() const noexcept { return frequencies_.size(); }
  const RansFrequencies& frequencies(size_t table) const { return frequencies_[table]; }
  const RansSymbol& symbol(size_t table, uint8_t symbol) const { return symbols_[table][symbol]; }
  // [table][slot]: symbol, its frequency less 1 from bit 8, the slot's place among the symbol's from bit 20.
  const uint32_t* slots() const noexcept { return slots_.data(); }

 private:
  std::vector<RansFrequencies> frequencies_;
  std::vector<std::array<RansSymbol, RANS_SYMBOLS>> symbols_;
  std::vector<uint32_t> slots_;
};

// Which table codes each column of a [rows][width] block: column c has the c-th one.
class RansColumns {
 public:
  // 'argument.invalid' without columns, or when a table is not there.
  RansColumns(const RansTables& tables, const std::vector<uint16_t>& tableOf);

  const RansTables& tables() const noexcept { return *tables_; }
  uint32_t width() const noexcept { return width_; }
  // Of each column's table the first slot; the columns begin anew behind the last, for as many as there are states.
  const uint32_t* slotsOf() const noexcept { return slotsOf_.data(); }

 private:
  const RansTables* tables_;
  uint32_t width_;
  std::vector<uint32_t> slotsOf_;
};

// Symbols: [rows][width]. The states, then the words. 'argument.invalid' for a symbol that its table has no part for.
std::vector<uint8_t> ransEncode(const RansColumns& columns, const uint8_t* symbols, size_t rows);

// Fills symbols, [rows][width], from exactly these bytes. False when they are not what `ransEncode` writes for so many rows:
// never reads or writes beyond what is given, whatever the bytes are.
bool ransDecode(Isa isa, const RansColumns& columns, const uint8_t* bytes, size_t size, uint8_t* symbols, size_t rows);

}  // namespace kvasir::codec
