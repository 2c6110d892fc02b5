#include "library.h"

#include <filesystem>

#include "../codec/error.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace kvasir::engine {

#ifdef _WIN32

Library::Library(const std::string& path) : path_(path) {
  // Dependencies (ggml-base.dll) are looked for beside the library, never in the current directory.
  const std::wstring wide = std::filesystem::u8path(path).wstring();
  handle_ = LoadLibraryExW(wide.c_str(), nullptr, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
  if (!handle_) {
    throw Error("engine.no-library", "Expected to open the library " + path + ", but Windows reported error " +
                                         std::to_string(GetLastError()) + ". Install the project's packages again.");
  }
}

void* Library::symbol(const char* name) const {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(handle_), name));
}

#else

Library::Library(const std::string& path) : path_(path) {
  handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle_) {
    const char* reason = dlerror();
    throw Error("engine.no-library", "Expected to open the library " + path +
                                         ", but: " + (reason ? reason : "no reason given") +
                                         ". Install the project's packages again.");
  }
}

void* Library::symbol(const char* name) const { return dlsym(handle_, name); }

#endif

}  // namespace kvasir::engine
