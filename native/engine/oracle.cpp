#include "oracle.h"

#include <array>
#include <memory>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

[[noreturn]] void failed(const std::string& what) {
  throw Error("engine.failed", "Expected libllama to " + what + ", but it did not. " + takeGgmlLog());
}

struct BatchDeleter {
  void operator()(llama_batch* batch) const {
    llama_batch_free(*batch);
    delete batch;
  }
};

}  // namespace

Oracle::Oracle(const std::string& path, const OracleOptions& options) : options_(options) {
  takeGgmlLog();
  // A list with nothing but its end: no device besides the CPU.
  std::array<ggml_backend_dev_t, 2> devices{options.device, nullptr};
  llama_model_params modelParams = llama_model_default_params();
  modelParams.devices = devices.data();
  modelParams.n_gpu_layers = options.device ? static_cast<int32_t>(options.gpuLayers) : 0;
  modelParams.use_extra_bufts = true;
  model_.reset(llama_model_load_from_file(path.c_str(), modelParams));
  if (!model_) failed("load " + path);
  vocabulary_ = static_cast<size_t>(llama_vocab_n_tokens(llama_model_get_vocab(model_.get())));
  llama_context_params params = llama_context_default_params();
  params.n_ctx = options.capacity;
  params.n_batch = options.capacity;
  params.n_ubatch = options.subBatch;
  params.n_seq_max = 1;
  params.n_threads = static_cast<int32_t>(options.threads);
  params.n_threads_batch = static_cast<int32_t>(options.threads);
  params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
  params.no_perf = true;
  context_.reset(llama_init_from_model(model_.get(), params));
  if (!context_) failed("make a context of " + std::to_string(options.capacity) + " tokens");
}

void Oracle::clear() {
  llama_memory_clear(llama_get_memory(context_.get()), false);
  position_ = 0;
}

void Oracle::run(const std::vector<int32_t>& tokens, bool all, std::vector<float>& logits) {
  const size_t count = tokens.size();
  if (count == 0 || position_ + count > options_.capacity)
    failed("hold " + std::to_string(position_ + count) + " tokens");
  const std::unique_ptr<llama_batch, BatchDeleter> batch(
      new llama_batch(llama_batch_init(static_cast<int32_t>(count), 0, 1)));
  batch->n_tokens = static_cast<int32_t>(count);
  for (size_t i = 0; i < count; i++) {
    batch->token[i] = tokens[i];
    batch->pos[i] = static_cast<llama_pos>(position_ + i);
    batch->n_seq_id[i] = 1;
    batch->seq_id[i][0] = 0;
    batch->logits[i] = all || i + 1 == count;
  }
  if (llama_decode(context_.get(), *batch) != 0) failed("compute " + std::to_string(count) + " tokens");
  position_ += static_cast<uint32_t>(count);
  const float* values = llama_get_logits(context_.get());
  if (!values) failed("give logits");
  logits.insert(logits.end(), values, values + (all ? count : 1) * vocabulary_);
}

}  // namespace kvasir::engine
