// Components against what they were drawn from, fitted codebooks against plain arithmetic, coded objects against damage.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "coded.h"
#include "f16.h"
#include "fit.h"
#include "test.h"

using namespace kvasir::codec;
using kvasir::test::codeOf;
namespace fs = std::filesystem;

namespace {

constexpr uint32_t LAYERS = 3, WIDTH = 48;

struct TempFile {
  std::string path;
  explicit TempFile(const char* name) {
    const char* folder = std::getenv("KVASIR_TEST_DIR");
    path = ((folder ? fs::path(folder) : fs::temp_directory_path()) /
            ("kvasir-coded-" + std::to_string(reinterpret_cast<uintptr_t>(this)) + "-" + name))
               .string();
  }
  ~TempFile() { File::remove(path); }
};

// Rows that depend on each other's columns: a few hidden causes, and noise.
std::vector<uint16_t> rowsOf(uint32_t seed, uint32_t layer, Kind kind, size_t rows) {
  std::mt19937 mixing(layer * 2 + static_cast<uint32_t>(kind));
  std::mt19937 random(seed * 100 + layer * 2 + static_cast<uint32_t>(kind));
  std::normal_distribution<float> normal;
  std::vector<float> mixed(6 * WIDTH), offset(WIDTH);
  for (float& x : mixed) x = normal(mixing);
  for (float& x : offset) x = 3 * normal(mixing);
  std::vector<uint16_t> f16;
  for (size_t row = 0; row < rows; row++) {
    float causes[6];
    for (int i = 0; i < 6; i++) causes[i] = normal(random) / static_cast<float>(1 + i);
    for (size_t w = 0; w < WIDTH; w++) {
      float value = offset[w] + 0.05f * normal(random);
      for (size_t i = 0; i < 6; i++) value += causes[i] * mixed[i * WIDTH + w];
      f16.push_back(halfOf(value));
    }
  }
  return f16;
}

Sample sampleOf(uint32_t first, uint32_t count) {
  return [first, count](uint32_t layer, Kind kind, const std::function<void(const uint16_t*, size_t)>& take) {
    for (uint32_t seed = first; seed < first + count; seed++) {
      const size_t rows = 40 + 10 * seed;
      take(rowsOf(seed, layer, kind, rows).data(), rows);
    }
  };
}

FittedCodebook fitted(double step, bool hasBasis) {
  const Sample sample = sampleOf(1, 8);
  std::vector<PlaneStatistics> statistics;
  std::vector<double> steps;
  for (uint32_t layer = 1; layer < LAYERS; layer++) {
    for (const Kind kind : {Kind::K, Kind::V}) {
      statistics.push_back(statisticsOf(sample, layer, kind, WIDTH, hasBasis));
      steps.push_back(step * std::sqrt(statistics.back().variance()));
    }
  }
  return fitCodebook(sha256("a model", 7), statistics, steps, hasBasis, sample);
}

// Mean square error, and bits per element, of rows that were not in the sample.
struct Outcome {
  double error = 0, bits = 0;
};

Outcome outcome(const Codebook& codebook) {
  const Coder coder(codebook, true);
  Outcome all;
  for (uint32_t layer = 1; layer < LAYERS; layer++) {
    for (const Kind kind : {Kind::K, Kind::V}) {
      const auto rows = rowsOf(77, layer, kind, 500);
      const auto bytes = coder.plane(layer, kind).encode(isas()[0], rows.data(), 500);
      std::vector<uint16_t> decoded(rows.size());
      EXPECT(coder.plane(layer, kind).decode(isas()[0], bytes.data(), bytes.size(), decoded.data(), 500));
      for (size_t i = 0; i < rows.size(); i++)
        all.error += std::pow(floatOf(rows[i]) - floatOf(decoded[i]), 2) / static_cast<double>(rows.size()) / 4;
      all.bits += static_cast<double>(bytes.size()) * 8 / static_cast<double>(rows.size()) / 4;
    }
  }
  return all;
}

std::vector<uint8_t> bytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void writeBytes(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

TEST(principal_components_are_orthonormal_and_give_the_matrix_back) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  for (const auto& [n, rank] : {std::pair<uint32_t, uint32_t>{1, 1}, {5, 5}, {40, 40}, {64, 20}, {30, 0}}) {
    // A sum of squares of `rank` directions: the rest of the space has no variance.
    std::vector<double> matrix(size_t{n} * n);
    for (uint32_t r = 0; r < rank; r++) {
      std::vector<double> row(n);
      for (double& x : row) x = normal(random) * (1 + r % 5);
      for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) matrix[i * n + j] += row[i] * row[j];
    }
    const Components found = principalComponents(matrix, n);
    for (size_t i = 0; i + 1 < n; i++) EXPECT(found.variances[i] >= found.variances[i + 1]);
    double worst = 0, scale = 1;
    for (const double each : matrix) scale = std::max(scale, std::fabs(each));
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j < n; j++) {
        double inner = 0, restored = 0;
        for (size_t k = 0; k < n; k++) {
          inner += found.directions[i * n + k] * found.directions[j * n + k];
          restored += found.directions[k * n + i] * found.variances[k] * found.directions[k * n + j];
        }
        worst = std::max({worst, std::fabs(inner - (i == j)), std::fabs(restored - matrix[i * n + j]) / scale});
      }
    }
    EXPECT(worst < 1e-6);
  }
}

