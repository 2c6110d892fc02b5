#include "model.h"

#include <algorithm>

#include "../codec/error.h"
#include "machine.h"

namespace kvasir::engine {
namespace {

// Kept free on a device for the K/V cache and the buffers of a sub-batch.
constexpr double DEVICE_SHARE = 0.8;
constexpr uint32_t MAX_THREADS = 512;
// Below this, waiting for each other between operations costs threads more than they gain, and far more on a busy machine.
constexpr uint64_t ONE_THREAD_BYTES = 32ull << 20;

uint32_t chooseThreads(uint32_t wanted, uint64_t fileBytes) {
  if (wanted == 0) wanted = fileBytes < ONE_THREAD_BYTES ? 1 : physicalCores();
  return std::min(wanted, MAX_THREADS);
}

ModelConfig configOf(const GgufFile& file, const TestOptions& test) {
  ModelConfig config = readModelConfig(file);
  config.rope.base *= test.ropeBaseScale;
  return config;
}

uint64_t tensorBytes(const GgufFile& file, const std::string& name) {
  const GgufTensor* tensor = file.tensor(name);
  return tensor ? tensor->bytes : 0;
}

uint64_t layerBytes(const GgufFile& file, const ModelConfig& config, uint32_t layer) {
  uint64_t bytes = 0;
  for (const TensorSpec& spec : layerTensors(config))
    bytes += tensorBytes(file, "blk." + std::to_string(layer) + "." + spec.name);
  return bytes;
}

// As many of the last layers as the device's free memory holds beside the output.
uint32_t fittingLayers(const GgufFile& file, const ModelConfig& config, ggml_backend_dev_t device) {
  size_t free = 0, total = 0;
  ggml_backend_dev_memory(device, &free, &total);
  auto room = static_cast<uint64_t>(static_cast<double>(free) * DEVICE_SHARE);
  const uint64_t output = tensorBytes(file, config.tied ? "token_embd.weight" : "output.weight");
  if (output > room) return 0;
  room -= output;
  uint32_t layers = 0;
  while (layers < config.layers) {
    const uint64_t bytes = layerBytes(file, config, config.layers - 1 - layers);
    if (bytes > room) break;
    room -= bytes;
    layers++;
  }
  return layers;
}

Placement choosePlacement(const GgufFile& file, const ModelConfig& config, const LoadOptions& options) {
  ggml_backend_dev_t device = findDevice(options.device);
  if (isCpu(device)) return {nullptr, config.layers};
  const uint32_t wanted =
      options.gpuLayers ? std::min(*options.gpuLayers, config.layers) : fittingLayers(file, config, device);
  if (wanted == 0) return {nullptr, config.layers};
  return {device, config.layers - wanted};
}

}  // namespace

Model::Model(const std::string& path, const LoadOptions& options, const TestOptions& test)
    : file_(std::make_shared<GgufFile>(path)),
      test_(test),
      config_(configOf(*file_, test)),
      vocabulary_(*file_),
      facts_(modelFacts(*file_, config_, vocabulary_)),
      threads_(chooseThreads(options.threads, facts_.fileBytes)),
      placement_(choosePlacement(*file_, config_, options)),
      weights_(file_, config_, placement_.device, placement_.firstOffloaded) {}

std::string Model::deviceName() const { return placement_.device ? ggml_backend_dev_name(placement_.device) : "cpu"; }

uint32_t Model::gpuLayers() const { return placement_.device ? config_.layers - placement_.firstOffloaded : 0; }

}  // namespace kvasir::engine
