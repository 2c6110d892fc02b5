#include "rans.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <string>

#include "error.h"

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define KVASIR_HAS_VECTOR_RANS 1
#include <immintrin.h>
#endif

namespace kvasir::codec {

namespace {

// States lie in [LOW, LOW << 16) between symbols.
constexpr uint32_t LOW = 1u << 16;
// A little more than 1, so that a state times it over a frequency is never below a whole quotient, and never reaches the next.
constexpr double INVERSE = 1.0 + 1.0 / (uint64_t{1} << 44);
constexpr uint32_t SLOT_MASK = RANS_SCALE - 1;

// Of a frequency that goes from `from` to `to`: bits that all these symbols get longer.
double lengthened(uint64_t count, uint32_t from, uint32_t to) {
  return static_cast<double>(count) * std::log2(static_cast<double>(from) / to);
}

}  // namespace

RansFrequencies ransFrequencies(const std::array<uint64_t, RANS_SYMBOLS>& counts, uint32_t always) {
  const uint64_t total = std::accumulate(counts.begin(), counts.end(), uint64_t{0});
  if (total == 0) throw Error("argument.invalid", "Expected counts of some symbols for a table, but all are 0.");
  RansFrequencies result{};
  int64_t left = RANS_SCALE;
  for (uint32_t s = 0; s < RANS_SYMBOLS; s++) {
    if (counts[s] == 0 && s >= always) continue;
    const double exact = static_cast<double>(counts[s]) / static_cast<double>(total) * RANS_SCALE;
    result[s] = static_cast<uint16_t>(std::max(1.0, std::floor(exact)));
    left -= result[s];
  }
  // One part at a time, where it saves or costs the fewest bits.
  for (; left != 0; left += left > 0 ? -1 : 1) {
    const int step = left > 0 ? 1 : -1;
    int best = -1;
    double least = 0;
    for (uint32_t s = 0; s < RANS_SYMBOLS; s++) {
      if (result[s] == 0 || (step < 0 && result[s] == 1)) continue;
      const double cost = lengthened(counts[s], result[s], static_cast<uint32_t>(result[s] + step));
      if (best < 0 || cost < least) {
        best = static_cast<int>(s);
        least = cost;
      }
    }
    result[static_cast<size_t>(best)] = static_cast<uint16_t>(result[static_cast<size_t>(best)] + step);
  }
  return result;
}

RansTables::RansTables(std::vector<RansFrequencies> frequencies)
    : frequencies_(std::move(frequencies)), symbols_(frequencies_.size()), slots_(frequencies_.size() * RANS_SCALE) {
  for (size_t table = 0; table < frequencies_.size(); table++) {
    uint32_t at = 0;
    for (uint32_t symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
      const uint32_t frequency = frequencies_[table][symbol];
      symbols_[table][symbol] = {frequency, at, frequency == 0 ? 0.0 : INVERSE / frequency};
      if (at + frequency > RANS_SCALE) break;
      for (uint32_t place = 0; place < frequency; place++)
        slots_[table * RANS_SCALE + at + place] = symbol | (frequency - 1) << 8 | place << 20;
      at += frequency;
    }
    const uint32_t sum = std::accumulate(frequencies_[table].begin(), frequencies_[table].end(), 0u);
    if (sum != RANS_SCALE)
      throw Error("argument.invalid", "Expected frequencies that sum up to " + std::to_string(RANS_SCALE) + ", got " +
                                          std::to_string(sum) + " in table " + std::to_string(table) + ".");
  }
}

RansColumns::RansColumns(const RansTables& tables, const std::vector<uint16_t>& tableOf)
    : tables_(&tables), width_(static_cast<uint32_t>(tableOf.size())), slotsOf_(tableOf.size() + RANS_STATES) {
  if (tableOf.empty()) throw Error("argument.invalid", "Expected columns to code, but there are none.");
  for (size_t column = 0; column < slotsOf_.size(); column++) {
    const uint16_t table = tableOf[column % tableOf.size()];
    if (table >= tables.count())
      throw Error("argument.invalid", "Expected one of " + std::to_string(tables.count()) + " tables, got number " +
                                          std::to_string(table) + ".");
    slotsOf_[column] = table * RANS_SCALE;
  }
}

std::vector<uint8_t> ransEncode(const RansColumns& columns, const uint8_t* symbols, size_t rows) {
  const size_t count = rows * columns.width();
  const uint32_t lanes = ransStates(count);
  uint32_t states[RANS_STATES];
  std::fill(states, states + lanes, LOW);
  // Words as they come, which is from the last to the first: at most one a symbol.
  std::vector<uint16_t> words(count);
  size_t written = 0, column = 0;
  uint32_t lane = static_cast<uint32_t>(count % lanes);
  for (size_t i = count; i-- > 0;) {
    column = column == 0 ? columns.width() - 1 : column - 1;
    lane = lane == 0 ? lanes - 1 : lane - 1;
    const size_t table = columns.slotsOf()[column] / RANS_SCALE;
    const RansSymbol& symbol = columns.tables().symbol(table, symbols[i]);
    if (symbol.frequency == 0)
      throw Error("argument.invalid", "Expected a symbol of table " + std::to_string(table) + ", got " +
                                          std::to_string(symbols[i]) + ", which it has no part for.");
    uint32_t state = states[lane];
    words[written] = static_cast<uint16_t>(state);
    const bool isFull = state >> (32 - RANS_BITS) >= symbol.frequency;
    written += isFull;
    state = isFull ? state >> 16 : state;
    const auto quotient = static_cast<uint32_t>(static_cast<double>(state) * symbol.inverse);
    states[lane] = (quotient << RANS_BITS) + (state - quotient * symbol.frequency) + symbol.start;
  }
  words.resize(written);
  const size_t head = ransHead(count);
  std::vector<uint8_t> bytes(head + words.size() * sizeof(uint16_t));
  std::memcpy(bytes.data(), states, head);
  std::reverse(words.begin(), words.end());
  if (!words.empty()) std::memcpy(bytes.data() + head, words.data(), words.size() * sizeof(uint16_t));
  return bytes;
}

namespace {

// A stream that is being decoded. Its states are sound before and after each step, whatever the words are.
struct Stream {
  const RansColumns& columns;
  const uint8_t* next;
  const uint8_t* end;
  uint8_t* out;
  // Symbols that are not there yet, and the column of the next one.
  size_t left;
  uint32_t lanes;
  uint32_t column = 0;
  alignas(64) uint32_t states[RANS_STATES];
};

// Symbols up to the end of the stream; false where words are missing.
bool decodeRest(Stream& stream) {
  const uint32_t* slots = stream.columns.tables().slots();
  for (size_t lane = 0; stream.left > 0; lane = (lane + 1) % stream.lanes, stream.left--) {
    uint32_t& state = stream.states[lane];
    const uint32_t slot = slots[stream.columns.slotsOf()[stream.column] + (state & SLOT_MASK)];
    *stream.out++ = static_cast<uint8_t>(slot);
    state = ((slot >> 8 & SLOT_MASK) + 1) * (state >> RANS_BITS) + (slot >> 20);
    if (state < LOW) {
      if (stream.end - stream.next < 2) return false;
      uint16_t word = 0;
      std::memcpy(&word, stream.next, sizeof word);
      stream.next += sizeof word;
      state = state << 16 | word;
    }
    stream.column = stream.column + 1 == stream.columns.width() ? 0 : stream.column + 1;
  }
  return true;
}

#ifdef KVASIR_HAS_VECTOR_RANS

// What one step of all states reads at most.
constexpr ptrdiff_t STEP_BYTES = RANS_STATES * sizeof(uint16_t);

uint32_t nextColumn(uint32_t column, uint32_t width) {
  column += RANS_STATES;
  return column < width ? column : width >= RANS_STATES ? column - width : column % width;
}

// GCC's vectors, and masked forms of intrinsics: of the others' insides GCC 12 warns.
typedef uint32_t Lanes512 __attribute__((vector_size(64)));

__attribute__((target("avx512f,avx512bw,avx512vl,popcnt"))) inline Lanes512 step512(
    Lanes512 state, const uint32_t* slots, const uint32_t* columns, const uint8_t*& next, uint8_t* out) {
  constexpr __mmask16 ALL = 0xffff;
  const Lanes512 at = (Lanes512)_mm512_loadu_si512(columns) + (state & SLOT_MASK);
  const Lanes512 slot = (Lanes512)_mm512_mask_i32gather_epi32(_mm512_setzero_si512(), ALL, (__m512i)at, slots, 4);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_maskz_cvtepi32_epi8(ALL, (__m512i)slot));
  state = ((slot >> 8 & SLOT_MASK) + 1) * (state >> RANS_BITS) + (slot >> 20);
  const __mmask16 low = _mm512_cmplt_epu32_mask((__m512i)state, _mm512_set1_epi32(LOW));
  const __m512i words = _mm512_maskz_cvtepu16_epi32(ALL, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(next)));
  next += 2 * _mm_popcnt_u32(low);
  return (Lanes512)_mm512_mask_or_epi32((__m512i)state, low, (__m512i)(state << 16), _mm512_maskz_expand_epi32(low, words));
}

