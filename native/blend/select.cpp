#include "select.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace kvasir::blend {
namespace {

constexpr double GRADUAL_FIRST = 1.5, GRADUAL_LAST = 0.5;

}  // namespace

double ratioAt(const Recompute& recompute, uint32_t layer, uint32_t layers) {
  const uint32_t steps = layers - 1 - recompute.layer;
  if (!recompute.gradual || steps == 0) return recompute.ratio;
  const double done = static_cast<double>(layer - recompute.layer) / steps;
  return std::min(1.0, recompute.ratio * (GRADUAL_FIRST + (GRADUAL_LAST - GRADUAL_FIRST) * done));
}

std::vector<uint32_t> highest(const std::vector<uint32_t>& rows, const std::vector<float>& scores, size_t count) {
  count = std::min(count, rows.size());
  std::vector<size_t> order(rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto before = [&](size_t a, size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; };
  std::nth_element(order.begin(), order.begin() + static_cast<ptrdiff_t>(count), order.end(), before);
  std::vector<uint32_t> chosen(count);
  std::transform(order.begin(), order.begin() + static_cast<ptrdiff_t>(count), chosen.begin(),
                 [&](size_t index) { return rows[index]; });
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::vector<float> scoresOf(const std::vector<float>& keys, const std::vector<float>& values, Deviation by) {
  if (by == Deviation::Values) return values;
  if (by == Deviation::Keys) return keys;
  std::vector<float> both(keys.size());
  std::transform(keys.begin(), keys.end(), values.begin(), both.begin(), std::plus<float>());
  return both;
}

std::vector<uint32_t> merged(const std::vector<uint32_t>& first, const std::vector<uint32_t>& second) {
  std::vector<uint32_t> all;
  all.reserve(first.size() + second.size());
  std::set_union(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(all));
  return all;
}

}  // namespace kvasir::blend
