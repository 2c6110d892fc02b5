#include "memory_tier.h"

#include <algorithm>
#include <new>
#include <tuple>
#include <utility>

#include "machine.h"

namespace kvasir::engine {
namespace {

// What is left to others, and how much is taken before the system is asked again.
constexpr uint64_t RESERVE = uint64_t{512} << 20, ALLOWANCE = uint64_t{64} << 20;
// A layer that took no time that a clock sees is still worth more than none.
constexpr double LEAST_MS = 1e-3;

}  // namespace

bool LayerId::operator<(const LayerId& other) const noexcept {
  return std::tie(contents, layer, key.bytes, codebook.bytes) <
         std::tie(other.contents, other.layer, other.key.bytes, other.codebook.bytes);
}

MemoryTier::Lease::Lease(Lease&& other) noexcept
    : tier_(other.tier_), entry_(std::exchange(other.entry_, nullptr)), kept_(other.kept_) {}

MemoryTier::Lease& MemoryTier::Lease::operator=(Lease&& other) noexcept {
  std::swap(tier_, other.tier_);
  std::swap(entry_, other.entry_);
  std::swap(kept_, other.kept_);
  return *this;
}

MemoryTier::Lease::~Lease() {
  if (entry_) tier_->release(*entry_);
}

uint16_t* MemoryTier::Lease::rows() const noexcept { return entry_->rows.get(); }

void MemoryTier::Lease::use() { tier_->use(*entry_); }

void MemoryTier::Lease::keep(double ms) {
  tier_->keep(*entry_, ms);
  kept_ = true;
}

MemoryTier::MemoryTier(std::function<uint64_t()> available) : available_(std::move(available)) {}

MemoryTier::Lease MemoryTier::find(const LayerId& id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || !found->second.kept) return {};
  Entry& entry = found->second;
  if (entry.leases++ == 0) {
    entry.node = idle_.extract(entry.idle);
    idleBytes_ -= entry.bytes;
  }
  return {this, &entry, true};
}

MemoryTier::Lease MemoryTier::make(const LayerId& id, size_t elements) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  const size_t bytes = elements * sizeof(uint16_t);
  if (report_.budgetBytes == 0) return {};
  report_.misses++;
  const uint64_t inUse = report_.bytes - idleBytes_;
  if (inUse + bytes > report_.budgetBytes || entries_.count(id) > 0) return {};
  try {
    if (!leavesEnough(bytes)) return {};
    while (report_.bytes + bytes > report_.budgetBytes) evict();
    std::unique_ptr<uint16_t[]> rows(new uint16_t[elements]);
    Idle::node_type node = idle_.extract(idle_.emplace(0, nullptr));
    Entry& entry = entries_[id];
    entry.id = id;
    entry.rows = std::move(rows);
    entry.bytes = bytes;
    entry.leases = 1;
    entry.node = std::move(node);
    report_.bytes += bytes;
    return {this, &entry, false};
  } catch (const std::bad_alloc&) {
    return {};
  }
}

void MemoryTier::setBudget(uint64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  report_.budgetBytes = bytes;
  shrink();
  returnFreedMemory();
}

void MemoryTier::giveWay(uint64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t before = report_.bytes;
  while (!idle_.empty() && before - report_.bytes < bytes) evict();
  allowance_ = 0;
  returnFreedMemory();
}

MemoryReport MemoryTier::report() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  MemoryReport report = report_;
  report.layers = entries_.size();
  return report;
}

std::vector<KeptCache> MemoryTier::kept() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<KeptCache> caches;
  // Layers of one cache lie side by side.
  for (const auto& [id, entry] : entries_) {
    if (!entry.kept) continue;
    if (caches.empty() || caches.back().key != id.key || caches.back().codebook != id.codebook)
      caches.push_back({id.key, id.codebook, 0, 0});
    caches.back().layers++;
    caches.back().bytes += entry.bytes;
  }
  return caches;
}

void MemoryTier::use(Entry& entry) {
  const std::lock_guard<std::mutex> lock(mutex_);
  report_.hits++;
  entry.uses++;
  entry.value = clock_ + static_cast<double>(entry.uses) * entry.msPerByte;
}

void MemoryTier::keep(Entry& entry, double ms) {
  const std::lock_guard<std::mutex> lock(mutex_);
  entry.kept = true;
  entry.uses = 1;
  entry.msPerByte = std::max(ms, LEAST_MS) / static_cast<double>(entry.bytes);
  entry.value = clock_ + entry.msPerByte;
}

void MemoryTier::release(Entry& entry) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (--entry.leases > 0) return;
  if (!entry.kept) return erase(entry);
  entry.node.key() = entry.value;
  entry.node.mapped() = &entry;
  entry.idle = idle_.insert(std::move(entry.node));
  idleBytes_ += entry.bytes;
  shrink();
}

void MemoryTier::erase(Entry& entry) {
  report_.bytes -= entry.bytes;
  entries_.erase(LayerId(entry.id));
}

void MemoryTier::evict() {
  Entry& least = *idle_.begin()->second;
  clock_ = least.value;
  idleBytes_ -= least.bytes;
  idle_.erase(idle_.begin());
  erase(least);
  report_.evictions++;
}

void MemoryTier::shrink() {
  while (report_.bytes > report_.budgetBytes && !idle_.empty()) evict();
}

bool MemoryTier::leavesEnough(size_t bytes) {
  if (allowance_ < bytes) {
    const uint64_t wanted = std::max<uint64_t>(ALLOWANCE, bytes), available = available_();
    if (available > 0 && available < RESERVE + wanted) return false;
    allowance_ = wanted;
  }
  allowance_ -= bytes;
  return true;
}

MemoryTier& memoryTier() {
  // Never destroyed: jobs may still run while the process ends.
  static MemoryTier& tier = *new MemoryTier(availableMemory);
  return tier;
}

uint64_t memoryFor(uint64_t bytes) {
  const uint64_t available = availableMemory();
  if (available == 0 || available >= bytes) return available;
  memoryTier().giveWay(bytes - available);
  return availableMemory();
}

}  // namespace kvasir::engine
