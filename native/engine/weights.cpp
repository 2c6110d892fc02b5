#include "weights.h"

#include <algorithm>
#include <limits>

#include "../codec/error.h"
#include "machine.h"
#include "memory_tier.h"

namespace kvasir::engine {
namespace {

// Rows of the probe by which ggml says whether a buffer type can multiply a tensor; any real batch does.
constexpr int64_t PROBE_TOKENS = 512;
// Tied output twice, RoPE factors twice, and spare.
constexpr size_t EXTRA_TENSORS = 8;

struct LayerSlot {
  const char* name;
  ggml_tensor* LayerWeights::* slot;
};

constexpr LayerSlot SLOTS[] = {
    {"attn_norm.weight", &LayerWeights::attnNorm},
    {"attn_q.weight", &LayerWeights::q},
    {"attn_k.weight", &LayerWeights::k},
    {"attn_v.weight", &LayerWeights::v},
    {"attn_q.bias", &LayerWeights::qBias},
    {"attn_k.bias", &LayerWeights::kBias},
    {"attn_v.bias", &LayerWeights::vBias},
    {"attn_q_norm.weight", &LayerWeights::qNorm},
    {"attn_k_norm.weight", &LayerWeights::kNorm},
    {"attn_output.weight", &LayerWeights::output},
    {"attn_output.bias", &LayerWeights::outputBias},
    {"ffn_norm.weight", &LayerWeights::ffnNorm},
    {"ffn_gate.weight", &LayerWeights::gate},
    {"ffn_gate.bias", &LayerWeights::gateBias},
    {"ffn_up.weight", &LayerWeights::up},
    {"ffn_up.bias", &LayerWeights::upBias},
    {"ffn_down.weight", &LayerWeights::down},
    {"ffn_down.bias", &LayerWeights::downBias},
};

std::vector<ggml_backend_buffer_type_t> repackBufferTypes() {
  ggml_backend_dev_t cpu = cpuDevice();
  const auto get = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(
      ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpu), "ggml_backend_dev_get_extra_bufts"));
  std::vector<ggml_backend_buffer_type_t> types;
  for (ggml_backend_buffer_type_t* type = get ? get(cpu) : nullptr; type && *type; type++) types.push_back(*type);
  return types;
}

// Whether the CPU can multiply this matrix out of a buffer of this type.
bool multiplies(ggml_backend_buffer_type_t type, const ggml_tensor& matrix) {
  const Owned<ggml_context> scratch(ggml_init({ggml_tensor_overhead() * 4, nullptr, true}));
  ggml_tensor* weight = ggml_new_tensor_2d(scratch.get(), matrix.type, matrix.ne[0], matrix.ne[1]);
  ggml_tensor* input = ggml_new_tensor_2d(scratch.get(), GGML_TYPE_F32, matrix.ne[0], PROBE_TOKENS);
  const ggml_tensor* product = ggml_mul_mat(scratch.get(), weight, input);
  const Owned<ggml_backend_buffer> buffer(ggml_backend_buft_alloc_buffer(type, 0));
  weight->buffer = buffer.get();
  return ggml_backend_dev_supports_op(cpuDevice(), product);
}

