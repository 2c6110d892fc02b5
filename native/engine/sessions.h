// Loaded models by handle, each with its context; one job at a time per model.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "bench.h"
#include "context.h"

namespace kvasir::engine {

struct Session {
  Session(const std::string& path, const LoadOptions& options);

  const Model model;
  double loadMs = 0;
  // Held by the job that uses what follows.
  std::mutex job;
  Context context;
  std::unique_ptr<Oracle> oracle;

 private:
  Session(const std::string& path, const LoadOptions& options, double begin);
};

class Sessions {
 public:
  // Returns the handle.
  std::string load(const std::string& path, const LoadOptions& options);
  // 'not-found' for a handle that is not loaded.
  std::shared_ptr<Session> get(const std::string& handle) const;
  // A job that is running keeps its model until it ends.
  void unload(const std::string& handle);

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Session>> sessions_;
  uint64_t next_ = 1;
};

}  // namespace kvasir::engine
