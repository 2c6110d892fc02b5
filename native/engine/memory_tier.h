// Decoded layers of caches, kept from one query to the next under a budget of bytes: what is here is neither read from
// its file nor checked nor decoded again.
//
// Where there is no room, what is worth least gives way, by GreedyDual-Size-Frequency (Cherkasova, HP Labs, HPL-98-69):
// value = clock + uses * milliseconds that it took / bytes. The clock is the value of what gave way last, so what is no
// longer used grows old. What a running call uses never gives way.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "../codec/sha256.h"

namespace kvasir::engine {

// A layer of an object file: what its numbers depend on.
struct LayerId {
  codec::Digest key;
  // Of the codebook; zeros where there is none.
  codec::Digest codebook;
  // The file's header checksum, which covers every plane's: another content is another one.
  uint64_t contents = 0;
  uint32_t layer = 0;

  bool operator<(const LayerId& other) const noexcept;
};

struct MemoryReport {
  uint64_t budgetBytes = 0;
  // K/V that are kept or being made.
  uint64_t bytes = 0;
  uint64_t layers = 0;
  // Layers taken from memory; decoded while there was a budget; that gave way.
  uint64_t hits = 0, misses = 0, evictions = 0;
};

// What is kept of one cache as it is coded by one codebook.
struct KeptCache {
  codec::Digest key, codebook;
  uint64_t layers = 0, bytes = 0;
};

// From any thread.
class MemoryTier {
 private:
  struct Entry;
  // By value.
  using Idle = std::multimap<double, Entry*>;

 public:
  // `available`: bytes that the system has left, 0 where it does not say. Nothing is kept before a budget is set.
  explicit MemoryTier(std::function<uint64_t()> available);
  MemoryTier(const MemoryTier&) = delete;
  MemoryTier& operator=(const MemoryTier&) = delete;

  // A layer that stays while this lives.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    // What was made, but not kept, goes.
    ~Lease();

    explicit operator bool() const noexcept { return entry_ != nullptr; }
    // f16, K behind V: [2][tokens][width]. For writing until it is kept.
    uint16_t* rows() const noexcept;
    // Whether its rows are there, rather than being made.
    bool isKept() const noexcept { return kept_; }
    // Counts a use of what is kept.
    void use();
    // The rows are there, and took so long.
    void keep(double ms);

   private:
    friend class MemoryTier;
    Lease(MemoryTier* tier, Entry* entry, bool kept) : tier_(tier), entry_(entry), kept_(kept) {}

    MemoryTier* tier_ = nullptr;
    Entry* entry_ = nullptr;
    bool kept_ = false;
  };

  // Empty where the layer is not kept.
  Lease find(const LayerId& id);
  // Room for a layer of `elements` to be decoded into. Empty where there is none beside what is in use, or none in the
  // system, or where another call is making it: the caller goes on without.
  Lease make(const LayerId& id, size_t elements) noexcept;

  // 0 keeps nothing. What is in use above it goes when its calls end.
  void setBudget(uint64_t bytes);
  // Gives up so much of what nobody uses.
  void giveWay(uint64_t bytes);
  MemoryReport report() const;
  // Without what is being made.
  std::vector<KeptCache> kept() const;

 private:
  struct Entry {
    LayerId id;
    std::unique_ptr<uint16_t[]> rows;
    size_t bytes = 0;
    double msPerByte = 0;
    uint64_t uses = 0;
    uint32_t leases = 0;
    bool kept = false;
    double value = 0;
    // Its place among those that nobody uses, or what will be: giving it back allocates nothing.
    Idle::iterator idle;
    Idle::node_type node;
  };

  void use(Entry& entry);
  void keep(Entry& entry, double ms);
  void release(Entry& entry);
  void erase(Entry& entry);
  void evict();
  void shrink();
  bool leavesEnough(size_t bytes);

  mutable std::mutex mutex_;
  std::function<uint64_t()> available_;
  std::map<LayerId, Entry> entries_;
  Idle idle_;
  uint64_t idleBytes_ = 0;
  double clock_ = 0;
  // Bytes that may be taken before the system is asked again.
  uint64_t allowance_ = 0;
  MemoryReport report_;
};

// The one of this process.
MemoryTier& memoryTier();

// `availableMemory`, for something of so many bytes: the tier gives way where that is needed.
uint64_t memoryFor(uint64_t bytes);

}  // namespace kvasir::engine
