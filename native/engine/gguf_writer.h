// Writes a GGUF of version 3, little-endian: metadata, then tensors in the order they were announced.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "ggml_api.h"

namespace kvasir::engine {

class GgufWriter {
 public:
  // Removes the file again unless `finish` succeeds. 'file.unreadable' when it cannot be made.
  explicit GgufWriter(const std::string& path);
  ~GgufWriter();
  GgufWriter(const GgufWriter&) = delete;
  GgufWriter& operator=(const GgufWriter&) = delete;

  void set(const std::string& key, uint32_t value);
  void set(const std::string& key, float value);
  void set(const std::string& key, bool value);
  void set(const std::string& key, const std::string& value);
  void set(const std::string& key, const std::vector<std::string>& values);
  void set(const std::string& key, const std::vector<int32_t>& values);

  // All tensors are announced before the first one's data.
  void announce(const std::string& name, ggml_type type, const std::vector<int64_t>& shape);
  // Data of the announced tensors in order, in pieces of any size. 'store.full'.
  void write(const void* data, size_t bytes);
  // Between two tensors: pads to the next one's place.
  void endTensor();
  // Size of the file.
  uint64_t finish();

 private:
  void startValue(const std::string& key, uint32_t type);
  void startData();

  std::string path_;
  std::ofstream file_;
  std::string metadata_;
  std::string tensors_;
  uint64_t keys_ = 0;
  uint64_t count_ = 0;
  uint64_t offset_ = 0;
  uint64_t written_ = 0;
  bool data_ = false;
  bool finished_ = false;
};

}  // namespace kvasir::engine
