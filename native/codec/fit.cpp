#include "fit.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "coder.h"
#include "f16.h"
#include "rows.h"

namespace kvasir::codec {
namespace {

// Components share a table with others of about the same deviation in steps, so many to a doubling.
constexpr double CLASSES_PER_DOUBLING = 3;
constexpr int LOWEST_CLASS = -9, HIGHEST_CLASS = 21;
// Components whose deviation is less than this part of a step are left out.
constexpr double LEAST_DEVIATION = 0.15;

int classOf(double deviation, double step) {
  const double nearest = std::round(CLASSES_PER_DOUBLING * std::log2(deviation / step));
  return static_cast<int>(std::clamp<double>(nearest, LOWEST_CLASS, HIGHEST_CLASS));
}

PlaneCode planeOf(const PlaneStatistics& statistics, double step, bool hasBasis) {
  PlaneCode plane;
  plane.width = statistics.width;
  plane.mean.assign(statistics.mean.begin(), statistics.mean.end());
  const std::vector<double>& variances = hasBasis ? statistics.components.variances : statistics.channels;
  for (size_t c = 0; c < plane.width; c++) {
    const double deviation = std::sqrt(std::max(0.0, variances[c]));
    // Falling along principal components: the rest is smaller yet.
    if (hasBasis && deviation < LEAST_DEVIATION * step) break;
    plane.steps.push_back(static_cast<float>(step));
    plane.tables.push_back(static_cast<uint16_t>(classOf(std::max(deviation, 1e-9 * step), step) - LOWEST_CLASS));
    if (!hasBasis) continue;
    const double* direction = &statistics.components.directions[c * plane.width];
    for (size_t w = 0; w < plane.width; w++) plane.basis.push_back(halfOf(static_cast<float>(direction[w])));
  }
  return plane;
}

using Counts = std::array<uint64_t, RANS_SYMBOLS>;

// Every number up to one beyond those that came can be coded, and an escape.
RansFrequencies tableOf(Counts counts) {
  int lowest = SYMBOL_ZERO, highest = SYMBOL_ZERO;
  for (int symbol = 0; symbol < ESCAPE; symbol++) {
    if (counts[symbol] == 0) continue;
    lowest = std::min(lowest, symbol);
    highest = std::max(highest, symbol);
  }
  for (int symbol = std::max(0, lowest - 1); symbol <= std::min(ESCAPE - 1, highest + 1); symbol++) counts[symbol]++;
  counts[ESCAPE]++;
  return ransFrequencies(counts);
}

// Bits of these counts by a table.
double bitsOf(const Counts& counts, const RansFrequencies& table) {
  double bits = 0;
  for (size_t symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
    if (counts[symbol] == 0) continue;
    bits += static_cast<double>(counts[symbol]) * -std::log2(static_cast<double>(table[symbol]) / RANS_SCALE);
  }
  return bits + 16.0 * static_cast<double>(counts[ESCAPE]);
}

// Tables that can code every number, to quantise with before there are any counts.
std::vector<RansFrequencies> evenTables() {
  Counts counts;
  counts.fill(1);
  return std::vector<RansFrequencies>(HIGHEST_CLASS - LOWEST_CLASS + 1, ransFrequencies(counts));
}

}  // namespace

double PlaneStatistics::variance() const {
  double sum = 0;
  for (const double each : channels) sum += each;
  return sum / width;
}

PlaneStatistics statisticsOf(const Sample& sample, uint32_t layer, Kind kind, uint32_t width, bool isPrincipal) {
  Moments moments(width);
  const std::vector<float> zero(width);
  std::vector<float> values;
  sample(layer, kind, [&](const uint16_t* f16, size_t rows) {
    values.resize(rows * width);
    centre(isas()[0], f16, {rows, width}, zero.data(), values.data());
    moments.add(values.data(), rows);
  });
  if (moments.rows() == 0)
    throw Error("argument.invalid", "Expected caches to learn a codebook from, but the sample has none.");
  PlaneStatistics found{width, moments.mean(), {}, {}};
  const std::vector<double> covariance = moments.covariance();
  for (size_t w = 0; w < width; w++) found.channels.push_back(covariance[w * width + w]);
  if (isPrincipal) found.components = principalComponents(covariance, width);
  return found;
}

FittedCodebook fitCodebook(const Digest& model, const std::vector<PlaneStatistics>& statistics,
                           const std::vector<double>& steps, bool hasBasis, const Sample& sample) {
  FittedCodebook fitted;
  Codebook& codebook = fitted.codebook;
  codebook.model = model;
  codebook.layers = static_cast<uint32_t>(statistics.size() / 2 + 1);
  codebook.kWidth = statistics[0].width;
  codebook.vWidth = statistics[1].width;
  for (size_t i = 0; i < statistics.size(); i++) codebook.planes.push_back(planeOf(statistics[i], steps[i], hasBasis));
  codebook.tables = evenTables();

  std::vector<Counts> counts(codebook.tables.size(), Counts{});
  const RansTables even(codebook.tables);
  for (size_t i = 0; i < codebook.planes.size(); i++) {
    const PlaneCode& plane = codebook.planes[i];
    const PlaneCoder coder(plane, even, true);
    sample(static_cast<uint32_t>(i / 2 + 1), static_cast<Kind>(i % 2), [&](const uint16_t* f16, size_t rows) {
      const std::vector<int16_t> numbers = coder.quantise(isas()[0], f16, rows);
      for (size_t at = 0; at < numbers.size(); at++) {
        const int symbol = numbers[at] + SYMBOL_ZERO;
        counts[plane.tables[at % plane.rank()]][symbol >= 0 && symbol < ESCAPE ? symbol : ESCAPE]++;
      }
    });
  }
  // Only classes that came up have a table.
  std::map<uint16_t, uint16_t> numbers;
  codebook.tables.clear();
  for (PlaneCode& plane : codebook.planes) {
    for (uint16_t& table : plane.tables) {
      const auto [known, isNew] = numbers.emplace(table, static_cast<uint16_t>(codebook.tables.size()));
      if (isNew) {
        codebook.tables.push_back(tableOf(counts[table]));
        fitted.bits += bitsOf(counts[table], codebook.tables.back());
      }
      table = known->second;
    }
  }
  if (codebook.tables.empty()) codebook.tables.push_back(tableOf(Counts{}));
  return fitted;
}

}  // namespace kvasir::codec
