// A file read and written at offsets, on every platform. Paths are UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace kvasir::codec {

class File {
 public:
  enum class Mode { Read, Create };

  // Read: an existing regular file. Create: a new or emptied one. Failures are 'object.unreadable'.
  File(const std::string& path, Mode mode);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const noexcept { return path_; }
  uint64_t size() const;
  // Fills `data` whole; false when the file ends before. Safe from several threads at once.
  bool readAt(uint64_t offset, void* data, size_t bytes) const;
  // Has the system begin to read the file, where it can; returns at once.
  void expectReads() const noexcept;
  // A full disk is 'store.full'.
  void writeAt(uint64_t offset, const void* data, size_t bytes);
  void close();

  // Removes the file if it is there; never throws.
  static void remove(const std::string& path) noexcept;

 private:
  std::string path_;
#ifdef _WIN32
  void* handle_ = nullptr;
#else
  int descriptor_ = -1;
#endif
};

}  // namespace kvasir::codec
