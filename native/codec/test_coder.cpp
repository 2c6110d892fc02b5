// Codebooks and coded planes: what is decoded is what a plain reference gives, on every instruction set; whatever bytes
// come, nothing is read or written beyond them.
#include <algorithm>
#include <cmath>
#include <random>

#include "coder.h"
#include "f16.h"
#include "test.h"

using namespace kvasir::codec;
using kvasir::test::codeOf;

namespace {

// Two tables: around zero, and without most symbols.
std::vector<RansFrequencies> someTables() {
  std::array<uint64_t, RANS_SYMBOLS> wide{}, narrow{};
  for (int n = -60; n <= 60; n++) wide[n + SYMBOL_ZERO] = 1 + static_cast<uint64_t>(1000 * std::exp(-n * n / 200.0));
  wide[ESCAPE] = 1;
  for (int n = -2; n <= 2; n++) narrow[n + SYMBOL_ZERO] = 100;
  narrow[ESCAPE] = 1;
  return {ransFrequencies(wide), ransFrequencies(narrow)};
}

// Rows of an orthonormal basis (Gram-Schmidt).
std::vector<uint16_t> someBasis(uint32_t rank, uint32_t width, std::mt19937& random) {
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> rows(rank, std::vector<double>(width));
  std::vector<uint16_t> basis;
  for (size_t r = 0; r < rank; r++) {
    for (double& x : rows[r]) x = normal(random);
    for (size_t other = 0; other < r; other++) {
      double dot = 0;
      for (size_t w = 0; w < width; w++) dot += rows[r][w] * rows[other][w];
      for (size_t w = 0; w < width; w++) rows[r][w] -= dot * rows[other][w];
    }
    double length = 0;
    for (const double x : rows[r]) length += x * x;
    for (double& x : rows[r]) basis.push_back(halfOf(static_cast<float>(x /= std::sqrt(length))));
  }
  return basis;
}

PlaneCode somePlane(uint32_t width, uint32_t rank, bool hasBasis, std::mt19937& random) {
  std::normal_distribution<float> normal;
  PlaneCode plane;
  plane.width = width;
  for (uint32_t w = 0; w < width; w++) plane.mean.push_back(normal(random));
  for (uint32_t r = 0; r < rank; r++) {
    plane.steps.push_back(0.05f + 0.01f * static_cast<float>(r % 7));
    plane.tables.push_back(static_cast<uint16_t>(r % 3 == 0));
  }
  if (hasBasis) plane.basis = someBasis(rank, width, random);
  return plane;
}

Codebook someCodebook(uint32_t k, uint32_t kRank, uint32_t v, uint32_t vRank, std::mt19937& random) {
  Codebook codebook;
  codebook.model = sha256("a model", 7);
  codebook.layers = 3;
  codebook.kWidth = k;
  codebook.vWidth = v;
  for (int layer = 1; layer < 3; layer++) {
    codebook.planes.push_back(somePlane(k, kRank, true, random));
    codebook.planes.push_back(somePlane(v, vRank, vRank < v, random));
  }
  codebook.tables = someTables();
  return codebook;
}

std::vector<uint16_t> someRows(const PlaneCode& plane, size_t rows, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<uint16_t> f16(rows * plane.width);
  for (size_t i = 0; i < f16.size(); i++) {
    // One in a hundred far out, so that some are escaped.
    const float scale = random() % 100 == 0 ? 20.0f : 0.5f;
    f16[i] = halfOf(plane.mean[i % plane.width] + scale * normal(random));
  }
  return f16;
}

struct Reference {
  std::vector<double> values;
  // Sums of the absolute parts: what rounding of the basis is a share of.
  std::vector<double> reach;
};

// By definition, in double precision.
Reference reference(const PlaneCode& plane, const std::vector<int16_t>& numbers, size_t rows) {
  std::vector<double> out(rows * plane.width), reach(rows * plane.width);
  for (size_t row = 0; row < rows; row++) {
    for (size_t w = 0; w < plane.width; w++) out[row * plane.width + w] = plane.mean[w];
    for (size_t r = 0; r < plane.rank(); r++) {
      const double value = double{plane.steps[r]} * numbers[row * plane.rank() + r];
      if (!plane.hasBasis()) out[row * plane.width + r] += value;
      for (size_t w = 0; plane.hasBasis() && w < plane.width; w++) {
        const double part = value * floatOf(plane.basis[r * plane.width + w]);
        out[row * plane.width + w] += part;
        reach[row * plane.width + w] += std::fabs(part);
      }
    }
  }
  return {out, reach};
}

bool isNear(const std::vector<uint16_t>& f16, const Reference& expected, Isa isa) {
  const double rounding = isa == Isa::Avx512 && hasPairs() ? 1.0 / 512 : 0;
  for (size_t i = 0; i < f16.size(); i++) {
    const double bound = 2e-3 + 2e-3 * std::fabs(expected.values[i]) + rounding * expected.reach[i];
    if (std::fabs(floatOf(f16[i]) - expected.values[i]) > bound) return false;
  }
  return true;
}

}  // namespace

