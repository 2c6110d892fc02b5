// Published vectors of SHA-256 (FIPS 180-4 examples, NIST) and XXH64 (doc/xxhash_spec.md and xxhash's sanity tests).
#include <cstring>

#include "sha256.h"
#include "test.h"
#include "xxh64.h"

using namespace kvasir::codec;

TEST(sha256_published_vectors) {
  const auto hex = [](const std::string& text) { return sha256(text.data(), text.size()).hex(); };
  EXPECT(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT(hex(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(sha256_in_pieces) {
  std::string text;
  for (int i = 0; i < 300; i++) text.push_back(static_cast<char>(i * 7));
  for (size_t cut = 0; cut <= text.size(); cut++) {
    Sha256 hash;
    hash.update(text.data(), cut).update(text.data() + cut, text.size() - cut);
    EXPECT(hash.finish() == sha256(text.data(), text.size()));
  }
}

TEST(digest_hex_round_trip) {
  const std::string hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT(Digest::parse(hex).hex() == hex);
  EXPECT(kvasir::test::codeOf([&] { Digest::parse(hex.substr(1)); }) == "argument.invalid");
  EXPECT(kvasir::test::codeOf([&] { Digest::parse(hex.substr(1) + "G"); }) == "argument.invalid");
}

// The buffer of xxhash's own sanity check: byte i is the top byte of PRIME32_1 * PRIME64_1^i.
static std::string sanityBuffer(size_t bytes) {
  std::string buffer;
  uint64_t generator = 2654435761u;
  for (size_t i = 0; i < bytes; i++, generator *= 11400714785074694797u) {
    buffer.push_back(static_cast<char>(generator >> 56));
  }
  return buffer;
}

TEST(xxh64_published_vectors) {
  constexpr uint64_t SEED = 2654435761u;
  const std::string buffer = sanityBuffer(222);
  EXPECT(xxh64(buffer.data(), 0) == 0xEF46DB3751D8E999);
  EXPECT(xxh64(buffer.data(), 0, SEED) == 0xAC75FDA2929B17EF);
  EXPECT(xxh64(buffer.data(), 1) == 0xE934A84ADB052768);
  EXPECT(xxh64(buffer.data(), 1, SEED) == 0x5014607643A9B4C3);
  EXPECT(xxh64(buffer.data(), 4) == 0x9136A0DCA57457EE);
  EXPECT(xxh64(buffer.data(), 14) == 0x8282DCC4994E35C8);
  EXPECT(xxh64(buffer.data(), 14, SEED) == 0xC3BD6BF63DEB6DF0);
  EXPECT(xxh64(buffer.data(), 222) == 0xB641AE8CB691C174);
  EXPECT(xxh64(buffer.data(), 222, SEED) == 0x20CB8AB7AE10C14A);
  EXPECT(xxh64("abc", 3) == 0x44BC2CF5AD770999);
}

TEST(xxh64_in_pieces) {
  const std::string buffer = sanityBuffer(222);
  for (size_t cut = 0; cut <= buffer.size(); cut++) {
    Xxh64 hash;
    hash.update(buffer.data(), cut).update(buffer.data() + cut, buffer.size() - cut);
    EXPECT(hash.value() == xxh64(buffer.data(), buffer.size()));
  }
}
