#include "gguf_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

// Tensor data has to start where ggml's kernels expect it.
constexpr uint64_t DEFAULT_ALIGNMENT = 32;
constexpr uint64_t MAX_ALIGNMENT = 1u << 16;

constexpr std::array<const char*, 13> TYPE_NAMES{"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                                 "bool", "string", "array", "u64", "i64", "f64"};

// A position in the file that never leaves it.
class Cursor {
 public:
  Cursor(const MappedFile& file) : file_(file) {}

  [[noreturn]] void damaged(const std::string& what) const {
    throw Error("model.damaged", "Expected a sound GGUF file at " + file_.path() + ", but " + what + " (near byte " +
                                     std::to_string(at_) + "). Download the model again.");
  }

  const uint8_t* bytes(uint64_t count, const std::string& what) {
    if (count > file_.size() - at_) {
      damaged("it ends inside " + what + ", which needs " + std::to_string(count) + " bytes where " +
              std::to_string(file_.size() - at_) + " are left");
    }
    const uint8_t* data = file_.data() + at_;
    at_ += count;
    return data;
  }

  template <class T>
  T number(const std::string& what) {
    T value;
    std::memcpy(&value, bytes(sizeof value, what), sizeof value);
    return value;
  }

  uint64_t count(uint64_t limit, const std::string& what) {
    const uint64_t value = number<uint64_t>(what);
    if (value > limit) damaged(what + " is " + std::to_string(value) + ", above the limit of " + std::to_string(limit));
    return value;
  }

  std::string_view string(uint64_t limit, const std::string& what) {
    const uint64_t length = count(limit, "the length of " + what);
    return {reinterpret_cast<const char*>(bytes(length, what)), static_cast<size_t>(length)};
  }

  uint64_t at() const { return at_; }
  uint64_t left() const { return file_.size() - at_; }

 private:
  const MappedFile& file_;
  uint64_t at_ = 0;
};

GgufType readType(Cursor& cursor, const std::string& what) {
  const uint32_t type = cursor.number<uint32_t>("the type of " + what);
  if (type >= TYPE_NAMES.size()) cursor.damaged(what + " has the unknown value type " + std::to_string(type));
  return static_cast<GgufType>(type);
}

GgufArray readArray(Cursor& cursor, const std::string& what) {
  GgufArray array;
  array.type = readType(cursor, "the elements of " + what);
  if (array.type == GgufType::Array) cursor.damaged(what + " is an array of arrays, which the format's readers refuse");
  array.count = cursor.count(MAX_GGUF_ARRAY, "the size of " + what);
  if (array.type != GgufType::String) {
    array.data = cursor.bytes(array.count * ggufTypeBytes(array.type), what);
    return array;
  }
  // Each string takes at least its length field, so a huge count in a short file allocates nothing.
  if (array.count > cursor.left() / sizeof(uint64_t)) cursor.damaged("it ends inside " + what);
  array.strings.reserve(array.count);
  for (uint64_t i = 0; i < array.count; i++) array.strings.push_back(cursor.string(MAX_GGUF_STRING_BYTES, what));
  return array;
}

GgufValue readValue(Cursor& cursor, const std::string& what) {
  GgufValue value;
  value.type = readType(cursor, what);
  switch (value.type) {
    case GgufType::U8: value.content = uint64_t{cursor.number<uint8_t>(what)}; break;
    case GgufType::U16: value.content = uint64_t{cursor.number<uint16_t>(what)}; break;
    case GgufType::U32: value.content = uint64_t{cursor.number<uint32_t>(what)}; break;
    case GgufType::U64: value.content = cursor.number<uint64_t>(what); break;
    case GgufType::I8: value.content = int64_t{cursor.number<int8_t>(what)}; break;
    case GgufType::I16: value.content = int64_t{cursor.number<int16_t>(what)}; break;
    case GgufType::I32: value.content = int64_t{cursor.number<int32_t>(what)}; break;
    case GgufType::I64: value.content = cursor.number<int64_t>(what); break;
    case GgufType::F32: value.content = double{cursor.number<float>(what)}; break;
    case GgufType::F64: value.content = cursor.number<double>(what); break;
    case GgufType::Bool: value.content = cursor.number<uint8_t>(what) != 0; break;
    case GgufType::String: value.content = cursor.string(MAX_GGUF_STRING_BYTES, what); break;
    case GgufType::Array: value.content = readArray(cursor, what); break;
  }
  return value;
}

bool hasNul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

std::string readKey(Cursor& cursor) {
  const std::string key{cursor.string(MAX_GGUF_KEY_BYTES, "a metadata key")};
  if (key.empty() || hasNul(key)) cursor.damaged("a metadata key is empty or holds a zero byte");
  return key;
}

// Bytes of a tensor of this shape and type, or a refusal. ggml's own size functions take anything, so the shape is
// bounded first.
uint64_t tensorBytes(const Cursor& cursor, const GgufTensor& tensor) {
  const std::string what = "the tensor " + tensor.name;
  uint64_t elements = 1;
  for (const int64_t n : tensor.ne) {
    if (n < 1 || static_cast<uint64_t>(n) > MAX_GGUF_DIMENSION) {
      cursor.damaged(what + " has a dimension of " + std::to_string(n));
    }
    if (elements > MAX_GGUF_DIMENSION / static_cast<uint64_t>(n)) cursor.damaged(what + " has an absurd size");
    elements *= static_cast<uint64_t>(n);
  }
  const auto block = static_cast<uint64_t>(ggml_blck_size(tensor.type));
  if (static_cast<uint64_t>(tensor.ne[0]) % block != 0) {
    cursor.damaged(what + " has rows of " + std::to_string(tensor.ne[0]) + " elements, which its type " +
                   ggml_type_name(tensor.type) + " packs in blocks of " + std::to_string(block));
  }
  // elements <= 2^40 and a block is at most a few hundred bytes: no overflow.
  return elements / block * ggml_type_size(tensor.type);
}

GgufTensor readTensor(Cursor& cursor) {
  GgufTensor tensor;
  const std::string_view name = cursor.string(MAX_GGUF_KEY_BYTES, "a tensor's name");
  if (name.empty() || name.size() >= GGML_MAX_NAME || hasNul(name)) {
    cursor.damaged("a tensor's name has " + std::to_string(name.size()) + " bytes where 1 to " +
                   std::to_string(GGML_MAX_NAME - 1) + " without zero bytes are allowed");
  }
  tensor.name = std::string(name);
  const std::string what = "the tensor " + tensor.name;
  tensor.dimensions = cursor.number<uint32_t>(what);
  if (tensor.dimensions < 1 || tensor.dimensions > GGML_MAX_DIMS) {
    cursor.damaged(what + " has " + std::to_string(tensor.dimensions) + " dimensions");
  }
  for (uint32_t i = 0; i < tensor.dimensions; i++) tensor.ne[i] = cursor.number<int64_t>(what);
  const uint32_t type = cursor.number<uint32_t>(what);
  if (type >= GGML_TYPE_COUNT || ggml_blck_size(static_cast<ggml_type>(type)) < 1) {
    throw Error("model.unsupported", "Expected tensor types that ggml " + std::string(ggml_version()) + " knows, but " +
                                         what + " has type number " + std::to_string(type) + ".");
  }
  tensor.type = static_cast<ggml_type>(type);
  tensor.offset = cursor.number<uint64_t>(what);
  tensor.bytes = tensorBytes(cursor, tensor);
  return tensor;
}

[[noreturn]] void wrongType(const std::string& path, const std::string& key, const char* expected, GgufType actual) {
  throw Error("model.damaged",
              "Expected " + key + " to be " + expected + ", but it is " + ggufTypeName(actual) + " in " + path + ".");
}

}  // namespace

