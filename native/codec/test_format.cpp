// The object file's promises: what was written is read; any flipped, cut or added byte is 'object.damaged'; another key
// or shape is 'object.mismatch'; no input makes the reader do anything else.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "format.h"
#include "test.h"
#include "xxh64.h"

using namespace kvasir::codec;
using kvasir::test::codeOf;
namespace fs = std::filesystem;

namespace {

// Fixed so that a failure can be repeated (splitmix64, public domain).
struct Random {
  uint64_t state;
  uint64_t next() {
    uint64_t z = (state += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
};

// A file name of its own for each test, in the folder that the test runner gives (or the system's).
struct TempFile {
  std::string path;
  explicit TempFile(const char* name) {
    const char* folder = std::getenv("KVASIR_TEST_DIR");
    path = ((folder ? fs::path(folder) : fs::temp_directory_path()) /
            ("kvasir-codec-" + std::to_string(reinterpret_cast<uintptr_t>(this)) + "-" + name))
               .string();
  }
  ~TempFile() { File::remove(path); }
};

ObjectIdentity identityOf(uint32_t tokens, uint32_t layers, uint32_t k, uint32_t v) {
  ObjectIdentity identity{sha256("a chunk", 7), tokens, layers, k, v};
  return identity;
}

std::vector<uint16_t> values(const ObjectIdentity& identity, uint32_t layer, Kind kind) {
  Random random{layer * 2ull + static_cast<uint64_t>(kind)};
  std::vector<uint16_t> f16(size_t{identity.tokens} * (kind == Kind::K ? identity.k_width : identity.v_width));
  for (auto& x : f16) x = static_cast<uint16_t>(random.next());
  return f16;
}

uint64_t writeObject(const std::string& path, const ObjectIdentity& identity) {
  ObjectWriter writer(path, identity);
  for (uint32_t layer = 0; layer < identity.layers; layer++) {
    for (Kind kind : {Kind::K, Kind::V}) {
      const auto f16 = values(identity, layer, kind);
      writer.write(layer, kind, f16.data(), f16.size());
    }
  }
  return writer.finish();
}

std::vector<char> load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void save(const std::string& path, const std::vector<char>& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// What opening and reading everything ends in: "" or an error's code.
std::string outcome(const std::string& path, const ObjectIdentity& expected) {
  return codeOf([&] {
    const ObjectReader reader(path, expected);
    for (uint32_t layer = 0; layer < expected.layers; layer++) {
      for (Kind kind : {Kind::K, Kind::V}) {
        std::vector<uint16_t> f16(values(expected, layer, kind).size());
        reader.read(layer, kind, f16.data(), f16.size());
      }
    }
  });
}

// Puts a header field and a sound checksum over it: what only a deliberate forger writes.
template <class T>
std::vector<char> forged(std::vector<char> bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
  const uint64_t checksum = xxh64(bytes.data(), 120);
  std::memcpy(bytes.data() + 120, &checksum, 8);
  return bytes;
}

}  // namespace

TEST(object_round_trip) {
  // Widths that leave padding and widths that do not; a table that leaves padding and one that does not.
  for (const auto& identity : {identityOf(1, 1, 1, 1), identityOf(3, 2, 5, 7), identityOf(64, 3, 32, 32),
                               identityOf(7, 5, 128, 64)}) {
    TempFile file("round-trip");
    const uint64_t bytes = writeObject(file.path, identity);
    EXPECT(bytes == fs::file_size(file.path));
    EXPECT(bytes == objectBytes(identity));
    const ObjectReader reader(file.path, identity);
    EXPECT(reader.bytes() == bytes);
    for (uint32_t layer = 0; layer < identity.layers; layer++) {
      for (Kind kind : {Kind::K, Kind::V}) {
        const auto expected = values(identity, layer, kind);
        std::vector<uint16_t> actual(expected.size());
        reader.read(layer, kind, actual.data(), actual.size());
        EXPECT(actual == expected);
      }
    }
    reader.verify();
    const auto stated = ObjectReader::inspect(file.path);
    EXPECT(stated.key == identity.key && stated.tokens == identity.tokens && stated.layers == identity.layers);
    EXPECT(stated.k_width == identity.k_width && stated.v_width == identity.v_width);
  }
}

TEST(object_bytes_are_the_documented_ones) {
  // One token, one layer, widths 1: every field of format.h by hand.
  TempFile file("golden");
  const auto identity = identityOf(1, 1, 1, 1);
  ObjectWriter writer(file.path, identity);
  const uint16_t k = 0x3c00, v = 0xc000;
  writer.write(0, Kind::V, &v, 1);
  writer.write(0, Kind::K, &k, 1);
  EXPECT(writer.finish() == 192 + 64 + 64);
  const auto bytes = load(file.path);
  const auto u32 = [&](size_t at) { uint32_t x; std::memcpy(&x, bytes.data() + at, 4); return x; };
  const auto u64 = [&](size_t at) { uint64_t x; std::memcpy(&x, bytes.data() + at, 8); return x; };
  EXPECT(std::memcmp(bytes.data(), "\x89KVO\r\n\x1a\n", 8) == 0);
  EXPECT(u32(8) == 1 && u32(12) == 0);
  EXPECT(std::memcmp(bytes.data() + 16, identity.key.bytes.data(), 32) == 0);
  EXPECT(u32(48) == 1 && u32(52) == 1 && u32(56) == 1 && u32(60) == 1 && u32(64) == 2 && u32(68) == 0);
  EXPECT(u64(72) == 128 && u64(80) == 192 && u64(88) == 320 && u64(96) == xxh64(bytes.data() + 128, 64));
  EXPECT(u64(104) == 0 && u64(112) == 0 && u64(120) == xxh64(bytes.data(), 120));
  EXPECT(u32(128) == 0 && u32(132) == 0 && u64(136) == 192 && u64(144) == 2);
  EXPECT(u64(152) == xxh64(bytes.data() + 192, 64));
  EXPECT(u32(160) == 0 && u32(164) == 1 && u64(168) == 256 && u64(176) == 2);
  EXPECT(u64(184) == xxh64(bytes.data() + 256, 64));
  EXPECT((u32(192) & 0xffff) == 0x3c00 && (u32(256) & 0xffff) == 0xc000);
}

TEST(every_flipped_byte_is_found) {
  TempFile file("flip"), copy("flipped");
  const auto identity = identityOf(3, 2, 5, 7);
  writeObject(file.path, identity);
  const auto sound = load(file.path);
  for (size_t at = 0; at < sound.size(); at++) {
    for (int mask : {0x01, 0x80, 0xff}) {
      auto bytes = sound;
      bytes[at] = static_cast<char>(bytes[at] ^ mask);
      save(copy.path, bytes);
      const auto code = outcome(copy.path, identity);
      kvasir::test::expect(code == "object.damaged", "byte " + std::to_string(at) + " gave '" + code + "'");
    }
  }
  save(copy.path, sound);
  EXPECT(outcome(copy.path, identity) == "");
}

TEST(every_cut_and_extension_is_found) {
  TempFile file("cut"), copy("cut-short");
  const auto identity = identityOf(3, 2, 5, 7);
  writeObject(file.path, identity);
  const auto sound = load(file.path);
  for (size_t length = 0; length < sound.size(); length++) {
    save(copy.path, {sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(length)});
    EXPECT(outcome(copy.path, identity) == "object.damaged");
  }
  for (size_t more : {1, 63, 64, 4096}) {
    auto bytes = sound;
    bytes.resize(sound.size() + more);
    save(copy.path, bytes);
    EXPECT(outcome(copy.path, identity) == "object.damaged");
  }
}

TEST(other_key_or_shape_is_a_mismatch_naming_both_sides) {
  TempFile file("mismatch");
  const auto identity = identityOf(3, 2, 5, 7);
  writeObject(file.path, identity);
  auto other = identity;
  other.key = sha256("another", 7);
  for (const auto& expected : {other, identityOf(4, 2, 5, 7), identityOf(3, 1, 5, 7), identityOf(3, 2, 6, 7),
                               identityOf(3, 2, 5, 8)}) {
    try {
      const ObjectReader reader(file.path, expected);
      EXPECT(false);
    } catch (const kvasir::Error& error) {
      EXPECT(error.code() == "object.mismatch");
      const std::string text = error.what();
      EXPECT(text.find(identity.key.hex()) != std::string::npos && text.find(expected.key.hex()) != std::string::npos);
    }
  }
}

TEST(forged_headers_are_refused_before_allocation) {
  TempFile file("forged");
  const auto identity = identityOf(3, 2, 5, 7);
  writeObject(file.path, identity);
  const auto sound = load(file.path);
  const auto codeWith = [&](size_t at, auto value) {
    save(file.path, forged(sound, at, value));
    return outcome(file.path, identity);
  };
  for (size_t dimension : {48, 52, 56, 60}) {
    EXPECT(codeWith(dimension, 0u) == "object.damaged");
    EXPECT(codeWith(dimension, 0xffffffffu) == "object.damaged");
    EXPECT(codeWith(dimension, 1024u) == "object.damaged");
  }
  EXPECT(codeWith(64, 0xffffffffu) == "object.damaged");
  EXPECT(codeWith(72, ~0ull) == "object.damaged");
  EXPECT(codeWith(80, ~0ull) == "object.damaged");
  EXPECT(codeWith(88, ~0ull) == "object.damaged");
  EXPECT(codeWith(8, 2u) == "object.mismatch");
  EXPECT(codeWith(12, 1u) == "object.mismatch");
}

TEST(forged_tables_are_refused) {
  TempFile file("forged-table");
  const auto identity = identityOf(3, 2, 5, 7);
  writeObject(file.path, identity);
  const auto sound = load(file.path);
  for (size_t field : {0, 4, 8, 16}) {
    auto bytes = sound;
    bytes[128 + 32 + field] = static_cast<char>(bytes[128 + 32 + field] ^ 0x40);
    save(file.path, forged(bytes, 96, xxh64(bytes.data() + 128, 128)));
    EXPECT(outcome(file.path, identity) == "object.damaged");
  }
}

TEST(random_mutations_never_pass_or_crash) {
  TempFile file("mutate"), copy("mutated");
  const auto identity = identityOf(9, 3, 16, 24);
  writeObject(file.path, identity);
  const auto sound = load(file.path);
  Random random{20};
  for (int round = 0; round < 3000; round++) {
    auto bytes = sound;
    const auto changes = 1 + random.next() % 8;
    for (uint64_t i = 0; i < changes; i++) {
      // Half of them where the structure is.
      const size_t span = random.next() % 2 == 0 ? 512 : bytes.size();
      bytes[random.next() % span] = static_cast<char>(random.next());
    }
    const auto choice = random.next() % 4;
    if (choice == 0) bytes.resize(random.next() % (2 * sound.size()));
    // A forger who repairs the header's checksum still meets every other check.
    if (choice == 1) {
      const auto value = static_cast<uint32_t>(random.next() >> (random.next() % 64));
      bytes = forged(bytes, 48 + 4 * (random.next() % 14), value);
    }
    if (bytes == sound) continue;
    save(copy.path, bytes);
    const auto code = outcome(copy.path, identity);
    kvasir::test::expect(code == "object.damaged" || code == "object.mismatch",
                         "round " + std::to_string(round) + " gave '" + code + "'");
  }
}

TEST(file_changed_while_open_is_found) {
  TempFile file("shrunk");
  const auto identity = identityOf(64, 2, 32, 32);
  writeObject(file.path, identity);
  const ObjectReader reader(file.path, identity);
  fs::resize_file(file.path, 300);
  std::vector<uint16_t> f16(64 * 32);
  EXPECT(codeOf([&] { reader.read(1, Kind::V, f16.data(), f16.size()); }) == "object.damaged");
  EXPECT(codeOf([&] { reader.verify(); }) == "object.damaged");
}

TEST(what_is_no_file_is_unreadable) {
  const auto identity = identityOf(1, 1, 1, 1);
  const auto folder = fs::temp_directory_path();
  const auto nowhere = folder / "kvasir-there-is-no-such-folder" / "x";
  EXPECT(outcome(nowhere.string(), identity) == "object.unreadable");
  EXPECT(outcome(folder.string(), identity) == "object.unreadable");
  EXPECT(codeOf([&] { ObjectWriter(nowhere.string(), identity); }) == "object.unreadable");
}

TEST(unfinished_files_are_removed) {
  TempFile file("unfinished");
  const auto identity = identityOf(1, 2, 1, 1);
  {
    ObjectWriter writer(file.path, identity);
    const uint16_t one = 1;
    writer.write(0, Kind::K, &one, 1);
    EXPECT(fs::exists(file.path));
    EXPECT(codeOf([&] { writer.write(0, Kind::K, &one, 1); }) == "internal");
    EXPECT(codeOf([&] { writer.write(2, Kind::K, &one, 1); }) == "argument.invalid");
    EXPECT(codeOf([&] { writer.write(1, Kind::K, &one, 2); }) == "argument.invalid");
    EXPECT(codeOf([&] { writer.finish(); }) == "internal");
  }
  EXPECT(!fs::exists(file.path));
}

TEST(absurd_identities_are_refused) {
  EXPECT(codeOf([] { objectBytes(identityOf(0, 1, 1, 1)); }) == "argument.invalid");
  EXPECT(codeOf([] { objectBytes(identityOf(1, MAX_LAYERS + 1, 1, 1)); }) == "argument.invalid");
  EXPECT(objectBytes(identityOf(MAX_TOKENS, MAX_LAYERS, MAX_WIDTH, MAX_WIDTH)) > uint64_t{1} << 47);
}