TEST(half_precision_is_the_nearest_and_goes_round) {
  for (uint32_t half = 0; half < 65536; half++) {
    const auto bits = static_cast<uint16_t>(half);
    if ((bits & 0x7c00) == 0x7c00 && (bits & 1023) != 0) continue;
    EXPECT(halfOf(floatOf(bits)) == bits);
  }
  EXPECT(halfOf(65519.0f) == 0x7bff);
  EXPECT(halfOf(65520.0f) == 0x7c00);
  EXPECT(halfOf(1.0f + 1.0f / 2048) == 0x3c00);
  EXPECT(halfOf(1.0f + 3.0f / 2048) == 0x3c02);
  EXPECT(halfOf(-0.0f) == 0x8000);
  EXPECT(halfOf(std::ldexp(1.0f, -25)) == 0);
  EXPECT(halfOf(std::ldexp(1.5f, -25)) == 1);
}

TEST(a_coded_plane_is_what_its_steps_say_on_every_instruction_set) {
  std::mt19937 random(7);
  const struct {
    uint32_t width, rank;
    size_t rows;
  } shapes[] = {{128, 128, 31}, {128, 90, 200}, {512, 300, 97}, {40, 13, 5}, {7, 7, 1}, {33, 0, 4}, {96, 1, 1000}};
  for (const auto& shape : shapes) {
    for (const bool hasBasis : {true, false}) {
      if (!hasBasis && shape.rank != shape.width) continue;
      Codebook codebook = someCodebook(shape.width, shape.rank, 8, 8, random);
      codebook.planes[0] = somePlane(shape.width, shape.rank, hasBasis, random);
      const Coder coder(codebook, true);
      const PlaneCoder& plane = coder.plane(1, Kind::K);
      const auto f16 = someRows(codebook.planes[0], shape.rows, random);
      for (const Isa encodedBy : isas()) {
        const auto bytes = plane.encode(encodedBy, f16.data(), shape.rows);
        const auto expected = reference(codebook.planes[0], plane.quantise(encodedBy, f16.data(), shape.rows), shape.rows);
        for (const Isa isa : isas()) {
          std::vector<uint16_t> decoded(f16.size(), 0x7c00);
          EXPECT(plane.decode(isa, bytes.data(), bytes.size(), decoded.data(), shape.rows));
          EXPECT(isNear(decoded, expected, isa));
        }
      }
    }
  }
}

