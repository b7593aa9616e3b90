#include "elements/convert.h"

#include <cstring>

#include "base/half.h"
#include "base/lanes.h"

namespace t7 {
namespace {

template <typename T>
T reversed(T value) {
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
}

inline U8x16 reversed_lanes(U8x16 v, uint16_t) {
  return __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}
inline U8x16 reversed_lanes(U8x16 v, uint32_t) {
  return __builtin_shufflevector(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}
inline U8x16 reversed_lanes(U8x16 v, uint64_t) {
  return __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
}

template <typename T>
void swap_each(unsigned char* bytes, size_t count) {
  constexpr size_t kPerVector = 16 / sizeof(T);
  size_t i = 0;
  for (; i + kPerVector <= count; i += kPerVector) {
    unsigned char* at = bytes + i * sizeof(T);
    store_lanes(at, reversed_lanes(load_lanes<U8x16>(at), T{}));
  }
  for (; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof value);
    value = reversed(value);
    std::memcpy(bytes + i * sizeof(T), &value, sizeof value);
  }
}

// Four halves (zero-extended) → four floats. Shifting the exponent into place and multiplying by
// 2^112 also puts subnormals right; infinity and NaN then get the largest exponent.
inline F32x4 four_floats(U32x4 halves) {
  const U32x4 rest = halves & 0x7fffu;
  const F32x4 magnitude = bit_cast<F32x4>(rest << 13) * 0x1p112f;
  const U32x4 special = bit_cast<U32x4>(rest >= 0x7c00u) & 0x7f800000u;
  return bit_cast<F32x4>(bit_cast<U32x4>(magnitude) | special | ((halves & 0x8000u) << 16));
}

}  // namespace

void swap_bytes(void* elements, size_t element_bytes, size_t count) {
  auto* bytes = static_cast<unsigned char*>(elements);
  if (element_bytes == 2) swap_each<uint16_t>(bytes, count);
  if (element_bytes == 4) swap_each<uint32_t>(bytes, count);
  if (element_bytes == 8) swap_each<uint64_t>(bytes, count);
}

void widen_int32(void* elements, size_t count) {
  auto* bytes = static_cast<unsigned char*>(elements);
  for (size_t i = count; i > 0; --i) {  // from the end: the narrow ones are not overwritten
    int32_t narrow;
    std::memcpy(&narrow, bytes + (i - 1) * sizeof narrow, sizeof narrow);
    const int64_t wide = narrow;
    std::memcpy(bytes + (i - 1) * sizeof wide, &wide, sizeof wide);
  }
}

void halves_to_floats(const uint16_t* halves, size_t count, float* floats) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const auto packed = load_lanes<Lanes<uint16_t, 8>>(halves + i);
    const auto low = __builtin_shufflevector(packed, packed, 0, 1, 2, 3);
    const auto high = __builtin_shufflevector(packed, packed, 4, 5, 6, 7);
    store_lanes(floats + i, four_floats(__builtin_convertvector(low, U32x4)));
    store_lanes(floats + i + 4, four_floats(__builtin_convertvector(high, U32x4)));
  }
  for (; i < count; ++i) floats[i] = half_to_float(halves[i]);
}

}  // namespace t7
