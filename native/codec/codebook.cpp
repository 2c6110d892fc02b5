#include "codebook.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

#include "bytes.h"
#include "f16.h"
#include "xxh64.h"

namespace kvasir::codec {
namespace {

constexpr std::array<uint8_t, 8> MAGIC{0x89, 'K', 'V', 'C', '\r', '\n', 0x1a, '\n'};
constexpr uint32_t VERSION = 1;
constexpr size_t HEADER_BYTES = 128, HEADER_CHECKSUM_AT = 120;

// What is wrong with numbers that a coder would rely on; null when nothing is.
const char* fault(const Codebook& codebook) {
  if (codebook.layers < 2 || codebook.layers > MAX_LAYERS) return "its layers are absurd";
  for (const uint32_t width : {codebook.kWidth, codebook.vWidth})
    if (width < 1 || width > MAX_WIDTH) return "its width is absurd";
  if (codebook.planes.size() != 2 * (codebook.layers - 1)) return "planes are missing";
  if (codebook.tables.empty() || codebook.tables.size() > MAX_TABLES) return "its tables are absurd";
  for (const RansFrequencies& table : codebook.tables) {
    if (std::accumulate(table.begin(), table.end(), 0u) != RANS_SCALE) return "a table does not sum up";
    if (table[ESCAPE] == 0) return "a table has no escape";
  }
  const auto isFinite = [](float x) { return std::isfinite(x); };
  const auto isStep = [](float x) { return std::isfinite(x) && x > 0; };
  for (size_t i = 0; i < codebook.planes.size(); i++) {
    const PlaneCode& plane = codebook.planes[i];
    if (plane.width != (i % 2 == 0 ? codebook.kWidth : codebook.vWidth) || plane.mean.size() != plane.width)
      return "a plane has another width";
    if (plane.rank() > plane.width || plane.tables.size() != plane.rank()) return "a plane has too many components";
    if (plane.basis.size() != (plane.hasBasis() ? size_t{plane.rank()} * plane.width : 0)) return "a basis is not whole";
    if (!std::all_of(plane.mean.begin(), plane.mean.end(), isFinite)) return "a mean is not finite";
    if (!std::all_of(plane.steps.begin(), plane.steps.end(), isStep)) return "a step is not a positive number";
    for (const uint16_t table : plane.tables)
      if (table >= codebook.tables.size()) return "a component's table is not there";
    for (const uint16_t half : plane.basis)
      if ((half & 0x7c00) == 0x7c00) return "a basis is not finite";
  }
  return nullptr;
}

class Sink {
 public:
  template <class T>
  void put(const T* from, size_t count) {
    const size_t at = bytes.size();
    bytes.resize(at + count * sizeof(T));
    if (count > 0) std::memcpy(bytes.data() + at, from, count * sizeof(T));
    bytes.resize((bytes.size() + 3) / 4 * 4);
  }
  void put(uint32_t value) { put(&value, 1); }
  std::vector<uint8_t> bytes;
};

// Reads what a Sink has written; `whole` turns false at the end of the bytes.
struct Source {
  const std::vector<uint8_t>& bytes;
  size_t at;
  bool whole = true;

  template <class T>
  std::vector<T> take(size_t count) {
    const size_t size = (count * sizeof(T) + 3) / 4 * 4;
    whole = whole && count <= bytes.size() && size <= bytes.size() - at;
    if (!whole) return {};
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), bytes.data() + at, count * sizeof(T));
    at += size;
    return values;
  }
  uint32_t take() {
    const auto value = take<uint32_t>(1);
    return whole ? value[0] : 0;
  }
};

}  // namespace