TEST(a_step_is_as_near_as_it_should_be) {
  std::mt19937 random(8);
  Codebook codebook = someCodebook(64, 64, 64, 64, random);
  const Coder coder(codebook, true);
  // Channels: no further than six tenths of a step, and a little for f16.
  const auto f16 = someRows(codebook.planes[1], 300, random);
  const auto bytes = coder.plane(1, Kind::V).encode(isas()[0], f16.data(), 300);
  std::vector<uint16_t> decoded(f16.size());
  EXPECT(coder.plane(1, Kind::V).decode(isas()[0], bytes.data(), bytes.size(), decoded.data(), 300));
  for (size_t i = 0; i < f16.size(); i++) {
    const float value = floatOf(f16[i]);
    EXPECT(std::fabs(floatOf(decoded[i]) - value) <= 0.601f * codebook.planes[1].steps[i % 64] + 1e-3f * std::fabs(value) + 1e-3f);
  }
}

TEST(large_numbers_are_exact_through_a_basis_on_every_instruction_set) {
  PlaneCode plane;
  plane.width = 4;
  plane.mean.assign(4, 0.0f);
  plane.steps.assign(3, 1.0f);
  plane.tables.assign(3, 0);
  plane.basis.assign(12, 0);
  for (size_t r = 0; r < 3; r++) plane.basis[r * 4 + r + 1] = halfOf(1.0f);
  Codebook codebook{sha256("a model", 7), 2, 4, 4, {plane, plane}, someTables()};
  const Coder coder(codebook, true);
  // None of them has eight significant bits.
  const float values[] = {301, -1023, 2047, -517, 3, 0, 999, -2047, 1021};
  std::vector<uint16_t> f16;
  for (size_t i = 0; i < 9; i++) {
    if (i % 3 == 0) f16.push_back(0);
    f16.push_back(halfOf(values[i]));
  }
  for (const Isa isa : isas()) {
    const auto bytes = coder.plane(1, Kind::K).encode(isa, f16.data(), 3);
    std::vector<uint16_t> decoded(f16.size());
    EXPECT(coder.plane(1, Kind::K).decode(isa, bytes.data(), bytes.size(), decoded.data(), 3));
    EXPECT(decoded == f16);
  }
}

TEST(numbers_beyond_f16_come_back_finite) {
  std::mt19937 random(9);
  Codebook codebook = someCodebook(16, 16, 16, 16, random);
  codebook.planes[1].steps.assign(16, 1000.0f);
  const Coder coder(codebook, true);
  std::vector<uint16_t> f16(16 * 3, 0x7bff);
  f16[5] = 0xfbff;
  const auto bytes = coder.plane(1, Kind::V).encode(isas()[0], f16.data(), 3);
  for (const Isa isa : isas()) {
    std::vector<uint16_t> decoded(f16.size());
    EXPECT(coder.plane(1, Kind::V).decode(isa, bytes.data(), bytes.size(), decoded.data(), 3));
    for (const uint16_t half : decoded) EXPECT((half & 0x7c00) != 0x7c00);
  }
}

