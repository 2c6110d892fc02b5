#include "file.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "error.h"

#ifdef _WIN32
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace kvasir::codec {
namespace {

// One system call moves at most this much: both kernels take sizes beyond 2 GiB badly.
constexpr size_t MAX_TRANSFER = size_t{1} << 30;

[[noreturn]] void fail(const std::string& path, const char* action, int error, bool full) {
  const std::string reason = std::system_category().message(error);
  if (full) {
    throw Error("store.full", "Expected room to write " + path + ", but the disk is full (" + reason +
                                  "); free some space and try again.");
  }
  throw Error("object.unreadable",
              "Expected to " + std::string(action) + " " + path + ", but the system says: " + reason + ".");
}

}  // namespace

#ifdef _WIN32

namespace {

std::wstring wide(const std::string& utf8) {
  const int size = MultiByteToWideChar(CP_UTF8, 0, utf8.data(), static_cast<int>(utf8.size()), nullptr, 0);
  std::wstring text(static_cast<size_t>(size), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, utf8.data(), static_cast<int>(utf8.size()), text.data(), size);
  return text;
}

[[noreturn]] void failLast(const std::string& path, const char* action) {
  const DWORD error = GetLastError();
  fail(path, action, static_cast<int>(error), error == ERROR_DISK_FULL || error == ERROR_HANDLE_DISK_FULL);
}

OVERLAPPED at(uint64_t offset) {
  OVERLAPPED position{};
  position.Offset = static_cast<DWORD>(offset);
  position.OffsetHigh = static_cast<DWORD>(offset >> 32);
  return position;
}

}  // namespace

File::File(const std::string& path, Mode mode) : path_(path) {
  const bool reading = mode == Mode::Read;
  HANDLE handle = CreateFileW(wide(path).c_str(), reading ? GENERIC_READ : GENERIC_WRITE,
                              FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr, reading ? OPEN_EXISTING : CREATE_ALWAYS,
                              FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) failLast(path, reading ? "read" : "write");
  handle_ = handle;
}

uint64_t File::size() const {
  LARGE_INTEGER size;
  if (!GetFileSizeEx(handle_, &size)) failLast(path_, "read");
  return static_cast<uint64_t>(size.QuadPart);
}

bool File::readAt(uint64_t offset, void* data, size_t bytes) const {
  auto out = static_cast<uint8_t*>(data);
  while (bytes > 0) {
    OVERLAPPED position = at(offset);
    DWORD got = 0;
    if (!ReadFile(handle_, out, static_cast<DWORD>(std::min(bytes, MAX_TRANSFER)), &got, &position)) {
      if (GetLastError() == ERROR_HANDLE_EOF) return false;
      failLast(path_, "read");
    }
    if (got == 0) return false;
    out += got, offset += got, bytes -= got;
  }
  return true;
}

void File::expectReads() const noexcept {}

void File::writeAt(uint64_t offset, const void* data, size_t bytes) {
  auto in = static_cast<const uint8_t*>(data);
  while (bytes > 0) {
    OVERLAPPED position = at(offset);
    DWORD put = 0;
    if (!WriteFile(handle_, in, static_cast<DWORD>(std::min(bytes, MAX_TRANSFER)), &put, &position)) {
      failLast(path_, "write");
    }
    in += put, offset += put, bytes -= put;
  }
}

void File::close() {
  if (handle_ == nullptr) return;
  HANDLE handle = handle_;
  handle_ = nullptr;
  if (!CloseHandle(handle)) failLast(path_, "close");
}

File::~File() {
  if (handle_ != nullptr) CloseHandle(handle_);
}

void File::remove(const std::string& path) noexcept { DeleteFileW(wide(path).c_str()); }

#else

File::File(const std::string& path, Mode mode) : path_(path) {
  const bool reading = mode == Mode::Read;
  // O_NONBLOCK: opening a pipe by mistake must not wait for its other end.
  const int flags = reading ? O_RDONLY | O_NONBLOCK : O_WRONLY | O_CREAT | O_TRUNC;
  descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail(path, reading ? "read" : "write", errno, errno == ENOSPC || errno == EDQUOT);
  struct stat facts;
  if (::fstat(descriptor_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    ::close(descriptor_);
    throw Error("object.unreadable", "Expected a regular file at " + path + ", but it is something else.");
  }
}

uint64_t File::size() const {
  struct stat facts;
  if (::fstat(descriptor_, &facts) != 0) fail(path_, "read", errno, false);
  return static_cast<uint64_t>(facts.st_size);
}

bool File::readAt(uint64_t offset, void* data, size_t bytes) const {
  auto out = static_cast<uint8_t*>(data);
  while (bytes > 0) {
    const ssize_t got = ::pread(descriptor_, out, std::min(bytes, MAX_TRANSFER), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path_, "read", errno, false);
    if (got == 0) return false;
    out += got, offset += static_cast<uint64_t>(got), bytes -= static_cast<size_t>(got);
  }
  return true;
}

void File::expectReads() const noexcept {
#ifdef POSIX_FADV_WILLNEED
  ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_WILLNEED);
#endif
}

void File::writeAt(uint64_t offset, const void* data, size_t bytes) {
  auto in = static_cast<const uint8_t*>(data);
  while (bytes > 0) {
    const ssize_t put = ::pwrite(descriptor_, in, std::min(bytes, MAX_TRANSFER), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail(path_, "write", errno, errno == ENOSPC || errno == EDQUOT);
    in += put, offset += static_cast<uint64_t>(put), bytes -= static_cast<size_t>(put);
  }
}

void File::close() {
  if (descriptor_ < 0) return;
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0) fail(path_, "close", errno, errno == ENOSPC || errno == EDQUOT);
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void File::remove(const std::string& path) noexcept { ::unlink(path.c_str()); }

#endif

}  // namespace kvasir::codec
