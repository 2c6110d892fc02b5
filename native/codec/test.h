// The few lines of test frame that the codec's tests need: register, check, report.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "error.h"

namespace kvasir::test {

struct Case {
  const char* name;
  std::function<void()> run;
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

struct Register {
  Register(const char* name, std::function<void()> run) { cases().push_back({name, std::move(run)}); }
};

struct Failure {
  std::string text;
};

inline void expect(bool holds, const std::string& text) {
  if (!holds) throw Failure{text};
}

// Runs `action` and gives the code of the error it throws; "" when it throws none.
inline std::string codeOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

}  // namespace kvasir::test

#define TEST(name)                                                    \
  static void name();                                                 \
  static const kvasir::test::Register register_##name(#name, &name);  \
  static void name()
#define EXPECT(condition) \
  kvasir::test::expect(condition, std::string(__FILE__) + ":" + std::to_string(__LINE__) + " " #condition)
