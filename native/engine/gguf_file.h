// A GGUF file's metadata and tensor table, read and bounded by our own code: ggml and libllama abort the process on
// some damaged files, so they never parse one. Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
// (little-endian, versions 2 and 3).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "ggml_api.h"
#include "mapped_file.h"

namespace kvasir::engine {

// Far above anything published; a count beyond them is damage, not a model.
constexpr uint64_t MAX_GGUF_KEYS = 1u << 16;
constexpr uint64_t MAX_GGUF_TENSORS = 1u << 16;
constexpr uint64_t MAX_GGUF_KEY_BYTES = 1u << 12;
constexpr uint64_t MAX_GGUF_STRING_BYTES = 16u << 20;
constexpr uint64_t MAX_GGUF_ARRAY = 16u << 20;
constexpr uint64_t MAX_GGUF_DIMENSION = 1ull << 40;

// Value types as the format numbers them.
enum class GgufType : uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };

// Name of a value type, for error texts.
const char* ggufTypeName(GgufType type);
// Bytes of one number or flag; 0 for strings and arrays.
size_t ggufTypeBytes(GgufType type);

// Strings and arrays point into the mapped file.
struct GgufArray {
  GgufType type = GgufType::U8;
  uint64_t count = 0;
  // Elements of fixed size, packed and perhaps unaligned; null for strings.
  const uint8_t* data = nullptr;
  std::vector<std::string_view> strings;
};

struct GgufValue {
  GgufType type = GgufType::U8;
  std::variant<uint64_t, int64_t, double, bool, std::string_view, GgufArray> content;
};

struct GgufTensor {
  std::string name;
  ggml_type type = GGML_TYPE_F32;
  std::array<int64_t, GGML_MAX_DIMS> ne{1, 1, 1, 1};
  uint32_t dimensions = 0;
  // Within the file; `offset + bytes` lies inside it.
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

class GgufFile {
 public:
  // 'model.unreadable' for a file that cannot be opened, 'model.damaged' for one that contradicts itself,
  // 'model.unsupported' for another version, byte order or tensor type. Needs ggml for the sizes of tensor types.
  explicit GgufFile(const std::string& path);

  const MappedFile& file() const noexcept { return file_; }
  const std::string& path() const noexcept { return file_.path(); }
  const std::vector<GgufTensor>& tensors() const noexcept { return tensors_; }
  const GgufTensor* tensor(const std::string& name) const;

  // Null or nothing when the key is absent; 'model.damaged' when its value has another type or is out of range.
  const GgufValue* find(const std::string& key) const;
  std::optional<uint32_t> u32(const std::string& key) const;
  std::optional<float> f32(const std::string& key) const;
  std::optional<bool> boolean(const std::string& key) const;
  std::optional<std::string> string(const std::string& key) const;
  const GgufArray* array(const std::string& key, GgufType element) const;

  // Names in the order of the file.
  const std::vector<std::string>& keys() const noexcept { return keys_; }

 private:
  MappedFile file_;
  std::vector<std::string> keys_;
  std::unordered_map<std::string, GgufValue> values_;
  std::vector<GgufTensor> tensors_;
  std::unordered_map<std::string, size_t> tensorIndex_;
};

}  // namespace kvasir::engine
