// kvasir-fuzz SECONDS [SEED]: feeds mutated and random bytes to everything of the codec that reads files, in a build with
// address and undefined-behaviour sanitizers (scripts/fuzz.mjs). A sound file must be read, any other refused by name or
// read as finite numbers; whatever else happens ends the program. No part of the addon.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "../codec/coded.h"
#include "../codec/f16.h"
#include "../codec/fit.h"
#include "../codec/xxh64.h"

using namespace kvasir::codec;
using kvasir::Error;

namespace {

constexpr uint32_t LAYERS = 3, WIDTH = 24, TOKENS = 37;

using Bytes = std::vector<uint8_t>;
using Random = std::mt19937_64;

std::vector<uint16_t> someRows(size_t rows, Random& random) {
  std::normal_distribution<float> normal;
  std::vector<uint16_t> f16(rows * WIDTH);
  for (uint16_t& x : f16) x = halfOf(normal(random) * (random() % 50 == 0 ? 30.0f : 1.0f));
  return f16;
}

Codebook someCodebook(bool hasBasis, Random& random) {
  const std::vector<uint16_t> rows = someRows(300, random);
  const Sample sample = [&](uint32_t, Kind, const std::function<void(const uint16_t*, size_t)>& take) { take(rows.data(), 300); };
  std::vector<PlaneStatistics> statistics;
  for (uint32_t plane = 0; plane < 2 * (LAYERS - 1); plane++)
    statistics.push_back(statisticsOf(sample, plane / 2 + 1, static_cast<Kind>(plane % 2), WIDTH, hasBasis));
  return fitCodebook(sha256("model", 5), statistics, std::vector<double>(statistics.size(), 0.3), hasBasis, sample).codebook;
}

Bytes readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void writeFile(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// Checksums find nearly every change: behind those that are put right the fields themselves are met.
void repairHeader(Bytes& bytes) {
  if (bytes.size() < 128) return;
  const uint64_t sum = xxh64(bytes.data(), 120);
  std::copy_n(reinterpret_cast<const uint8_t*>(&sum), 8, bytes.begin() + 120);
}

void repairAt(Bytes& bytes, size_t from, size_t to, size_t at) {
  if (bytes.size() < to || from > to) return;
  const uint64_t sum = xxh64(bytes.data() + from, to - from);
  std::copy_n(reinterpret_cast<const uint8_t*>(&sum), 8, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

Bytes mutated(const Bytes& from, Random& random) {
  Bytes bytes(from);
  switch (random() % 6) {
    case 0:
      bytes.resize(random() % (bytes.size() + 1));
      break;
    case 1:
      bytes.resize(bytes.size() + 1 + random() % 64, static_cast<uint8_t>(random()));
      break;
    case 2:
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
      break;
    default:
      for (uint64_t i = 0, count = 1 + random() % 8; i < count; i++) {
        uint8_t& byte = bytes[random() % (random() % 2 == 0 ? std::min<size_t>(256, bytes.size()) : bytes.size())];
        byte = random() % 3 == 0 ? static_cast<uint8_t>(random()) : static_cast<uint8_t>(byte ^ 1u << random() % 8);
      }
  }
  // Of its own size, so that what is read beyond it is seen.
  bytes.shrink_to_fit();
  return bytes;
}

// Whether `read` refused by name what it was given.
template <class Read>
bool refused(Read read) {
  try {
    read();
    return false;
  } catch (const Error&) {
    return true;
  }
}

void mustBeFinite(const std::vector<uint16_t>& f16) {
  for (const uint16_t half : f16) {
    if ((half & 0x7c00) != 0x7c00) continue;
    std::fprintf(stderr, "a decoded number is not finite\n");
    std::abort();
  }
}

}  // namespace

int main(int count, char** arguments) {
  const double seconds = count > 1 ? std::atof(arguments[1]) : 10;
  Random random(count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1);
  const auto folder = std::filesystem::temp_directory_path() / ("kvasir-fuzz-" + std::to_string(std::random_device()()));
  std::filesystem::create_directory(folder);
  const std::string path = (folder / "object").string();
  const ObjectIdentity identity{sha256("chunk", 5), TOKENS, LAYERS, WIDTH, WIDTH};
  uint64_t rounds = 0, read = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  while (elapsed() < seconds) {
    const Codebook codebook = someCodebook(rounds % 2 == 0, random);
    const Bytes book = serialise(codebook);
    const Coder coder(codebook, true);
    const Digest name = sha256(book.data(), book.size());
    CodedWriter writer(identity, coder, name);
    for (uint32_t layer = 1; layer < LAYERS; layer++)
      for (const Kind kind : {Kind::K, Kind::V}) writer.write(layer, kind, someRows(TOKENS, random).data());
    writer.finish(path);
    const Bytes object = readFile(path);
    ObjectWriter plain(path, identity);
    for (uint32_t layer = 0; layer < LAYERS; layer++)
      for (const Kind kind : {Kind::K, Kind::V}) plain.write(layer, kind, someRows(TOKENS, random).data(), TOKENS * WIDTH);
    plain.finish();
    const Bytes f16 = readFile(path);
    std::vector<uint16_t> rows(TOKENS * WIDTH);

    for (int round = 0; round < 400; round++, rounds++) {
      Bytes bytes = mutated(book, random);
      if (bytes.size() >= 128 && random() % 2 == 0) {
        repairAt(bytes, 128, bytes.size(), 72);
        repairHeader(bytes);
      }
      // What is read as a codebook must be one that can be written, and used.
      read += !refused([&] {
        const Codebook other = parseCodebook(bytes, "fuzz");
        serialise(other);
        const Coder use(other);
      });

      bytes = mutated(object, random);
      if (random() % 2 == 0) {
        repairAt(bytes, 128, 128 + 8 * 2 * (LAYERS - 1), 104);
        repairHeader(bytes);
      }
      writeFile(path, bytes);
      read += !refused([&] {
        const CodedReader reader(path, identity, coder, name);
        reader.verify();
      });
      bytes = mutated(f16, random);
      if (random() % 2 == 0) repairHeader(bytes);
      writeFile(path, bytes);
      read += !refused([&] { ObjectReader(path, identity).verify(); });

      const PlaneCoder& plane = coder.plane(1 + random() % (LAYERS - 1), random() % 2 == 0 ? Kind::K : Kind::V);
      bytes = mutated(plane.encode(isas()[0], someRows(TOKENS, random).data(), TOKENS), random);
      for (const Isa isa : isas()) {
        if (!plane.decode(isa, bytes.data(), bytes.size(), rows.data(), TOKENS)) continue;
        mustBeFinite(rows);
        read++;
      }
    }
  }
  std::filesystem::remove_all(folder);
  std::printf("%llu rounds, %llu inputs read as sound\n", static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(read));
  return 0;
}
