// Codes K or V of a layer by a codebook: less their mean, by an orthogonal transform where the codebook has one (as
// KVTC, arXiv 2511.01815, does), each component in whole steps, by rANS with the codebook's tables.
//
// A coded plane: how many numbers were escaped, as LEB128; their values, i16, in the order of their symbols; the stream
// of `ransEncode`.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "codebook.h"
#include "matrix.h"
#include "pairs.h"

namespace kvasir::codec {

class PlaneCoder {
 public:
  // `encodes`: whether `encode` will be called, which needs memory of its own.
  PlaneCoder(const PlaneCode& code, const RansTables& tables, bool encodes);

  uint32_t width() const noexcept { return static_cast<uint32_t>(mean_.size()); }
  // f16: [rows][width]
  std::vector<uint8_t> encode(Isa isa, const uint16_t* f16, size_t rows) const;
  // Fills f16 from exactly these bytes. False when they are not what `encode` writes for so many rows: never reads or
  // writes beyond what is given, whatever the bytes are. All results are finite.
  bool decode(Isa isa, const uint8_t* bytes, size_t size, uint16_t* f16, size_t rows) const;
  // In whole steps, before they are coded: [rows][rank] of at most 16 bits.
  std::vector<int16_t> quantise(Isa isa, const uint16_t* f16, size_t rows) const;

 private:
  uint32_t rank() const noexcept { return static_cast<uint32_t>(steps_.size()); }
  // The end of `decode` with a basis, where there are pairs. `next`: the value of each of the `escapes`, in order.
  void restoreByPairs(const uint8_t* symbols, size_t rows, const std::function<float()>& next, size_t escapes,
                      uint16_t* f16) const;

  std::vector<float> mean_, steps_;
  // Of no components there is none.
  std::unique_ptr<RansColumns> columns_;
  const RansTables& tables_;
  std::vector<uint16_t> tableOf_;
  bool hasBasis_;
  // Components to channels, and back.
  Panels back_, forth_;
  // Empty where there are no pairs.
  PairPanels backByPairs_;
};

class Coder {
 public:
  explicit Coder(Codebook codebook, bool encodes = false);
  // Planes refer to the tables.
  Coder(const Coder&) = delete;
  Coder& operator=(const Coder&) = delete;

  const Codebook& codebook() const noexcept { return codebook_; }
  // `layer` from 1 on.
  const PlaneCoder& plane(uint32_t layer, Kind kind) const {
    return planes_[2 * (layer - 1) + static_cast<size_t>(kind)];
  }

 private:
  Codebook codebook_;
  RansTables tables_;
  std::vector<PlaneCoder> planes_;
};

}  // namespace kvasir::codec
