// A shared library opened at run time.
#pragma once

#include <string>

namespace kvasir::engine {

class Library {
 public:
  // 'engine.no-library' when the system's loader refuses it; the text holds the loader's reason.
  explicit Library(const std::string& path);
  // Null when it exports no such symbol. The library stays open for the life of the process: ggml's devices live in it.
  void* symbol(const char* name) const;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  void* handle_ = nullptr;
};

}  // namespace kvasir::engine
