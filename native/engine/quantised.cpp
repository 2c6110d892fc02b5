#include "quantised.h"

#include <vector>

#include "../codec/format.h"
#include "ggml_api.h"

namespace kvasir::engine {
namespace {

ggml_type typeOf(const std::string& name) {
  if (name == "q8_0") return GGML_TYPE_Q8_0;
  if (name == "q4_0") return GGML_TYPE_Q4_0;
  throw Error("argument.invalid", "Expected q8_0 or q4_0, got '" + name + "'.");
}

}  // namespace

uint64_t quantiseObject(const std::string& path, const codec::Digest& key, const std::string& name,
                        const std::string& to) {
  requireGgml();
  const ggml_type type = typeOf(name);
  codec::ObjectIdentity identity = codec::ObjectReader::inspect(path);
  identity.key = key;
  const codec::ObjectReader reader(path, identity);
  codec::ObjectWriter writer(to, identity);
  uint64_t bytes = 0;
  for (uint32_t layer = 0; layer < identity.layers; layer++) {
    for (const codec::Kind kind : {codec::Kind::K, codec::Kind::V}) {
      const int64_t width = kind == codec::Kind::K ? identity.k_width : identity.v_width;
      if (width % ggml_blck_size(type) != 0)
        throw Error("argument.invalid", "Expected rows of whole blocks of " + name + ", but they have " +
                                            std::to_string(width) + " numbers.");
      const size_t elements = identity.tokens * static_cast<size_t>(width);
      std::vector<uint16_t> f16(elements);
      std::vector<float> numbers(elements);
      std::vector<uint8_t> packed(identity.tokens * ggml_row_size(type, width));
      reader.read(layer, kind, f16.data(), elements);
      ggml_fp16_to_fp32_row(f16.data(), numbers.data(), static_cast<int64_t>(elements));
      ggml_quantize_chunk(type, numbers.data(), packed.data(), 0, identity.tokens, width, nullptr);
      ggml_get_type_traits(type)->to_float(packed.data(), numbers.data(), static_cast<int64_t>(elements));
      ggml_fp32_to_fp16_row(numbers.data(), f16.data(), static_cast<int64_t>(elements));
      writer.write(layer, kind, f16.data(), elements);
      bytes += packed.size();
    }
  }
  writer.finish();
  return bytes;
}

}  // namespace kvasir::engine