const char* ggufTypeName(GgufType type) { return TYPE_NAMES[static_cast<size_t>(type)]; }

size_t ggufTypeBytes(GgufType type) {
  switch (type) {
    case GgufType::U8:
    case GgufType::I8:
    case GgufType::Bool: return 1;
    case GgufType::U16:
    case GgufType::I16: return 2;
    case GgufType::U32:
    case GgufType::I32:
    case GgufType::F32: return 4;
    case GgufType::U64:
    case GgufType::I64:
    case GgufType::F64: return 8;
    case GgufType::String:
    case GgufType::Array: break;
  }
  return 0;
}

GgufFile::GgufFile(const std::string& path) : file_(path) {
  requireGgml();
  Cursor cursor(file_);
  if (file_.size() < 4 || std::memcmp(file_.data(), "GGUF", 4) != 0) {
    throw Error("model.damaged", "Expected a GGUF file at " + path + ", but it does not start with \"GGUF\".");
  }
  cursor.bytes(4, "the magic");
  const uint32_t version = cursor.number<uint32_t>("the header");
  if (version != 2 && version != 3) {
    throw Error("model.unsupported", "Expected a little-endian GGUF of version 2 or 3, but " + path +
                                         " is of version " + std::to_string(version) + ". Convert the model anew.");
  }
  const uint64_t tensorCount = cursor.count(MAX_GGUF_TENSORS, "the number of tensors");
  const uint64_t keyCount = cursor.count(MAX_GGUF_KEYS, "the number of metadata entries");
  for (uint64_t i = 0; i < keyCount; i++) {
    const std::string key = readKey(cursor);
    if (!values_.emplace(key, readValue(cursor, key)).second) cursor.damaged("the key " + key + " appears twice");
    keys_.push_back(key);
  }
  for (uint64_t i = 0; i < tensorCount; i++) {
    tensors_.push_back(readTensor(cursor));
    if (!tensorIndex_.emplace(tensors_.back().name, i).second) {
      cursor.damaged("the tensor " + tensors_.back().name + " appears twice");
    }
  }
  const uint64_t alignment = u32("general.alignment").value_or(DEFAULT_ALIGNMENT);
  if (alignment < DEFAULT_ALIGNMENT || alignment > MAX_ALIGNMENT || (alignment & (alignment - 1)) != 0) {
    cursor.damaged("its alignment of " + std::to_string(alignment) + " is no power of two from 32 to 65536");
  }
  const uint64_t start = (cursor.at() + alignment - 1) / alignment * alignment;
  for (GgufTensor& tensor : tensors_) {
    const uint64_t room = start < file_.size() ? file_.size() - start : 0;
    if (tensor.offset % alignment != 0 || tensor.offset > room || tensor.bytes > room - tensor.offset) {
      cursor.damaged("the tensor " + tensor.name + " lies at " + std::to_string(tensor.offset) + " with " +
                     std::to_string(tensor.bytes) + " bytes, outside the " + std::to_string(room) +
                     " bytes of tensor data or unaligned; the download may be incomplete");
    }
    tensor.offset += start;
  }
}

