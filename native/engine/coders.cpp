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

}  // namespace

codec::Codebook readCodebook(const CodebookFile& named) {
  const codec::File file(named.path, codec::File::Mode::Read);
  const auto damaged = [&](const std::string& what) {
    return Error("object.damaged",
                 "Expected a sound codebook at " + named.path + ", but " + what + "; calibrate the model again.");
  };
  if (file.size() > MOST_BYTES) throw damaged("it is far too large");
  std::vector<uint8_t> bytes(file.size());
  if (!file.readAt(0, bytes.data(), bytes.size())) throw damaged("it is cut");
  if (codec::sha256(bytes.data(), bytes.size()) != named.digest) throw damaged("it is not " + named.digest.hex());
  return codec::parseCodebook(bytes, named.path);
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
