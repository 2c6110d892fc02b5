// The memory tier alone: what it keeps, what gives way, and that it does what a plain reference does.
#include "memory_tier.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "../codec/test.h"

using kvasir::engine::LayerId;
using kvasir::engine::MemoryReport;
using kvasir::engine::MemoryTier;

namespace {

constexpr uint64_t PLENTY = uint64_t{1} << 40;

LayerId layer(uint32_t number) {
  LayerId id;
  id.layer = number;
  return id;
}

MemoryTier::Lease keep(MemoryTier& tier, uint32_t number, size_t elements, double ms) {
  MemoryTier::Lease lease = tier.make(layer(number), elements);
  if (!lease) return lease;
  std::fill_n(lease.rows(), elements, static_cast<uint16_t>(number));
  lease.keep(ms);
  return lease;
}

bool keeps(MemoryTier& tier, uint32_t number, size_t elements, double ms) {
  return static_cast<bool>(keep(tier, number, elements, ms));
}

bool has(MemoryTier& tier, uint32_t number) { return static_cast<bool>(tier.find(layer(number))); }

}  // namespace

TEST(memory_keeps_nothing_without_a_budget) {
  MemoryTier tier([] { return PLENTY; });
  EXPECT(!tier.make(layer(1), 8));
  tier.setBudget(64);
  EXPECT(keeps(tier, 1, 16, 1));
  EXPECT(has(tier, 1));
  const MemoryTier::Lease found = tier.find(layer(1));
  EXPECT(found.isKept() && found.rows()[15] == 1);
  tier.setBudget(0);
  // Somebody uses it.
  EXPECT(has(tier, 1));
}

TEST(memory_is_freed_when_the_budget_shrinks) {
  MemoryTier tier([] { return PLENTY; });
  tier.setBudget(64);
  keeps(tier, 1, 16, 1);
  keeps(tier, 2, 16, 2);
  EXPECT(tier.report().bytes == 64);
  tier.setBudget(32);
  EXPECT(!has(tier, 1) && has(tier, 2));
  tier.setBudget(0);
  EXPECT(!has(tier, 2) && tier.report().bytes == 0 && tier.report().layers == 0);
  EXPECT(!tier.make(layer(3), 1));
}

TEST(memory_tells_every_part_of_an_identity_apart) {
  MemoryTier tier([] { return PLENTY; });
  tier.setBudget(1024);
  LayerId id = layer(3);
  tier.make(id, 8).keep(1);
  const auto differs = [&](auto change) {
    LayerId other = id;
    change(other);
    return !tier.find(other);
  };
  EXPECT(!differs([](LayerId&) {}));
  EXPECT(differs([](LayerId& other) { other.layer = 2; }));
  EXPECT(differs([](LayerId& other) { other.contents = 1; }));
  EXPECT(differs([](LayerId& other) { other.key.bytes[31] = 1; }));
  EXPECT(differs([](LayerId& other) { other.codebook.bytes[0] = 1; }));
}

TEST(memory_does_not_show_what_is_being_made) {
  MemoryTier tier([] { return PLENTY; });
  tier.setBudget(64);
  {
    const MemoryTier::Lease making = tier.make(layer(1), 16);
    EXPECT(making && !making.isKept() && !has(tier, 1));
    // Another call goes on without.
    EXPECT(!tier.make(layer(1), 16));
    EXPECT(tier.report().bytes == 32);
  }
  // It failed: nothing is left of it.
  EXPECT(tier.report().bytes == 0 && tier.report().layers == 0);
  EXPECT(keeps(tier, 1, 16, 1));
}

TEST(memory_never_evicts_what_is_in_use) {
  MemoryTier tier([] { return PLENTY; });
  tier.setBudget(64);
  MemoryTier::Lease cheap = keep(tier, 1, 16, 0.001);
  keeps(tier, 2, 16, 1000);
  EXPECT(keeps(tier, 3, 16, 1));
  EXPECT(has(tier, 1) && !has(tier, 2) && has(tier, 3));
  MemoryTier::Lease third = tier.find(layer(3));
  EXPECT(!keeps(tier, 4, 16, 1000));
  EXPECT(!keeps(tier, 5, 1, 1000));
  tier.setBudget(16);
  EXPECT(tier.report().bytes == 64 && cheap.rows()[0] == 1 && third.rows()[0] == 3);
  third = {};
  cheap = {};
  EXPECT(tier.report().bytes == 0);
}

TEST(memory_evicts_by_time_use_and_size) {
  const auto survivor = [](auto fill) {
    MemoryTier tier([] { return PLENTY; });
    tier.setBudget(96);
    fill(tier);
    EXPECT(keeps(tier, 9, 16, 1));
    EXPECT(has(tier, 1) != has(tier, 2));
    return has(tier, 1) ? 1 : 2;
  };
  EXPECT(survivor([](MemoryTier& tier) { keep(tier, 1, 24, 5), keep(tier, 2, 24, 3); }) == 1);
  EXPECT(survivor([](MemoryTier& tier) { keep(tier, 1, 32, 4), keep(tier, 2, 16, 3); }) == 2);
  EXPECT(survivor([](MemoryTier& tier) {
           keep(tier, 1, 24, 2), keep(tier, 2, 24, 3);
           tier.find(layer(1)).use();
         }) == 1);
}

