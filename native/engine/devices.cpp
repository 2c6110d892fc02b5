#include "devices.h"

#include <algorithm>
#include <cctype>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

// Functions of the CPU module are reached through its registry entry: the module itself is chosen at run time.
template <class Function>
Function cpuFunction(const char* name) {
  auto* found = ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpuDevice()), name);
  if (!found)
    throw Error("engine.no-library", std::string("Expected ggml's CPU module to offer ") + name + ", which it lacks.");
  return reinterpret_cast<Function>(found);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

DeviceKind kindOf(ggml_backend_dev_t device) {
  switch (ggml_backend_dev_type(device)) {
    case GGML_BACKEND_DEVICE_TYPE_CPU: return DeviceKind::Cpu;
    case GGML_BACKEND_DEVICE_TYPE_GPU:
    case GGML_BACKEND_DEVICE_TYPE_IGPU: return DeviceKind::Gpu;
    default: return DeviceKind::Accelerator;
  }
}

DeviceInfo describe(ggml_backend_dev_t device) {
  DeviceInfo info;
  info.name = ggml_backend_dev_name(device);
  info.description = ggml_backend_dev_description(device);
  info.kind = kindOf(device);
  size_t free = 0, total = 0;
  ggml_backend_dev_memory(device, &free, &total);
  info.memoryBytes = total;
  info.freeBytes = free;
  return info;
}

std::string cpuFeatures() {
  std::string text;
  const auto features = cpuFunction<ggml_backend_get_features_t>("ggml_backend_get_features");
  for (const ggml_backend_feature* f = features(ggml_backend_dev_backend_reg(cpuDevice())); f && f->name; f++) {
    text += (text.empty() ? "" : " ") + std::string(f->name) + "=" + f->value;
  }
  return text;
}

bool stopRequested(void* flag) { return static_cast<const AbortFlag*>(flag)->load(std::memory_order_relaxed); }

}  // namespace

SystemFacts systemFacts() {
  requireGgml();
  SystemFacts facts;
  facts.libraryDir = ggmlFolder();
  facts.ggmlVersion = ggml_version();
  facts.llamaVersion = llama_version();
  facts.cpuFeatures = cpuFeatures();
  for (size_t i = 0; i < ggml_backend_dev_count(); i++) facts.devices.push_back(describe(ggml_backend_dev_get(i)));
  return facts;
}

ggml_backend_dev_t cpuDevice() { return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU); }

bool isCpu(ggml_backend_dev_t device) { return kindOf(device) == DeviceKind::Cpu; }

ggml_backend_dev_t findDevice(const std::string& name) {
  requireGgml();
  ggml_backend_dev_t best = cpuDevice();
  uint64_t room = 0;
  std::string names;
  for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
    ggml_backend_dev_t device = ggml_backend_dev_get(i);
    const DeviceInfo info = describe(device);
    if (lower(info.name) == lower(name)) return device;
    names += (names.empty() ? "" : ", ") + info.name;
    if (info.kind == DeviceKind::Gpu && info.freeBytes > room) {
      best = device;
      room = info.freeBytes;
    }
  }
  if (name == "auto") return best;
  throw Error("argument.invalid", "Expected a device among auto, " + names + ", got " + name + ".");
}

Owned<ggml_backend> openCpu(uint32_t threads) {
  Owned<ggml_backend> backend(ggml_backend_dev_init(cpuDevice(), nullptr));
  if (!backend) throw Error("engine.failed", "Expected ggml's CPU backend to start, but it did not. " + takeGgmlLog());
  cpuFunction<ggml_backend_set_n_threads_t>("ggml_backend_set_n_threads")(backend.get(), static_cast<int>(threads));
  return backend;
}

void watchAbort(ggml_backend_t cpu, const AbortFlag* flag) {
  const auto set = cpuFunction<ggml_backend_set_abort_callback_t>("ggml_backend_set_abort_callback");
  set(cpu, flag ? stopRequested : nullptr, const_cast<AbortFlag*>(flag));
}

Owned<ggml_backend> openDevice(ggml_backend_dev_t device) {
  Owned<ggml_backend> backend(ggml_backend_dev_init(device, nullptr));
  if (!backend) {
    throw Error("engine.failed", "Expected the device " + std::string(ggml_backend_dev_name(device)) +
                                     " to start, but it did not. " + takeGgmlLog() + " Choose the device cpu.");
  }
  return backend;
}

}  // namespace kvasir::engine
