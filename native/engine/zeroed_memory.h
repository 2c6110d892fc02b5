// Memory that is all zeros and costs nothing until it is touched: a K/V cache is mostly written before it is read, so
// clearing it by hand would double the work in front of the first answer.
#pragma once

#include <cstddef>

namespace kvasir::engine {

class ZeroedMemory {
 public:
  // Page-aligned; null when the system has none left. On large pages where it offers them.
  explicit ZeroedMemory(size_t bytes);
  ~ZeroedMemory();
  ZeroedMemory(ZeroedMemory&& other) noexcept;
  ZeroedMemory(const ZeroedMemory&) = delete;
  ZeroedMemory& operator=(const ZeroedMemory&) = delete;

  void* data() const noexcept { return data_; }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace kvasir::engine