TEST(damaged_coded_planes_are_refused_or_give_finite_numbers) {
  std::mt19937 random(10);
  const Codebook codebook = someCodebook(64, 40, 64, 64, random);
  const Coder coder(codebook, true);
  for (const Kind kind : {Kind::K, Kind::V}) {
    const PlaneCoder& plane = coder.plane(2, kind);
    const auto f16 = someRows(codebook.plane(2, kind), 60, random);
    const auto bytes = plane.encode(isas()[0], f16.data(), 60);
    std::vector<uint16_t> decoded(f16.size());
    for (int round = 0; round < 1000; round++) {
      // A copy of its own size, so that an address sanitizer sees every byte that is read beyond it.
      std::vector<uint8_t> broken(bytes);
      const auto how = random() % 3;
      if (how == 0) broken.resize(random() % bytes.size());
      if (how == 1) broken.resize(bytes.size() + 1 + random() % 9, static_cast<uint8_t>(random()));
      for (uint32_t i = 0; how == 2 && i < 1 + round % 5u; i++) broken[random() % broken.size()] = static_cast<uint8_t>(random());
      broken.shrink_to_fit();
      for (const Isa isa : isas()) {
        if (!plane.decode(isa, broken.data(), broken.size(), decoded.data(), 60)) continue;
        EXPECT(how == 2);
        for (const uint16_t half : decoded) EXPECT((half & 0x7c00) != 0x7c00);
      }
    }
    EXPECT(!plane.decode(isas()[0], bytes.data(), bytes.size(), decoded.data(), 59));
    // One escape more or fewer than there are symbols for.
    std::vector<uint8_t> more = plane.encode(isas()[0], f16.data(), 2);
    EXPECT(more[0] > 1 && more[0] < 127 && plane.decode(isas()[0], more.data(), more.size(), decoded.data(), 2));
    std::vector<uint8_t> fewer(more);
    more[0]++;
    more.insert(more.begin() + 1, 2, 0);
    fewer[0]--;
    fewer.erase(fewer.begin() + 1, fewer.begin() + 3);
    EXPECT(!plane.decode(isas()[0], more.data(), more.size(), decoded.data(), 2));
    EXPECT(!plane.decode(isas()[0], fewer.data(), fewer.size(), decoded.data(), 2));
  }
}

TEST(a_codebook_comes_back_whole) {
  std::mt19937 random(11);
  const Codebook codebook = someCodebook(24, 10, 17, 17, random);
  const Codebook read = parseCodebook(serialise(codebook), "a test");
  EXPECT(read.model == codebook.model && read.layers == 3 && read.kWidth == 24 && read.vWidth == 17);
  EXPECT(read.tables == codebook.tables);
  for (size_t i = 0; i < codebook.planes.size(); i++) {
    const PlaneCode &one = codebook.planes[i], &other = read.planes[i];
    EXPECT(one.width == other.width && one.mean == other.mean && one.steps == other.steps);
    EXPECT(one.tables == other.tables && one.basis == other.basis && one.hasBasis() == other.hasBasis());
  }
}

TEST(a_damaged_codebook_is_refused) {
  std::mt19937 random(12);
  const auto bytes = serialise(someCodebook(24, 10, 17, 17, random));
  for (size_t at = 0; at < bytes.size(); at += at < 256 ? 1 : 7) {
    auto broken = bytes;
    broken[at] ^= static_cast<uint8_t>(1u << at % 8);
    EXPECT(codeOf([&] { parseCodebook(broken, "a test"); }) == "object.damaged");
  }
  for (size_t size = 0; size < bytes.size(); size += 13) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT(codeOf([&] { parseCodebook(cut, "a test"); }) == "object.damaged");
  }
}

TEST(a_codebook_that_could_not_be_used_is_not_written) {
  std::mt19937 random(13);
  const auto fails = [&](const std::function<void(Codebook&)>& spoil) {
    Codebook codebook = someCodebook(24, 10, 17, 17, random);
    spoil(codebook);
    return codeOf([&] { serialise(codebook); }) == "argument.invalid";
  };
  EXPECT(!fails([](Codebook&) {}));
  EXPECT(fails([](Codebook& c) { c.planes.pop_back(); }));
  EXPECT(fails([](Codebook& c) { c.planes[0].steps[3] = 0; }));
  EXPECT(fails([](Codebook& c) { c.planes[0].mean[3] = NAN; }));
  EXPECT(fails([](Codebook& c) { c.planes[0].basis[3] = 0x7c00; }));
  EXPECT(fails([](Codebook& c) { c.planes[0].tables[3] = 2; }));
  EXPECT(fails([](Codebook& c) { c.tables[1][0]++; }));
  EXPECT(fails([](Codebook& c) {
    c.tables[1][SYMBOL_ZERO] = static_cast<uint16_t>(c.tables[1][SYMBOL_ZERO] + c.tables[1][ESCAPE]);
    c.tables[1][ESCAPE] = 0;
  }));
}
