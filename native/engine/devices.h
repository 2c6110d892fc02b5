// The devices that the opened ggml libraries offer, and one backend (a stream of work) on each that is used.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "owned.h"

namespace kvasir::engine {

enum class DeviceKind { Cpu, Gpu, Accelerator };

struct DeviceInfo {
  std::string name;
  std::string description;
  DeviceKind kind = DeviceKind::Cpu;
  uint64_t memoryBytes = 0;
  uint64_t freeBytes = 0;
};

struct SystemFacts {
  std::string libraryDir;
  std::string ggmlVersion;
  std::string llamaVersion;
  std::string cpuFeatures;
  std::vector<DeviceInfo> devices;
};

SystemFacts systemFacts();

// The CPU's device handle.
ggml_backend_dev_t cpuDevice();

// The device of this name (case does not matter), or for `auto` the GPU with most free memory, else the CPU.
// 'argument.invalid' with the names there are.
ggml_backend_dev_t findDevice(const std::string& name);

bool isCpu(ggml_backend_dev_t device);

// Set from any thread; the CPU looks at it before every operation of a graph.
using AbortFlag = std::atomic<bool>;

// A CPU backend with `threads` threads that stops when the flag is set.
Owned<ggml_backend> openCpu(uint32_t threads);
void watchAbort(ggml_backend_t cpu, const AbortFlag* flag);

// A backend on another device. 'engine.failed' when it cannot be opened.
Owned<ggml_backend> openDevice(ggml_backend_dev_t device);

}  // namespace kvasir::engine
