#include "sessions.h"

#include "../codec/error.h"
#include "segments.h"

namespace kvasir::engine {

Session::Session(const std::string& path, const LoadOptions& options) : Session(path, options, now()) {}

Session::Session(const std::string& path, const LoadOptions& options, double begin)
    : model(path, options), context(model) {
  loadMs = now() - begin;
}

std::string Sessions::load(const std::string& path, const LoadOptions& options) {
  auto session = std::make_shared<Session>(path, options);
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::string handle = "model-" + std::to_string(next_++);
  sessions_.emplace(handle, std::move(session));
  return handle;
}

std::shared_ptr<Session> Sessions::get(const std::string& handle) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = sessions_.find(handle);
  if (found != sessions_.end()) return found->second;
  throw Error("not-found", "Expected the handle of a loaded model, got " + handle + ". Load the model again.");
}

void Sessions::unload(const std::string& handle) {
  std::shared_ptr<Session> session = get(handle);
  const std::lock_guard<std::mutex> lock(mutex_);
  sessions_.erase(handle);
}

}  // namespace kvasir::engine
