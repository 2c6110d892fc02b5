#include "coders.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <vector>

#include "../codec/file.h"

namespace kvasir::engine {
namespace {

// Profiles that are in use at once.
constexpr size_t MOST_KEPT = 6;
constexpr uint64_t MOST_BYTES = uint64_t{1} << 30;

struct Kept {
  codec::Digest digest;
  std::shared_ptr<const codec::Coder> coder;
};

std::mutex mutex;
// The one used last in front.
std::list<Kept> kept;

codec::Codebook readFile(const CodebookFile& named) {
  const codec::File file(named.path, codec::File::Mode::Read);
  const auto damaged = [&](const std::string& what) {
    return Error("object.damaged",
                 "Expected a sound codebook at " + named.path + ", but " + what + ".");
  };
  if (file.size() > MOST_BYTES) throw damaged("it is far too large");
  std::vector<uint8_t> bytes(file.size());
  if (!file.readAt(0, bytes.data(), bytes.size())) throw damaged("it is cut");
  if (codec::sha256(bytes.data(), bytes.size()) != named.digest) throw damaged("it is not " + named.digest.hex());
  return codec::parseCodebook(bytes, named.path);
}

}  // namespace

// No fault of the caches that are read by it: they are sound once it is back.
codec::Codebook readCodebook(const CodebookFile& named) {
  try {
    return readFile(named);
  } catch (const Error& error) {
    if (error.code().rfind("object.", 0) != 0) throw;
    throw Error("store.damaged", std::string(error.what()) +
                                     " Restore this file, or calibrate the model's profiles anew and build again.");
  }
}

std::shared_ptr<const codec::Coder> coderOf(const CodebookFile& file) {
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = std::find_if(kept.begin(), kept.end(), [&](const Kept& each) { return each.digest == file.digest; });
  if (found != kept.end()) {
    kept.splice(kept.begin(), kept, found);
  } else {
    kept.push_front({file.digest, std::make_shared<const codec::Coder>(readCodebook(file))});
    if (kept.size() > MOST_KEPT) kept.pop_back();
  }
  return kept.front().coder;
}

}  // namespace kvasir::engine
