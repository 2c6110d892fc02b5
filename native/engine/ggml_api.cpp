#include "ggml_api.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "../codec/error.h"
#include "library.h"
#include "version.h"

namespace kvasir::engine {

#define KVASIR_DEFINE(name) decltype(&::name) name = nullptr;
KVASIR_GGML_BASE(KVASIR_DEFINE)
KVASIR_GGML_REGISTRY(KVASIR_DEFINE)
KVASIR_LLAMA(KVASIR_DEFINE)
#undef KVASIR_DEFINE

namespace {

namespace fs = std::filesystem;

#ifdef _WIN32
constexpr const char* PREFIX = "";
constexpr const char* EXTENSION = ".dll";
#elif defined(__APPLE__)
constexpr const char* PREFIX = "lib";
constexpr const char* EXTENSION = ".dylib";
#else
constexpr const char* PREFIX = "lib";
constexpr const char* EXTENSION = ".so";
#endif

constexpr size_t MAX_LOG_BYTES = 2000;

struct State {
  std::mutex mutex;
  std::string folder;
  bool open = false;
  std::mutex logMutex;
  std::string log;
};

State& state() {
  static State instance;
  return instance;
}

void keepLog(ggml_log_level level, const char* text, void*) {
  if (level != GGML_LOG_LEVEL_WARN && level != GGML_LOG_LEVEL_ERROR) return;
  State& s = state();
  const std::lock_guard<std::mutex> lock(s.logMutex);
  s.log += text;
  if (s.log.size() > MAX_LOG_BYTES) s.log.erase(0, s.log.size() - MAX_LOG_BYTES);
}

// File names carry a variant and a version, e.g. libggml.cuda.v0.4.0.so: `stem` is what stands in front of the first
// dot.
std::string findLibrary(const fs::path& folder, const std::string& stem) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().u8string();
    if (name.rfind(stem + ".", 0) == 0 && entry.path().extension() == EXTENSION) found.push_back(entry.path());
  }
  if (error) {
    throw Error("engine.no-library", "Expected a folder of ggml's libraries at " + folder.u8string() +
                                         ", but: " + error.message() + ". Install the project's packages again.");
  }
  if (found.empty()) {
    throw Error("engine.no-library", "Expected a library " + stem + ".*" + EXTENSION + " in " + folder.u8string() +
                                         ", which holds none. Install the project's packages again.");
  }
  std::sort(found.begin(), found.end());
  return found.front().u8string();
}

template <class Function>
void bind(Function& target, const Library& library, const char* name) {
  target = reinterpret_cast<Function>(library.symbol(name));
  if (!target) {
    throw Error("engine.no-library", "Expected the function " + std::string(name) + " in " + library.path() +
                                         ", which is of another version. Install the project's packages again.");
  }
}

// Parameter structs go by value, so anything but the very version of the headers could corrupt memory.
void requireVersion(const std::string& what, const std::string& expected, const std::string& actual) {
  if (actual == expected) return;
  throw Error("engine.no-library", "Expected " + what + " " + expected + ", but the libraries are of version " +
                                       actual + ". Install the project's packages again and rebuild the addon.");
}

void bindAll(const std::string& folder) {
  const fs::path path = fs::u8path(folder);
  const std::string prefix = PREFIX;
  const Library base(findLibrary(path, prefix + "ggml-base"));
  const Library registry(findLibrary(path, prefix + "ggml"));
  const Library llama(findLibrary(path, prefix + "llama"));
#define KVASIR_BIND(name) bind(name, base, #name);
  KVASIR_GGML_BASE(KVASIR_BIND)
#undef KVASIR_BIND
#define KVASIR_BIND(name) bind(name, registry, #name);
  KVASIR_GGML_REGISTRY(KVASIR_BIND)
#undef KVASIR_BIND
#define KVASIR_BIND(name) bind(name, llama, #name);
  KVASIR_LLAMA(KVASIR_BIND)
#undef KVASIR_BIND
  requireVersion("ggml", KVASIR_GGML_VERSION, ggml_version());
  // A release's libllama says e.g. 0.4.0-dev; its tag is v0.4.0.
  const std::string release = std::string(KVASIR_LLAMA_RELEASE).substr(1);
  requireVersion("libllama", release, std::string(llama_version()).substr(0, release.size()));
}

}  // namespace

void openGgml(const std::string& folder, const std::string& fallback) {
  State& s = state();
  const std::lock_guard<std::mutex> lock(s.mutex);
  if (s.open) {
    if (s.folder == folder) return;
    throw Error("conflict", "This process already uses ggml's libraries of " + s.folder + "; those of " + folder +
                                " need a process of their own.");
  }
  bindAll(folder);
  llama_log_set(keepLog, nullptr);
  ggml_log_set(keepLog, nullptr);
  // Always with a folder: the default also searches the current directory.
  ggml_backend_load_all_from_path(folder.c_str());
  if (!fallback.empty() && !ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_GPU)) {
    ggml_backend_load_all_from_path(fallback.c_str());
  }
  if (!ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU)) {
    throw Error("engine.no-library",
                "Expected a CPU library of ggml in " + folder + " that this processor can run. " + takeGgmlLog());
  }
  s.folder = folder;
  s.open = true;
}

void requireGgml() {
  State& s = state();
  const std::lock_guard<std::mutex> lock(s.mutex);
  if (!s.open) throw Error("engine.no-library", "ggml's libraries are not open yet: call open first.");
}

const std::string& ggmlFolder() { return state().folder; }

std::string takeGgmlLog() {
  State& s = state();
  const std::lock_guard<std::mutex> lock(s.logMutex);
  std::string log;
  log.swap(s.log);
  while (!log.empty() && (log.back() == '\n' || log.back() == ' ')) log.pop_back();
  return log.empty() ? "" : "ggml says: " + log;
}

}  // namespace kvasir::engine
