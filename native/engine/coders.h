// Codebooks that have been opened. The next query mostly needs the same ones, and those of wide models take megabytes.
#pragma once

#include <memory>
#include <string>

#include "../codec/coder.h"

namespace kvasir::engine {

struct CodebookFile {
  // Empty: none.
  std::string path;
  codec::Digest digest;

  bool isGiven() const noexcept { return !path.empty(); }
};

// The coder of a codebook's file, for decoding. 'store.damaged' where it cannot be read or is not of the digest
// or not sound. From any thread.
std::shared_ptr<const codec::Coder> coderOf(const CodebookFile& file);

// The bytes of a codebook's file, checked against its digest. Fails as `coderOf` does.
codec::Codebook readCodebook(const CodebookFile& file);

}  // namespace kvasir::engine
