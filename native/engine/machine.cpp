#include "machine.h"

#include <algorithm>
#include <ctime>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#ifdef _WIN32
#include <windows.h>
#elif defined(__APPLE__)
#include <mach/mach.h>
#include <sys/sysctl.h>
#else
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#endif

namespace kvasir::engine {
namespace {

uint32_t logicalCores() { return std::max(1u, std::thread::hardware_concurrency()); }

}  // namespace

#ifdef _WIN32

uint32_t physicalCores() {
  DWORD bytes = 0;
  GetLogicalProcessorInformationEx(RelationProcessorCore, nullptr, &bytes);
  std::vector<uint8_t> buffer(bytes);
  auto* first = reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX*>(buffer.data());
  if (bytes == 0 || !GetLogicalProcessorInformationEx(RelationProcessorCore, first, &bytes)) return logicalCores();
  uint32_t cores = 0;
  for (DWORD at = 0; at < bytes; cores++) {
    at += reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX*>(buffer.data() + at)->Size;
  }
  return std::max(1u, cores);
}

uint64_t availableMemory() {
  MEMORYSTATUSEX status{};
  status.dwLength = sizeof status;
  return GlobalMemoryStatusEx(&status) ? status.ullAvailPhys : 0;
}

#elif defined(__APPLE__)

uint32_t physicalCores() {
  // Performance cores: waiting for an efficiency core at every operation is slower than doing without.
  int32_t cores = 0;
  size_t bytes = sizeof cores;
  if (sysctlbyname("hw.perflevel0.physicalcpu", &cores, &bytes, nullptr, 0) == 0 && cores > 0)
    return static_cast<uint32_t>(cores);
  bytes = sizeof cores;
  if (sysctlbyname("hw.physicalcpu", &cores, &bytes, nullptr, 0) == 0 && cores > 0) return static_cast<uint32_t>(cores);
  return logicalCores();
}

uint64_t availableMemory() {
  vm_statistics64_data_t statistics{};
  mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
  vm_size_t page = 0;
  if (host_page_size(mach_host_self(), &page) != KERN_SUCCESS) return 0;
  if (host_statistics64(mach_host_self(), HOST_VM_INFO64, reinterpret_cast<host_info64_t>(&statistics), &count) !=
      KERN_SUCCESS) {
    return 0;
  }
  return (static_cast<uint64_t>(statistics.free_count) + statistics.inactive_count + statistics.purgeable_count) * page;
}

#else

namespace {

// The number in a one-line file, or nothing ("max" in a cgroup file is nothing).
bool readNumber(const std::string& path, uint64_t& value) {
  std::ifstream file(path);
  return static_cast<bool>(file >> value);
}

// What is left under a cgroup v2 limit; the page cache of mapped models counts as used there, but can be dropped.
uint64_t leftInContainer() {
  uint64_t limit = 0, used = 0;
  if (!readNumber("/sys/fs/cgroup/memory.max", limit) || !readNumber("/sys/fs/cgroup/memory.current", used)) return 0;
  std::ifstream statistics("/sys/fs/cgroup/memory.stat");
  std::string name;
  uint64_t bytes = 0;
  while (statistics >> name >> bytes) {
    if (name == "inactive_file" || name == "active_file") used -= std::min(used, bytes);
  }
  return limit > used ? limit - used : 1;
}

}  // namespace

uint32_t physicalCores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return logicalCores();
  std::set<std::pair<uint64_t, uint64_t> > cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    uint64_t package = 0, core = 0;
    if (!readNumber(folder + "physical_package_id", package) || !readNumber(folder + "core_id", core)) {
      core = static_cast<uint64_t>(cpu);
    }
    cores.insert({package, core});
  }
  return std::max<uint32_t>(1, static_cast<uint32_t>(cores.size()));
}

uint64_t availableMemory() {
  uint64_t available = 0;
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  uint64_t kilobytes = 0;
  while (file >> name >> kilobytes) {
    if (name == "MemAvailable:") available = kilobytes * 1024;
    std::getline(file, unit);
  }
  const uint64_t container = leftInContainer();
  return container == 0 || available == 0 ? std::max(container, available) : std::min(container, available);
}

#endif

#if defined(__GLIBC__)

void returnFreedMemory() { malloc_trim(0); }

#else

void returnFreedMemory() {}

#endif

#if defined(__linux__)

void preferLargePages(void* data, uint64_t bytes) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t from = (reinterpret_cast<uintptr_t>(data) + page - 1) / page * page;
  const uintptr_t to = (reinterpret_cast<uintptr_t>(data) + bytes) / page * page;
  if (to > from) madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
}

#else

void preferLargePages(void*, uint64_t) {}

#endif

double processCpuMs() {
#ifdef _WIN32
  FILETIME created, exited, kernel, user;
  if (!GetProcessTimes(GetCurrentProcess(), &created, &exited, &kernel, &user)) return 0;
  const auto ms = [](const FILETIME& time) {
    // In steps of 100 ns.
    return static_cast<double>((uint64_t{time.dwHighDateTime} << 32) | time.dwLowDateTime) / 1e4;
  };
  return ms(kernel) + ms(user);
#else
  // POSIX counts all threads of the process.
  return static_cast<double>(std::clock()) * 1000.0 / CLOCKS_PER_SEC;
#endif
}

}  // namespace kvasir::engine