TEST(memory_forgets_what_was_used_long_ago) {
  MemoryTier tier([] { return PLENTY; });
  tier.setBudget(128);
  keeps(tier, 0, 16, 1);
  for (int i = 0; i < 10; i++) tier.find(layer(0)).use();
  for (uint32_t i = 1; i < 100; i++) keep(tier, i, 16, 1);
  EXPECT(!has(tier, 0));
}

TEST(memory_gives_way_to_the_system) {
  uint64_t available = PLENTY;
  MemoryTier tier([&] { return available; });
  tier.setBudget(PLENTY);
  EXPECT(keeps(tier, 1, 1 << 20, 1));
  EXPECT(keeps(tier, 2, 1 << 20, 2));
  tier.giveWay(1);
  EXPECT(!has(tier, 1) && has(tier, 2));
  available = uint64_t{100} << 20;
  // The little that was allowed before is not taken any more.
  EXPECT(!keeps(tier, 3, 1, 1));
  // A system that does not say.
  available = 0;
  EXPECT(keeps(tier, 3, 1, 1));
}

TEST(memory_goes_without_where_none_can_be_had) {
  MemoryTier tier([] { return uint64_t{0}; });
  tier.setBudget(UINT64_MAX / 2);
  EXPECT(!tier.make(layer(1), size_t{1} << 61));
  EXPECT(tier.report().bytes == 0 && tier.report().layers == 0 && tier.report().misses == 1);
}

namespace {

// GreedyDual-Size-Frequency as it is written down: everything looked through for every decision.
struct Reference {
  struct Item {
    uint32_t number;
    uint64_t bytes;
    double msPerByte, value;
    uint64_t uses;
    uint32_t leases;
  };
  uint64_t budget = 0, evictions = 0;
  double clock = 0;
  std::vector<Item> items;

  Item* find(uint32_t number) {
    const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.number == number; });
    return found == items.end() ? nullptr : &*found;
  }
  uint64_t bytes(bool inUse) const {
    uint64_t sum = 0;
    for (const Item& item : items) sum += !inUse || item.leases > 0 ? item.bytes : 0;
    return sum;
  }
  void fit(uint64_t more) {
    while (bytes(false) + more > budget) {
      auto least = items.end();
      for (auto item = items.begin(); item != items.end(); ++item)
        if (item->leases == 0 && (least == items.end() || item->value < least->value)) least = item;
      if (least == items.end()) return;
      clock = least->value;
      items.erase(least);
      evictions++;
    }
  }
  bool make(uint32_t number, uint64_t size, double ms) {
    if (bytes(true) + size > budget) return false;
    fit(size);
    items.push_back({number, size, ms / static_cast<double>(size), 0, 1, 1});
    items.back().value = clock + items.back().msPerByte;
    return true;
  }
  void use(Item& item) { item.value = clock + static_cast<double>(++item.uses) * item.msPerByte; }
};

}  // namespace

TEST(memory_does_what_the_reference_does) {
  std::mt19937 random(1);
  const auto below = [&](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
  MemoryTier tier([] { return PLENTY; });
  Reference reference;
  std::vector<std::pair<uint32_t, MemoryTier::Lease>> held;
  for (int step = 0; step < 40000; step++) {
    if (step % 500 == 0) {
      reference.budget = 200 + below(3000);
      tier.setBudget(reference.budget);
      reference.fit(0);
    }
    // Some are asked for more often than others.
    const uint32_t number = std::min(below(60), below(60));
    MemoryTier::Lease lease = tier.find(layer(number));
    Reference::Item* item = reference.find(number);
    EXPECT(static_cast<bool>(lease) == (item != nullptr));
    if (item) {
      item->leases++;
      lease.use();
      reference.use(*item);
    } else {
      const size_t elements = 1 + below(200);
      const double ms = 0.01 + below(1000000) / 1e5;
      lease = keep(tier, number, elements, ms);
      EXPECT(static_cast<bool>(lease) == reference.make(number, 2 * elements, ms));
    }
    if (lease) {
      EXPECT(lease.rows()[0] == number);
      held.emplace_back(number, std::move(lease));
    }
    // Calls end in any order.
    while (held.size() > 4 || (!held.empty() && below(3) == 0)) {
      std::swap(held[below(static_cast<uint32_t>(held.size()))], held.back());
      reference.find(held.back().first)->leases--;
      held.pop_back();
      reference.fit(0);
    }
    const MemoryReport report = tier.report();
    EXPECT(report.bytes == reference.bytes(false) && report.layers == reference.items.size());
    EXPECT(report.evictions == reference.evictions);
    EXPECT(report.bytes <= report.budgetBytes || reference.bytes(true) == report.bytes);
  }
  EXPECT(reference.evictions > 1000);
}

TEST(memory_serves_several_threads) {
  MemoryTier tier([] { return PLENTY; });
  tier.setBudget(4096);
  std::atomic<bool> wrong{false};
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < 4; thread++) {
    threads.emplace_back([&, thread] {
      std::mt19937 random(thread);
      for (int step = 0; step < 5000; step++) {
        const auto number = static_cast<uint32_t>(random() % 40);
        const size_t elements = 64 + number;
        MemoryTier::Lease lease = tier.find(layer(number));
        if (lease) lease.use();
        else lease = keep(tier, number, elements, 1 + number);
        if (lease && (lease.rows()[0] != number || lease.rows()[elements - 1] != number)) wrong = true;
        if (step % 1000 == 0) tier.setBudget(2048 + random() % 4096);
        if (step % 777 == 0) tier.giveWay(500);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT(!wrong);
  tier.setBudget(0);
  EXPECT(tier.report().bytes == 0 && tier.report().layers == 0);
}
