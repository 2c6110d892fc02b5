// Little-endian numbers in the headers and tables of files.
#pragma once

#include <cstdint>
#include <cstring>

namespace kvasir::codec {

template <class T>
void put(uint8_t* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <class T>
T get(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

}  // namespace kvasir::codec
