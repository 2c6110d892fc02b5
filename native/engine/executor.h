// Gives graphs memory and computes them: on the CPU alone directly, with another device through ggml's scheduler.
#pragma once

#include <vector>

#include "graph.h"

namespace kvasir::engine {

class Executor {
 public:
  explicit Executor(const Model& model);

  // Makes room for graphs up to this one's size, so that later ones need no more. 'engine.memory'.
  void reserve(const Graph& graph);
  // Gives the graph's tensors memory, which the graph allocated before loses. 'engine.memory'.
  void allocate(const Graph& graph);
  // Computes the graph allocated last, as often as wanted. 'cancelled' when the watched flag is set, else
  // 'engine.failed'.
  void compute(const Graph& graph);
  // The flag that stops a computation; null for none.
  void watch(const AbortFlag* flag);

 private:
  Owned<ggml_backend> cpu_;
  Owned<ggml_backend> device_;
  Owned<ggml_gallocr> allocator_;
  Owned<ggml_backend_sched> scheduler_;
  const AbortFlag* abort_ = nullptr;
};

}  // namespace kvasir::engine
