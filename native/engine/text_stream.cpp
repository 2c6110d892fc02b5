#include "text_stream.h"

#include <algorithm>

namespace kvasir::engine {
namespace {

constexpr const char* REPLACEMENT = "\xEF\xBF\xBD";

bool isContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Bytes of the character that a lead byte begins; 0 for a byte that begins none.
size_t characterBytes(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// The second byte's range excludes overlong forms, surrogates and numbers above U+10FFFF (Unicode, table 3-7).
bool secondFits(unsigned char lead, unsigned char second) {
  if (!isContinuation(second)) return false;
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xED) return second <= 0x9F;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second <= 0x8F;
  return true;
}

// Bytes at `at` that are or could become one character: its full length when whole, the rest of the text when it ends
// too early, 0 when it is broken.
size_t sound(const std::string& text, size_t at, bool& whole) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t length = characterBytes(byte(at));
  whole = false;
  if (length == 0) return 0;
  for (size_t i = 1; i < length; i++) {
    if (at + i >= text.size()) return i;
    if (i == 1 ? !secondFits(byte(at), byte(at + 1)) : !isContinuation(byte(at + i))) return 0;
  }
  whole = true;
  return length;
}

// Length of the text without an unfinished character at its end.
size_t wholeCharacters(const std::string& text) {
  const size_t from = text.size() > 3 ? text.size() - 3 : 0;
  for (size_t at = text.size(); at-- > from;) {
    bool whole;
    if (isContinuation(static_cast<unsigned char>(text[at]))) continue;
    return sound(text, at, whole) > 0 && !whole ? at : text.size();
  }
  return text.size();
}

// Length of the longest end of the text that begins `stop`.
size_t beginning(const std::string& text, const std::string& stop) {
  for (size_t n = std::min(text.size(), stop.size() - 1); n > 0; n--) {
    if (text.compare(text.size() - n, n, stop, 0, n) == 0) return n;
  }
  return 0;
}

}  // namespace

std::string validUtf8(const std::string& bytes) {
  std::string text;
  for (size_t at = 0; at < bytes.size();) {
    bool whole;
    const size_t length = sound(bytes, at, whole);
    if (whole) {
      text.append(bytes, at, length);
      at += length;
    } else {
      text += REPLACEMENT;
      at += std::max<size_t>(length, 1);
    }
  }
  return text;
}

std::string TextStream::push(const std::string& bytes) {
  if (stopped_) return "";
  held_ += bytes;
  size_t end = std::string::npos;
  for (const std::string& stop : stops_) end = std::min(end, held_.find(stop));
  if (end != std::string::npos) {
    stopped_ = true;
    held_.resize(end);
    return finish();
  }
  size_t open = 0;
  for (const std::string& stop : stops_) open = std::max(open, beginning(held_, stop));
  return show(std::min(held_.size() - open, wholeCharacters(held_)));
}

std::string TextStream::finish() { return show(held_.size()); }

std::string TextStream::show(size_t bytes) {
  const std::string shown = validUtf8(held_.substr(0, bytes));
  held_.erase(0, bytes);
  text_ += shown;
  return shown;
}

}  // namespace kvasir::engine