std::vector<uint8_t> serialise(const Codebook& codebook) {
  if (const char* what = fault(codebook))
    throw Error("argument.invalid", std::string("Expected a codebook that can be read back, but ") + what + ".");
  Sink sink;
  sink.bytes.resize(HEADER_BYTES);
  for (const PlaneCode& plane : codebook.planes) {
    sink.put(plane.rank());
    sink.put(plane.hasBasis() ? 1u : 0u);
    sink.put(plane.mean.data(), plane.mean.size());
    sink.put(plane.steps.data(), plane.steps.size());
    sink.put(plane.tables.data(), plane.tables.size());
    sink.put(plane.basis.data(), plane.basis.size());
  }
  for (const RansFrequencies& table : codebook.tables) sink.put(table.data(), table.size());
  uint8_t* h = sink.bytes.data();
  std::copy(MAGIC.begin(), MAGIC.end(), h);
  put(h + 8, VERSION);
  put(h + 12, codebook.layers);
  put(h + 16, codebook.kWidth);
  put(h + 20, codebook.vWidth);
  put(h + 24, static_cast<uint32_t>(codebook.tables.size()));
  std::copy(codebook.model.bytes.begin(), codebook.model.bytes.end(), h + 32);
  put(h + 64, static_cast<uint64_t>(sink.bytes.size()));
  put(h + 72, xxh64(h + HEADER_BYTES, sink.bytes.size() - HEADER_BYTES));
  put(h + HEADER_CHECKSUM_AT, xxh64(h, HEADER_CHECKSUM_AT));
  return std::move(sink.bytes);
}

Codebook parseCodebook(const std::vector<uint8_t>& bytes, const std::string& name) {
  const auto damaged = [&](const std::string& what) {
    return Error("object.damaged",
                 "Expected a sound codebook at " + name + ", but " + what + "; calibrate the model again.");
  };
  const uint8_t* h = bytes.data();
  if (bytes.size() < HEADER_BYTES || !std::equal(MAGIC.begin(), MAGIC.end(), h)) throw damaged("it does not begin as one");
  if (get<uint64_t>(h + HEADER_CHECKSUM_AT) != xxh64(h, HEADER_CHECKSUM_AT))
    throw damaged("its header's checksum is wrong");
  if (get<uint32_t>(h + 8) != VERSION)
    throw Error("object.mismatch", "Expected a codebook of version " + std::to_string(VERSION) + ", but " + name +
                                       " has version " + std::to_string(get<uint32_t>(h + 8)) +
                                       "; a newer Kvasir reads it.");
  if (get<uint64_t>(h + 64) != bytes.size())
    throw damaged("it has " + std::to_string(bytes.size()) + " bytes where its header says " +
                  std::to_string(get<uint64_t>(h + 64)));
  if (get<uint64_t>(h + 72) != xxh64(h + HEADER_BYTES, bytes.size() - HEADER_BYTES))
    throw damaged("its checksum is wrong");
  Codebook codebook;
  codebook.layers = get<uint32_t>(h + 12);
  codebook.kWidth = get<uint32_t>(h + 16);
  codebook.vWidth = get<uint32_t>(h + 20);
  std::copy(h + 32, h + 64, codebook.model.bytes.begin());
  const auto tables = get<uint32_t>(h + 24);
  Source source{bytes, HEADER_BYTES};
  // Every plane and table takes bytes: absurd counts end with them.
  for (uint64_t i = 2; source.whole && i < 2ull * codebook.layers; i++) {
    PlaneCode plane;
    plane.width = i % 2 == 0 ? codebook.kWidth : codebook.vWidth;
    const uint32_t rank = source.take(), transform = source.take();
    if (rank > plane.width || transform > 1) throw damaged("a plane is none");
    plane.mean = source.take<float>(plane.width);
    plane.steps = source.take<float>(rank);
    plane.tables = source.take<uint16_t>(rank);
    plane.basis = source.take<uint16_t>(transform == 1 ? size_t{rank} * plane.width : 0);
    codebook.planes.push_back(std::move(plane));
  }
  for (uint32_t i = 0; source.whole && i < tables; i++) {
    const auto parts = source.take<uint16_t>(RANS_SYMBOLS);
    RansFrequencies table{};
    std::copy(parts.begin(), parts.end(), table.begin());
    codebook.tables.push_back(table);
  }
  if (!source.whole || source.at != bytes.size()) throw damaged("its parts do not add up");
  if (const char* what = fault(codebook)) throw damaged(what);
  return codebook;
}

}  // namespace kvasir::codec