const GgufTensor* GgufFile::tensor(const std::string& name) const {
  const auto found = tensorIndex_.find(name);
  return found == tensorIndex_.end() ? nullptr : &tensors_[found->second];
}

const GgufValue* GgufFile::find(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

std::optional<uint32_t> GgufFile::u32(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return std::nullopt;
  constexpr uint64_t limit = std::numeric_limits<uint32_t>::max();
  if (const auto* u = std::get_if<uint64_t>(&value->content); u && *u <= limit) return static_cast<uint32_t>(*u);
  if (const auto* i = std::get_if<int64_t>(&value->content); i && *i >= 0 && static_cast<uint64_t>(*i) <= limit) {
    return static_cast<uint32_t>(*i);
  }
  wrongType(path(), key, "a whole number from 0 to 2^32 - 1", value->type);
}

std::optional<float> GgufFile::f32(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return std::nullopt;
  const auto* number = std::get_if<double>(&value->content);
  if (!number || !std::isfinite(*number)) wrongType(path(), key, "a finite floating-point number", value->type);
  return static_cast<float>(*number);
}

std::optional<bool> GgufFile::boolean(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return std::nullopt;
  const auto* flag = std::get_if<bool>(&value->content);
  if (!flag) wrongType(path(), key, "true or false", value->type);
  return *flag;
}

std::optional<std::string> GgufFile::string(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return std::nullopt;
  const auto* text = std::get_if<std::string_view>(&value->content);
  if (!text) wrongType(path(), key, "a string", value->type);
  return std::string(*text);
}

const GgufArray* GgufFile::array(const std::string& key, GgufType element) const {
  const GgufValue* value = find(key);
  if (!value) return nullptr;
  const auto* array = std::get_if<GgufArray>(&value->content);
  if (!array || array->type != element) {
    wrongType(path(), key, (std::string("an array of ") + ggufTypeName(element)).c_str(), value->type);
  }
  return array;
}

}  // namespace kvasir::engine
