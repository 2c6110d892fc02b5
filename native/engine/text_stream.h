// Turns tokens' bytes into text that can be shown: whole UTF-8 characters, nothing of a stop string.
#pragma once

#include <string>
#include <vector>

namespace kvasir::engine {

class TextStream {
 public:
  explicit TextStream(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // Takes a token's bytes and returns what may be shown now. Bytes that could begin a stop string or end in the middle
  // of a character are held back. Nothing is taken after `stopped`.
  std::string push(const std::string& bytes);
  // What was held back, at the end of an answer without a stop string; a broken character becomes U+FFFD.
  std::string finish();
  bool stopped() const noexcept { return stopped_; }
  // Everything shown so far.
  const std::string& text() const noexcept { return text_; }

 private:
  std::string show(size_t bytes);

  std::vector<std::string> stops_;
  std::string held_;
  std::string text_;
  bool stopped_ = false;
};

// `bytes` with every sequence that is not UTF-8 replaced by U+FFFD.
std::string validUtf8(const std::string& bytes);

}  // namespace kvasir::engine
