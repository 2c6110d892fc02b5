#include "mask.h"

#include <algorithm>

#include "../codec/error.h"

namespace kvasir::engine {
namespace {

constexpr uint16_t F16_ZERO = 0x0000;
constexpr uint16_t F16_MINUS_INFINITY = 0xfc00;

}  // namespace

ggml_tensor* Mask::reserve(uint32_t kvRows, uint32_t queryRows) {
  const int64_t values = int64_t{kvRows} * queryRows;
  if (tensor_ && tensor_->ne[0] >= values) return tensor_;
  rows_.clear();
  buffer_.reset();
  context_.reset(ggml_init({ggml_tensor_overhead() * 2, nullptr, true}));
  const ggml_backend_dev_t device = model_.placement().device ? model_.placement().device : cpuDevice();
  if (context_) {
    tensor_ = ggml_new_tensor_1d(context_.get(), GGML_TYPE_F16, values);
    buffer_.reset(ggml_backend_alloc_ctx_tensors_from_buft(context_.get(), ggml_backend_dev_buffer_type(device)));
  }
  if (buffer_) return tensor_;
  tensor_ = nullptr;
  throw Error("engine.memory", "Expected memory for the mask of " + std::to_string(queryRows) + " rows over " +
                                   std::to_string(kvRows) + " keys, but it could not be had. " + takeGgmlLog() +
                                   " Choose smaller sub-batches or fewer documents.");
}

void Mask::write(const std::vector<uint32_t>& rows, uint32_t kvRows, const QueryRows& all, const QueryRows& last) {
  if (rows == rows_ && kvRows == kvRows_ && all == all_ && last == last_) return;
  const size_t width = kvRows;
  values_.resize(width * (all.padded + last.padded));
  auto row = values_.begin();
  const auto fill = [&](const QueryRows& queries) {
    const size_t skipped = rows.size() - std::min<size_t>(rows.size(), queries.tokens);
    for (uint32_t i = 0; i < queries.padded; i++, row += static_cast<ptrdiff_t>(width)) {
      const size_t token = skipped + i / queries.fold;
      const size_t visible = token < rows.size() ? std::min<size_t>(width, size_t{rows[token]} + 1) : 0;
      std::fill(row, row + static_cast<ptrdiff_t>(visible), F16_ZERO);
      std::fill(row + static_cast<ptrdiff_t>(visible), row + static_cast<ptrdiff_t>(width), F16_MINUS_INFINITY);
    }
  };
  fill(all);
  fill(last);
  ggml_backend_tensor_set(tensor_, values_.data(), 0, values_.size() * sizeof(uint16_t));
  rows_ = rows;
  kvRows_ = kvRows;
  all_ = all;
  last_ = last;
}

}  // namespace kvasir::engine
