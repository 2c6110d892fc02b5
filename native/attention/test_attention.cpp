// Attention against sums in double precision on random inputs, with every instruction set that this processor has.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "../codec/test.h"
#include "attention.h"

using namespace kvasir::attention;

namespace {

// Of an f16 in [-4, 4), as sign, exponent and ten bits; exact.
float widened(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const float value = exponent == 0 ? std::ldexp(static_cast<float>(bits & 1023), -24)
                                    : std::ldexp(static_cast<float>((bits & 1023) | 1024), exponent - 25);
  return bits & 0x8000 ? -value : value;
}

struct Case {
  uint32_t heads, kvHeads, headDim, queries, rows;
  std::vector<float> q, out;
  std::vector<uint16_t> k, v;
  std::vector<int64_t> last;

  Case(uint32_t heads, uint32_t kvHeads, uint32_t headDim, uint32_t queries, uint32_t rows)
      : heads(heads), kvHeads(kvHeads), headDim(headDim), queries(queries), rows(rows) {
    std::mt19937 draw(heads * 31 + queries);
    std::normal_distribution<float> normal;
    q.resize(size_t{queries} * heads * headDim);
    out.assign(q.size(), std::numeric_limits<float>::quiet_NaN());
    k.resize(size_t{rows} * kvHeads * headDim);
    v.resize(k.size());
    for (float& value : q) value = normal(draw);
    for (auto* values : {&k, &v}) {
      for (uint16_t& value : *values) value = static_cast<uint16_t>((draw() & 0x8000) | draw() % 0x4400);
    }
    for (uint32_t i = 0; i < queries; i++) last.push_back(static_cast<int64_t>(draw() % rows));
  }

  Call call() {
    Call call;
    call.headDim = headDim;
    call.heads = heads;
    call.kvHeads = kvHeads;
    call.scale = 1.0f / std::sqrt(static_cast<float>(headDim));
    call.q = q.data();
    call.qStride = size_t{heads} * headDim;
    call.queries = queries;
    call.k = k.data();
    call.v = v.data();
    call.kvStride = size_t{kvHeads} * headDim;
    call.last = last.data();
    call.counted = static_cast<uint32_t>(last.size());
    call.out = out.data();
    call.outStride = call.qStride;
    return call;
  }

  double reference(uint32_t query, uint32_t head, uint32_t dim) const {
    const size_t own = (size_t{query} * heads + head) * headDim;
    const size_t shared = size_t{head / (heads / kvHeads)} * headDim;
    double total = 0, sum = 0;
    for (int64_t row = 0; row <= last[query]; row++) {
      const size_t at = static_cast<size_t>(row) * kvHeads * headDim + shared;
      double score = 0;
      for (uint32_t d = 0; d < headDim; d++) score += double{q[own + d]} * double{widened(k[at + d])};
      const double weight = std::exp(score / std::sqrt(static_cast<double>(headDim)));
      total += weight;
      sum += weight * double{widened(v[at + dim])};
    }
    return sum / total;
  }
};

std::vector<Isa> sets() {
  std::vector<Isa> all;
  if (bestIsa() == Isa::Avx512) all.push_back(Isa::Avx512);
  if (bestIsa() != Isa::None) all.push_back(Isa::Avx2);
  return all;
}

void run(Isa isa, Case& c, uint32_t threads) {
  for (uint32_t thread = 0; thread < threads; thread++) attend(isa, c.call(), thread, threads);
}

}  // namespace

TEST(attention_is_what_double_precision_gives) {
  for (const Isa isa : sets()) {
    Case cases[] = {
        {8, 2, 64, 50, 300}, {3, 1, 64, 20, 70}, {4, 4, 128, 65, 129}, {7, 1, 32, 9, 500}, {80, 1, 16, 3, 97},
    };
    for (Case& c : cases) {
      run(isa, c, 3);
      double worst = 0;
      for (uint32_t query = 0; query < c.queries; query++) {
        for (uint32_t head = 0; head < c.heads; head++) {
          for (uint32_t d = 0; d < c.headDim; d++) {
            const float got = c.out[(size_t{query} * c.heads + head) * c.headDim + d];
            worst = std::max(worst, std::abs(double{got} - c.reference(query, head, d)));
          }
        }
      }
      EXPECT(worst < 1e-5);
    }
  }
}

TEST(attention_of_a_row_depends_on_nothing_but_its_keys) {
  for (const Isa isa : sets()) {
    Case together(8, 2, 64, 40, 400), apart(8, 2, 64, 40, 400);
    run(isa, together, 1);
    const size_t width = size_t{apart.heads} * apart.headDim;
    for (uint32_t query = 0; query < apart.queries; query++) {
      Call one = apart.call();
      one.q += query * width;
      one.last += query;
      one.out += query * width;
      one.queries = one.counted = 1;
      attend(isa, one, 0, 1);
    }
    EXPECT(together.out == apart.out);
    // Keys and values that a row does not see may hold anything finite.
    for (size_t row = 0; row < together.rows; row++) {
      if (static_cast<int64_t>(row) <= together.last[5]) continue;
      for (size_t d = 0; d < 2 * 64; d++) apart.k[row * 2 * 64 + d] = apart.v[row * 2 * 64 + d] = 0x7bff;
    }
    run(isa, apart, 2);
    for (size_t d = 0; d < width; d++) EXPECT(together.out[5 * width + d] == apart.out[5 * width + d]);
  }
}

TEST(attention_of_rows_that_see_nothing_is_zero) {
  for (const Isa isa : sets()) {
    Case c(4, 2, 64, 30, 100);
    c.last.resize(20);
    run(isa, c, 1);
    for (size_t at = size_t{20} * 4 * 64; at < c.out.size(); at++) EXPECT(c.out[at] == 0.0f);
  }
}
