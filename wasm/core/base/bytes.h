// Unaligned loads in either byte order.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace t7 {

inline uint16_t swap_bytes(uint16_t v) { return __builtin_bswap16(v); }
inline uint32_t swap_bytes(uint32_t v) { return __builtin_bswap32(v); }
inline uint64_t swap_bytes(uint64_t v) { return __builtin_bswap64(v); }

// std::bit_cast, which the C++ library of Emscripten 3.1.6 does not have.
template <typename To, typename From>
inline To bit_cast(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

// Reads a T (unsigned, 2, 4 or 8 bytes) from any address. Both our targets are little-endian.
template <typename T>
inline T load(const uint8_t* p, bool big_endian) {
  static_assert(std::endian::native == std::endian::little);
  T v;
  std::memcpy(&v, p, sizeof v);
  return big_endian ? swap_bytes(v) : v;
}

// Short runs of bytes, as names are: for them a call of memcmp costs more than the comparison.
inline bool same_bytes(const uint8_t* a, const uint8_t* b, size_t length) {
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    if (load<uint64_t>(a + i, false) != load<uint64_t>(b + i, false)) return false;
  }
  for (; i < length; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace t7
