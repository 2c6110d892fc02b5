#include "zeroed_memory.h"

#include "machine.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#endif

namespace kvasir::engine {

#ifdef _WIN32

ZeroedMemory::ZeroedMemory(size_t bytes) : bytes_(bytes) {
  data_ = VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

ZeroedMemory::~ZeroedMemory() {
  if (data_) VirtualFree(data_, 0, MEM_RELEASE);
}

#else

ZeroedMemory::ZeroedMemory(size_t bytes) : bytes_(bytes) {
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return;
  data_ = mapped;
  preferLargePages(data_, bytes);
}

ZeroedMemory::~ZeroedMemory() {
  if (data_) munmap(data_, bytes_);
}

#endif

ZeroedMemory::ZeroedMemory(ZeroedMemory&& other) noexcept : data_(other.data_), bytes_(other.bytes_) {
  other.data_ = nullptr;
}

}  // namespace kvasir::engine
