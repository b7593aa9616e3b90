// Unaligned loads in either byte order.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace t7 {

inline uint16_t swap_bytes(uint16_t v) { return __builtin_bswap16(v); }
inline uint32_t swap_bytes(uint32_t v) { return __builtin_bswap32(v); }
inline uint64_t swap_bytes(uint64_t v) { return __builtin_bswap64(v); }

// Reads a T (unsigned, 2, 4 or 8 bytes) from any address. Both our targets are little-endian.
template <typename T>
inline T load(const uint8_t* p, bool big_endian) {
  static_assert(std::endian::native == std::endian::little);
  T v;
  std::memcpy(&v, p, sizeof v);
  return big_endian ? swap_bytes(v) : v;
}

}  // namespace t7
