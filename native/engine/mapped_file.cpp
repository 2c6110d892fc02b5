#include "mapped_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "../codec/error.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace kvasir::engine {
namespace {

[[noreturn]] void unreadable(const std::string& path, const std::string& reason) {
  throw Error("model.unreadable", "Expected a readable model file at " + path + ", but: " + reason + ".");
}

}  // namespace

#ifdef _WIN32

MappedFile::MappedFile(const std::string& path) : path_(path) {
  const std::wstring wide = std::filesystem::u8path(path).wstring();
  const HANDLE file = CreateFileW(wide.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING, 0, nullptr);
  if (file == INVALID_HANDLE_VALUE) unreadable(path, "Windows error " + std::to_string(GetLastError()));
  LARGE_INTEGER size{};
  const bool sized = GetFileSizeEx(file, &size) && size.QuadPart > 0;
  const HANDLE mapping = sized ? CreateFileMappingW(file, nullptr, PAGE_READONLY, 0, 0, nullptr) : nullptr;
  if (mapping) data_ = static_cast<const uint8_t*>(MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0));
  const DWORD error = GetLastError();
  // The view keeps both alive.
  if (mapping) CloseHandle(mapping);
  CloseHandle(file);
  if (!sized) unreadable(path, "it is empty");
  if (!data_) unreadable(path, "Windows error " + std::to_string(error));
  size_ = static_cast<size_t>(size.QuadPart);
}

MappedFile::~MappedFile() { UnmapViewOfFile(data_); }

#else

MappedFile::MappedFile(const std::string& path) : path_(path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) unreadable(path, std::strerror(errno));
  struct stat status{};
  const bool stated = fstat(file, &status) == 0;
  const bool regular = stated && S_ISREG(status.st_mode);
  void* mapped = MAP_FAILED;
  if (regular && status.st_size > 0) {
    mapped = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_SHARED, file, 0);
  }
  const int error = errno;
  // The mapping keeps the file alive.
  ::close(file);
  if (!regular) unreadable(path, "it is no regular file");
  if (status.st_size == 0) unreadable(path, "it is empty");
  if (mapped == MAP_FAILED) unreadable(path, std::strerror(error));
  data_ = static_cast<const uint8_t*>(mapped);
  size_ = static_cast<size_t>(status.st_size);
}

MappedFile::~MappedFile() { munmap(const_cast<uint8_t*>(data_), size_); }

#endif

}  // namespace kvasir::engine
