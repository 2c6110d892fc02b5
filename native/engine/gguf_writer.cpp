#include "gguf_writer.h"

#include <filesystem>

#include "../codec/error.h"
#include "gguf_file.h"

namespace kvasir::engine {
namespace {

constexpr uint64_t ALIGNMENT = 32;
constexpr uint32_t VERSION = 3;

uint64_t aligned(uint64_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void putString(std::string& out, const std::string& text) {
  put<uint64_t>(out, text.size());
  out += text;
}

uint32_t number(GgufType type) { return static_cast<uint32_t>(type); }

}  // namespace

GgufWriter::GgufWriter(const std::string& path)
    : path_(path), file_(std::filesystem::u8path(path), std::ios::binary | std::ios::trunc) {
  if (!file_)
    throw Error("file.unreadable", "Expected to create the file " + path + ", but it cannot be written there.");
}

GgufWriter::~GgufWriter() {
  if (finished_) return;
  file_.close();
  std::error_code ignored;
  std::filesystem::remove(std::filesystem::u8path(path_), ignored);
}

void GgufWriter::startValue(const std::string& key, uint32_t type) {
  putString(metadata_, key);
  put(metadata_, type);
  keys_++;
}

void GgufWriter::set(const std::string& key, uint32_t value) {
  startValue(key, number(GgufType::U32));
  put(metadata_, value);
}

void GgufWriter::set(const std::string& key, float value) {
  startValue(key, number(GgufType::F32));
  put(metadata_, value);
}

void GgufWriter::set(const std::string& key, bool value) {
  startValue(key, number(GgufType::Bool));
  put<uint8_t>(metadata_, value ? 1 : 0);
}

void GgufWriter::set(const std::string& key, const std::string& value) {
  startValue(key, number(GgufType::String));
  putString(metadata_, value);
}

void GgufWriter::set(const std::string& key, const std::vector<std::string>& values) {
  startValue(key, number(GgufType::Array));
  put(metadata_, number(GgufType::String));
  put<uint64_t>(metadata_, values.size());
  for (const std::string& each : values) putString(metadata_, each);
}

void GgufWriter::set(const std::string& key, const std::vector<int32_t>& values) {
  startValue(key, number(GgufType::Array));
  put(metadata_, number(GgufType::I32));
  put<uint64_t>(metadata_, values.size());
  for (const int32_t each : values) put(metadata_, each);
}

void GgufWriter::announce(const std::string& name, ggml_type type, const std::vector<int64_t>& shape) {
  putString(tensors_, name);
  put(tensors_, static_cast<uint32_t>(shape.size()));
  uint64_t rows = 1;
  for (size_t i = 0; i < shape.size(); i++) {
    put(tensors_, shape[i]);
    if (i > 0) rows *= static_cast<uint64_t>(shape[i]);
  }
  put(tensors_, static_cast<uint32_t>(type));
  put(tensors_, offset_);
  offset_ += aligned(rows * ggml_row_size(type, shape[0]));
  count_++;
}

void GgufWriter::startData() {
  std::string header = "GGUF";
  put(header, VERSION);
  put(header, count_);
  put(header, keys_);
  header += metadata_ + tensors_;
  header.resize(aligned(header.size()));
  file_.write(header.data(), static_cast<std::streamsize>(header.size()));
  written_ = header.size();
  data_ = true;
}

void GgufWriter::write(const void* data, size_t bytes) {
  if (!data_) startData();
  file_.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
  written_ += bytes;
  if (!file_)
    throw Error("store.full", "Expected to write the model " + path_ + ", but the disk is full or was taken away.");
}

void GgufWriter::endTensor() {
  const std::string zeros(aligned(written_) - written_, '\0');
  write(zeros.data(), zeros.size());
}

uint64_t GgufWriter::finish() {
  if (!data_) startData();
  file_.close();
  if (!file_)
    throw Error("store.full", "Expected to write the model " + path_ + ", but the disk is full or was taken away.");
  finished_ = true;
  return written_;
}

}  // namespace kvasir::engine