__attribute__((target("avx512f,avx512bw,avx512vl,popcnt"))) void decode512(Stream& stream) {
  const uint32_t* slots = stream.columns.tables().slots();
  const uint32_t width = stream.columns.width();
  Lanes512 first = (Lanes512)_mm512_load_si512(stream.states), second = (Lanes512)_mm512_load_si512(stream.states + 16);
  while (stream.left >= RANS_STATES && stream.end - stream.next >= STEP_BYTES) {
    const uint32_t* columns = stream.columns.slotsOf() + stream.column;
    first = step512(first, slots, columns, stream.next, stream.out);
    second = step512(second, slots, columns + 16, stream.next, stream.out + 16);
    stream.out += RANS_STATES;
    stream.left -= RANS_STATES;
    stream.column = nextColumn(stream.column, width);
  }
  _mm512_store_si512(stream.states, (__m512i)first);
  _mm512_store_si512(stream.states + 16, (__m512i)second);
}

// [mask]: where each of eight lanes finds its word among those that are read for the mask's lanes.
struct Places {
  alignas(32) uint32_t of[256][8];
  Places() {
    for (uint32_t mask = 0; mask < 256; mask++) {
      uint32_t word = 0;
      for (uint32_t lane = 0; lane < 8; lane++) of[mask][lane] = mask >> lane & 1 ? word++ : 0;
    }
  }
};

