// Owners of ggml's and libllama's handles: each frees its own.
#pragma once

#include <memory>

#include "ggml_api.h"

namespace kvasir::engine {

struct GgmlDeleter {
  void operator()(ggml_context* context) const { ggml_free(context); }
  void operator()(ggml_backend_buffer* buffer) const { ggml_backend_buffer_free(buffer); }
  void operator()(ggml_backend* backend) const { ggml_backend_free(backend); }
  void operator()(ggml_backend_sched* scheduler) const { ggml_backend_sched_free(scheduler); }
  void operator()(ggml_gallocr* allocator) const { ggml_gallocr_free(allocator); }
  void operator()(llama_model* model) const { llama_model_free(model); }
  void operator()(llama_context* context) const { llama_free(context); }
};

template <class Handle>
using Owned = std::unique_ptr<Handle, GgmlDeleter>;

}  // namespace kvasir::engine
