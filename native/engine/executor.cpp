#include "executor.h"

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

// Tensors of the largest graph the scheduler has to hold, with its own copies between devices.
size_t schedulerSize(const ModelConfig& config) { return size_t{config.layers} * 128 + 512; }

[[noreturn]] void outOfMemory(const Graph& graph) {
  throw Error("engine.memory", "Expected memory for a sub-batch of " + std::to_string(graph.rows) + " tokens over " +
                                   std::to_string(graph.shape.kvRows) + " rows of K/V, but it could not be had. " +
                                   takeGgmlLog() + " Choose smaller sub-batches or fewer documents.");
}

}  // namespace

Executor::Executor(const Model& model) : cpu_(openCpu(model.threads())) {
  ggml_backend_dev_t device = model.placement().device;
  if (device) device_ = openDevice(device);
  if (device || model.test().forceScheduler) {
    std::vector<ggml_backend_t> backends;
    if (device_) backends.push_back(device_.get());
    backends.push_back(cpu_.get());
    const auto count = static_cast<int>(backends.size());
    scheduler_.reset(
        ggml_backend_sched_new(backends.data(), nullptr, count, schedulerSize(model.config()), false, true));
  } else {
    allocator_.reset(ggml_gallocr_new(ggml_backend_get_default_buffer_type(cpu_.get())));
  }
  if (!scheduler_ && !allocator_)
    throw Error("engine.memory", "Expected memory for a graph allocator, but there is none left.");
}

void Executor::reserve(const Graph& graph) {
  if (scheduler_) ggml_backend_sched_reset(scheduler_.get());
  const bool reserved = scheduler_ ? ggml_backend_sched_reserve(scheduler_.get(), graph.graph)
                                   : ggml_gallocr_reserve(allocator_.get(), graph.graph);
  if (!reserved) outOfMemory(graph);
}

void Executor::allocate(const Graph& graph) {
  if (scheduler_) ggml_backend_sched_reset(scheduler_.get());
  const bool allocated = scheduler_ ? ggml_backend_sched_alloc_graph(scheduler_.get(), graph.graph)
                                    : ggml_gallocr_alloc_graph(allocator_.get(), graph.graph);
  if (!allocated) outOfMemory(graph);
}

void Executor::compute(const Graph& graph) {
  if (abort_ && abort_->load()) throw Error("cancelled", "Cancelled.");
  const ggml_status status = scheduler_ ? ggml_backend_sched_graph_compute(scheduler_.get(), graph.graph)
                                        : ggml_backend_graph_compute(cpu_.get(), graph.graph);
  if (status == GGML_STATUS_SUCCESS) return;
  if (status == GGML_STATUS_ABORTED) throw Error("cancelled", "Cancelled.");
  throw Error("engine.failed", "Expected ggml to compute a sub-batch of " + std::to_string(graph.rows) +
                                   " tokens, but it reported status " + std::to_string(static_cast<int>(status)) +
                                   ". " + takeGgmlLog());
}

void Executor::watch(const AbortFlag* flag) {
  abort_ = flag;
  watchAbort(cpu_.get(), flag);
}

}  // namespace kvasir::engine