__attribute__((target("avx2,popcnt"))) inline __m256i step256(__m256i state, const Places& places, const uint32_t* slots,
                                                              const uint32_t* columns, const uint8_t*& next, uint8_t* out) {
  const __m256i at = _mm256_add_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(columns)),
                                      _mm256_and_si256(state, _mm256_set1_epi32(SLOT_MASK)));
  const __m256i slot = _mm256_i32gather_epi32(reinterpret_cast<const int*>(slots), at, 4);
  const __m256i symbols = _mm256_and_si256(slot, _mm256_set1_epi32(255));
  const __m128i narrow = _mm_packus_epi32(_mm256_castsi256_si128(symbols), _mm256_extracti128_si256(symbols, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packus_epi16(narrow, narrow));
  const __m256i frequency = _mm256_add_epi32(
      _mm256_and_si256(_mm256_srli_epi32(slot, 8), _mm256_set1_epi32(SLOT_MASK)), _mm256_set1_epi32(1));
  state = _mm256_add_epi32(_mm256_mullo_epi32(frequency, _mm256_srli_epi32(state, RANS_BITS)), _mm256_srli_epi32(slot, 20));
  // Below LOW: nothing in the upper half.
  const __m256i low = _mm256_cmpeq_epi32(_mm256_srli_epi32(state, 16), _mm256_setzero_si256());
  const uint32_t mask = static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(low)));
  const __m256i read = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(next)));
  const __m256i words =
      _mm256_permutevar8x32_epi32(read, _mm256_load_si256(reinterpret_cast<const __m256i*>(places.of[mask])));
  next += 2 * _mm_popcnt_u32(mask);
  return _mm256_blendv_epi8(state, _mm256_or_si256(_mm256_slli_epi32(state, 16), words), low);
}

__attribute__((target("avx2,popcnt"))) void decode256(Stream& stream) {
  static const Places places;
  const uint32_t* slots = stream.columns.tables().slots();
  const uint32_t width = stream.columns.width();
  __m256i states[4];
  for (int at = 0; at < 4; at++) states[at] = _mm256_load_si256(reinterpret_cast<const __m256i*>(stream.states) + at);
  while (stream.left >= RANS_STATES && stream.end - stream.next >= STEP_BYTES) {
    const uint32_t* columns = stream.columns.slotsOf() + stream.column;
    for (int at = 0; at < 4; at++)
      states[at] = step256(states[at], places, slots, columns + 8 * at, stream.next, stream.out + 8 * at);
    stream.out += RANS_STATES;
    stream.left -= RANS_STATES;
    stream.column = nextColumn(stream.column, width);
  }
  for (int at = 0; at < 4; at++) _mm256_store_si256(reinterpret_cast<__m256i*>(stream.states) + at, states[at]);
}

#endif

}  // namespace

bool ransDecode(Isa isa, const RansColumns& columns, const uint8_t* bytes, size_t size, uint8_t* symbols, size_t rows) {
  const size_t count = rows * columns.width(), head = ransHead(count);
  if (size < head || size % sizeof(uint16_t) != 0) return false;
  Stream stream{columns, bytes + head, bytes + size, symbols, count, ransStates(count), 0, {}};
  std::memcpy(stream.states, bytes, head);
  const uint32_t* const first = stream.states;
  const uint32_t* const last = first + stream.lanes;
  if (std::any_of(first, last, [](uint32_t state) { return state < LOW; })) return false;
#ifdef KVASIR_HAS_VECTOR_RANS
  if (stream.lanes == RANS_STATES && isa == Isa::Avx512) decode512(stream);
  if (stream.lanes == RANS_STATES && isa == Isa::Avx2) decode256(stream);
#else
  (void)isa;
#endif
  // What was coded ends where coding began.
  return decodeRest(stream) && stream.next == stream.end &&
         std::all_of(first, last, [](uint32_t state) { return state == LOW; });
}

}  // namespace kvasir::codec
