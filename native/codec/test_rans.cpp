// The entropy coder: every instruction set gives back what was coded, near the entropy, and bears any bytes.
#include <cmath>
#include <random>
#include <vector>

#include "rans.h"
#include "test.h"

using namespace kvasir::codec;
using kvasir::test::codeOf;
using kvasir::test::expect;

namespace {

// Numbers around 128 as quantised coordinates are, column by column more widely spread.
struct Block {
  std::vector<uint8_t> symbols;
  std::vector<RansFrequencies> frequencies;
  std::vector<uint16_t> tableOf;
  double entropyBits = 0;

  Block(uint32_t width, size_t rows, uint32_t seed, uint32_t tables = 7) {
    std::mt19937 draw(seed);
    std::vector<std::array<uint64_t, RANS_SYMBOLS>> counts(tables);
    symbols.resize(width * rows);
    for (uint32_t c = 0; c < width; c++) tableOf.push_back(static_cast<uint16_t>(draw() % tables));
    for (size_t i = 0; i < symbols.size(); i++) {
      const uint32_t table = tableOf[i % width];
      std::normal_distribution<double> normal(128, 0.05 + 3.0 * table);
      symbols[i] = static_cast<uint8_t>(std::min(255.0, std::max(0.0, std::round(normal(draw)))));
      counts[table][symbols[i]]++;
    }
    for (auto& count : counts) {
      uint64_t total = 0;
      for (const uint64_t each : count) total += each;
      for (const uint64_t each : count)
        if (each > 0) entropyBits -= static_cast<double>(each) * std::log2(static_cast<double>(each) / static_cast<double>(total));
      if (total == 0) count[128] = 1;
      frequencies.push_back(ransFrequencies(count));
    }
  }
};

const char* nameOf(Isa isa) {
  return isa == Isa::Scalar ? "scalar" : isa == Isa::Avx2 ? "avx2" : "avx512";
}

kvasir::test::Register roundTrips("rans: every instruction set gives back what was coded", [] {
  for (const uint32_t width : {1u, 5u, 31u, 32u, 33u, 64u, 128u, 500u, 512u}) {
    for (const size_t rows : {size_t{0}, size_t{1}, size_t{7}, size_t{64}, size_t{301}, size_t{40000}}) {
      if (rows * width > 1u << 19) continue;
      const Block block(width, std::max<size_t>(rows, 1), width + static_cast<uint32_t>(rows));
      const RansTables tables(block.frequencies);
      const RansColumns columns(tables, block.tableOf);
      const std::vector<uint8_t> bytes = ransEncode(columns, block.symbols.data(), rows);
      for (const Isa isa : isas()) {
        std::vector<uint8_t> decoded(rows * width, 1);
        const std::string where = std::string(nameOf(isa)) + " " + std::to_string(rows) + " x " + std::to_string(width);
        expect(ransDecode(isa, columns, bytes.data(), bytes.size(), decoded.data(), rows), where + " is not accepted");
        expect(std::equal(decoded.begin(), decoded.end(), block.symbols.begin()), where + " differs");
      }
    }
  }
});

kvasir::test::Register nearEntropy("rans: within a percent of the entropy, states not counted", [] {
  const Block block(128, 4000, 5);
  const RansTables tables(block.frequencies);
  const std::vector<uint8_t> bytes = ransEncode(RansColumns(tables, block.tableOf), block.symbols.data(), 4000);
  const double bits = static_cast<double>(bytes.size() - ransHead(block.symbols.size())) * 8;
  expect(bits < block.entropyBits * 1.01, std::to_string(bits) + " bits for " + std::to_string(block.entropyBits));
});

kvasir::test::Register oneSymbol("rans: a column of one symbol costs nothing", [] {
  std::array<uint64_t, RANS_SYMBOLS> counts{};
  counts[9] = 1;
  const RansTables tables({ransFrequencies(counts)});
  const std::vector<uint8_t> symbols(64 * 1000, 9);
  const RansColumns columns(tables, std::vector<uint16_t>(64, 0));
  const std::vector<uint8_t> bytes = ransEncode(columns, symbols.data(), 1000);
  expect(bytes.size() == ransHead(symbols.size()), std::to_string(bytes.size()) + " bytes");
  std::vector<uint8_t> decoded(symbols.size());
  for (const Isa isa : isas())
    expect(ransDecode(isa, columns, bytes.data(), bytes.size(), decoded.data(), 1000) && decoded == symbols, nameOf(isa));
});

kvasir::test::Register anyBytes("rans: damaged, cut, extended and random bytes are refused or read as something", [] {
  const uint32_t width = 96;
  const size_t rows = 400;
  const Block block(width, rows, 3);
  const RansTables tables(block.frequencies);
  const RansColumns columns(tables, block.tableOf);
  const std::vector<uint8_t> sound = ransEncode(columns, block.symbols.data(), rows);
  std::mt19937 draw(8);
  std::vector<uint8_t> decoded(rows * width), reference(rows * width);
  int refused = 0;
  for (int round = 0; round < 3000; round++) {
    std::vector<uint8_t> bytes = sound;
    if (round % 3 == 0) bytes.resize(draw() % bytes.size());
    if (round % 3 == 1) bytes[draw() % bytes.size()] ^= static_cast<uint8_t>(1 + draw() % 255);
    if (round % 3 == 2)
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(draw());
    // Exactly as long as it is, so that the address sanitizer sees every step beyond.
    const bool scalar = ransDecode(Isa::Scalar, columns, bytes.data(), bytes.size(), reference.data(), rows);
    for (const Isa isa : isas()) {
      const bool accepted = ransDecode(isa, columns, bytes.data(), bytes.size(), decoded.data(), rows);
      expect(accepted == scalar, std::string(nameOf(isa)) + " judges otherwise in round " + std::to_string(round));
      if (accepted) expect(decoded == reference, std::string(nameOf(isa)) + " reads otherwise");
    }
    refused += scalar ? 0 : 1;
  }
  expect(refused == 3000, std::to_string(3000 - refused) + " of 3000 were accepted");
  std::vector<uint8_t> longer = sound;
  longer.resize(longer.size() + 2);
  expect(!ransDecode(Isa::Scalar, columns, longer.data(), longer.size(), decoded.data(), rows), "more words than coded");
});

kvasir::test::Register tablesAreChecked("rans: frequencies, tables and symbols that do not fit are named", [] {
  expect(codeOf([] { ransFrequencies({}); }) == "argument.invalid", "no counts");
  RansFrequencies wrong{};
  wrong[0] = 4095;
  expect(codeOf([&] { RansTables({wrong}); }) == "argument.invalid", "4095 parts");
  wrong[1] = 4095;
  expect(codeOf([&] { RansTables({wrong}); }) == "argument.invalid", "8190 parts");
  std::array<uint64_t, RANS_SYMBOLS> counts{};
  counts[0] = 1000000;
  counts[3] = 1;
  const RansFrequencies right = ransFrequencies(counts, 3);
  expect(right[0] == 4093 && right[1] == 1 && right[2] == 1 && right[3] == 1, "rare ones keep a part");
  const RansTables tables({right});
  expect(codeOf([&] { RansColumns(tables, {1}); }) == "argument.invalid", "no such table");
  expect(codeOf([&] { RansColumns(tables, {}); }) == "argument.invalid", "no columns");
  const RansColumns columns(tables, {0});
  const uint8_t unknown = 4;
  expect(codeOf([&] { ransEncode(columns, &unknown, 1); }) == "argument.invalid", "no such symbol");
});

}  // namespace
