// kvasir-native-tests: prints one line per test ("ok name" or "failed name: why"); ends with 1 when one failed.
#include "test.h"

int main() {
  int failed = 0;
  for (const auto& test : kvasir::test::cases()) {
    try {
      test.run();
      std::printf("ok %s\n", test.name);
    } catch (const kvasir::test::Failure& failure) {
      std::printf("failed %s: %s\n", test.name, failure.text.c_str());
      failed++;
    } catch (const std::exception& error) {
      std::printf("failed %s: %s\n", test.name, error.what());
      failed++;
    }
  }
  return failed == 0 ? 0 : 1;
}