std::string megabytes(uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

Weights::Weights(std::shared_ptr<const GgufFile> file, const ModelConfig& config, ggml_backend_dev_t device,
                 uint32_t firstOffloaded)
    : file_(std::move(file)),
      device_(device),
      firstOffloaded_(device ? firstOffloaded : std::numeric_limits<uint32_t>::max()) {
  const size_t count = file_->tensors().size() + EXTRA_TENSORS;
  context_.reset(ggml_init({ggml_tensor_overhead() * count, nullptr, true}));
  // The kernels only read weights; ggml takes no const pointer.
  mapped_.reset(ggml_backend_cpu_buffer_from_ptr(const_cast<uint8_t*>(file_->file().data()), file_->file().size()));
  if (!context_ || !mapped_)
    throw Error("engine.memory", "Expected memory for the table of weights, but there is none left.");
  ggml_backend_buffer_set_usage(mapped_.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
  repackTypes_ = repackBufferTypes();
  placeAll(config);
  allocate();
}

ggml_tensor* Weights::ropeFactors(uint32_t layer) const {
  return layer >= firstOffloaded_ ? deviceRopeFactors_ : cpuRopeFactors_;
}

void Weights::placeAll(const ModelConfig& config) {
  const auto find = [&](const std::string& name, bool matrix, bool offloaded,
                        const std::string& suffix = "") -> ggml_tensor* {
    const GgufTensor* tensor = file_->tensor(name);
    return tensor ? place(*tensor, matrix, offloaded, suffix) : nullptr;
  };
  const bool offloaded = firstOffloaded_ < config.layers;
  embedding = find("token_embd.weight", false, false);
  outputNorm = find("output_norm.weight", false, offloaded);
  // Repacked weights cannot be looked up by rows, so a tied output is a second copy.
  output = config.tied ? find("token_embd.weight", true, offloaded, ".output") : find("output.weight", true, offloaded);
  outputBias = find("output.bias", false, offloaded);
  if (firstOffloaded_ > 0) cpuRopeFactors_ = find("rope_freqs.weight", false, false);
  if (offloaded) deviceRopeFactors_ = find("rope_freqs.weight", false, true, ".device");
  const std::vector<TensorSpec> specs = layerTensors(config);
  layers.resize(config.layers);
  for (uint32_t layer = 0; layer < config.layers; layer++) {
    for (const TensorSpec& spec : specs) {
      const auto* slot =
          std::find_if(std::begin(SLOTS), std::end(SLOTS), [&](const LayerSlot& s) { return spec.name == s.name; });
      if (slot == std::end(SLOTS)) throw Error("internal", "No place for the tensor " + spec.name + " in a layer.");
      layers[layer].*(slot->slot) =
          find("blk." + std::to_string(layer) + "." + spec.name, spec.matrix, layer >= firstOffloaded_);
    }
  }
}

ggml_tensor* Weights::place(const GgufTensor& source, bool matrix, bool offloaded, const std::string& suffix) {
  ggml_tensor* tensor =
      ggml_new_tensor(context_.get(), source.type, static_cast<int>(source.dimensions), source.ne.data());
  ggml_set_name(tensor, (source.name + suffix).c_str());
  const uint8_t* data = file_->file().data() + source.offset;
  if (offloaded) {
    pending_[ggml_backend_dev_buffer_type(device_)].push_back({tensor, data});
    return tensor;
  }
  if (matrix) {
    for (ggml_backend_buffer_type_t type : repackTypes_) {
      if (!multiplies(type, *tensor)) continue;
      pending_[type].push_back({tensor, data});
      return tensor;
    }
  }
  ggml_backend_tensor_alloc(mapped_.get(), tensor, const_cast<uint8_t*>(data));
  bytes_ += source.bytes;
  return tensor;
}

void Weights::allocate() {
  for (const auto& [type, placements] : pending_) {
    // A device may not give everything in one piece.
    const size_t limit = ggml_backend_buft_get_max_size(type);
    const size_t alignment = ggml_backend_buft_get_alignment(type);
    for (size_t first = 0, end; first < placements.size(); first = end) {
      size_t size = alignment;
      for (end = first; end < placements.size(); end++) {
        const size_t bytes = GGML_PAD(ggml_backend_buft_get_alloc_size(type, placements[end].tensor), alignment);
        if (end > first && size + bytes > limit) break;
        size += bytes;
      }
      fill(type, size, placements.data() + first, end - first);
    }
  }
  pending_.clear();
}

void Weights::fill(ggml_backend_buffer_type_t type, size_t size, const Placement* placements, size_t count) {
  const bool host = !device_ || type != ggml_backend_dev_buffer_type(device_);
  const uint64_t available = host ? memoryFor(size) : 0;
  Owned<ggml_backend_buffer> buffer;
  if (available == 0 || size <= available) buffer.reset(ggml_backend_buft_alloc_buffer(type, size));
  if (!buffer) {
    throw Error("engine.memory",
                "Expected " + megabytes(size) + " of memory for the weights of " + file_->path() + ", but " +
                    (available ? megabytes(available) + " are free" : "they could not be had") +
                    ". Close other programs, put fewer layers on the device or choose a smaller model.");
  }
  if (host) preferLargePages(ggml_backend_buffer_get_base(buffer.get()), size);
  ggml_backend_buffer_set_usage(buffer.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
  ggml_tallocr allocator = ggml_tallocr_new(buffer.get());
  for (const Placement* each = placements; each != placements + count; each++) {
    if (ggml_tallocr_alloc(&allocator, each->tensor) != GGML_STATUS_SUCCESS) {
      throw Error("engine.memory",
                  "Expected room for the tensor " + std::string(each->tensor->name) + ", but its buffer is full.");
    }
    ggml_backend_tensor_set(each->tensor, each->source, 0, ggml_nbytes(each->tensor));
  }
  bytes_ += size;
  buffers_.push_back(std::move(buffer));
}

}  // namespace kvasir::engine
