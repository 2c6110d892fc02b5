// The one exception of the native code. `code` is one of src/shared/errors.ts; the text names what was expected, what
// came and what to do.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace kvasir {

class Error : public std::runtime_error {
 public:
  Error(std::string code, const std::string& text) : std::runtime_error(text), code_(std::move(code)) {}
  const std::string& code() const noexcept { return code_; }

 private:
  std::string code_;
};

}  // namespace kvasir