TEST(moments_are_those_of_the_rows) {
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  const uint32_t width = 19;
  const size_t rows = 700;
  std::vector<float> values(rows * width);
  for (size_t i = 0; i < values.size(); i++) values[i] = normal(random) * static_cast<float>(1 + i % width) + 2;
  Moments moments(width);
  moments.add(values.data(), 300);
  moments.add(values.data() + 300 * width, rows - 300);
  const auto mean = moments.mean(), covariance = moments.covariance();
  for (size_t i = 0; i < width; i++) {
    double sum = 0;
    for (size_t row = 0; row < rows; row++) sum += values[row * width + i];
    EXPECT(std::fabs(sum / rows - mean[i]) < 1e-6 * (1 + std::fabs(mean[i])));
    for (size_t j = 0; j < width; j++) {
      double product = 0;
      for (size_t row = 0; row < rows; row++)
        product += (values[row * width + i] - mean[i]) * (values[row * width + j] - mean[j]) / static_cast<double>(rows);
      EXPECT(std::fabs(product - covariance[i * width + j]) < 1e-3 * (1 + std::fabs(product)));
    }
  }
}

TEST(a_fitted_codebook_takes_about_the_bits_it_said_and_a_basis_takes_fewer) {
  const FittedCodebook channels = fitted(0.3, false), principal = fitted(0.3, true);
  double elements = 0;
  sampleOf(1, 8)(1, Kind::K, [&](const uint16_t*, size_t rows) { elements += static_cast<double>(rows) * WIDTH * 2 * (LAYERS - 1); });
  const Outcome byChannels = outcome(channels.codebook), byBasis = outcome(principal.codebook);
  EXPECT(std::fabs(byChannels.bits / (channels.bits / elements) - 1) < 0.05);
  EXPECT(std::fabs(byBasis.bits / (principal.bits / elements) - 1) < 0.05);
  EXPECT(byBasis.bits < 0.5 * byChannels.bits);
  EXPECT(byBasis.error < 1.1 * byChannels.error);
  EXPECT(principal.codebook.planes[0].rank() < WIDTH / 2);
}

TEST(finer_steps_take_more_bits_and_err_less) {
  Outcome last{0, 1e9};
  for (const double step : {0.05, 0.2, 0.8}) {
    const Outcome now = outcome(fitted(step, true).codebook);
    EXPECT(now.bits < last.bits && now.error > last.error);
    last = now;
  }
}

TEST(a_coded_object_is_read_as_it_was_coded) {
  const TempFile file("object");
  const Codebook codebook = parseCodebook(serialise(fitted(0.3, true).codebook), "a test");
  const Digest name = sha256("a codebook", 10);
  const Coder coder(codebook, true);
  const ObjectIdentity identity{sha256("a chunk", 7), 33, LAYERS, WIDTH, WIDTH};
  CodedWriter writer(identity, coder, name);
  for (uint32_t layer = 1; layer < LAYERS; layer++)
    for (const Kind kind : {Kind::V, Kind::K}) writer.write(layer, kind, rowsOf(9, layer, kind, 33).data());
  const uint64_t bytes = writer.finish(file.path);
  EXPECT(bytes == fs::file_size(file.path) && CodedReader::inspect(file.path).tokens == 33);
  const CodedReader reader(file.path, identity, coder, name);
  reader.verify();
  EXPECT(reader.bytes() == bytes);
  std::vector<uint16_t> decoded(33 * WIDTH);
  for (uint32_t layer = 1; layer < LAYERS; layer++) {
    for (const Kind kind : {Kind::K, Kind::V}) {
      const auto rows = rowsOf(9, layer, kind, 33);
      reader.read(layer, kind, decoded.data());
      double error = 0;
      for (size_t i = 0; i < rows.size(); i++) error += std::pow(floatOf(rows[i]) - floatOf(decoded[i]), 2);
      EXPECT(error / static_cast<double>(rows.size()) < 0.1 * std::pow(codebook.planes[0].steps[0], 2));
    }
  }

  const auto opens = [&](const ObjectIdentity& expected, const Digest& by) {
    return codeOf([&] { CodedReader(file.path, expected, coder, by).verify(); });
  };
  ObjectIdentity other = identity;
  other.key = sha256("another chunk", 13);
  EXPECT(opens(other, name) == "object.mismatch");
  other = identity;
  other.tokens = 34;
  EXPECT(opens(other, name) == "object.mismatch");
  EXPECT(opens(identity, sha256("another codebook", 16)) == "object.mismatch");
  EXPECT(opens(identity, name).empty());

  const auto whole = bytesOf(file.path);
  for (size_t at = 0; at < whole.size(); at++) {
    auto broken = whole;
    broken[at] ^= static_cast<uint8_t>(1u << at % 8);
    writeBytes(file.path, broken);
    EXPECT(opens(identity, name) == "object.damaged");
  }
  for (const size_t size : {size_t{0}, size_t{127}, size_t{150}, whole.size() - 1}) {
    writeBytes(file.path, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    EXPECT(opens(identity, name) == "object.damaged");
  }
}

TEST(a_coded_object_needs_all_its_planes_and_its_codebook) {
  const TempFile file("object");
  const Coder coder(fitted(0.3, false).codebook, true);
  const ObjectIdentity identity{sha256("a chunk", 7), 5, LAYERS, WIDTH, WIDTH};
  CodedWriter writer(identity, coder, sha256("a codebook", 10));
  writer.write(1, Kind::K, rowsOf(9, 1, Kind::K, 5).data());
  EXPECT(codeOf([&] { writer.finish(file.path); }) == "internal");
  EXPECT(!fs::exists(file.path));
  ObjectIdentity other = identity;
  other.v_width = WIDTH / 2;
  EXPECT(codeOf([&] { CodedWriter(other, coder, sha256("a codebook", 10)); }) == "argument.invalid");
}
