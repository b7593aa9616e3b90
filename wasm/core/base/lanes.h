// Vectors of 16 bytes: one source for native code and WebAssembly, without intrinsics.
//
// The compiler's vector types are used because its auto-vectoriser leaves our loops scalar in
// WebAssembly. The width is the same on every target, so the order of additions is too, and
// results agree to the bit (compile with -ffp-contract=off).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace t7 {

template <typename T, size_t kCount>
using Lanes __attribute__((vector_size(sizeof(T) * kCount))) = T;

using F32x4 = float __attribute__((vector_size(16)));
using F64x2 = double __attribute__((vector_size(16)));
using I32x4 = int32_t __attribute__((vector_size(16)));
using U32x4 = uint32_t __attribute__((vector_size(16)));
using I64x2 = int64_t __attribute__((vector_size(16)));
using U8x16 = uint8_t __attribute__((vector_size(16)));
using F32x2 = float __attribute__((vector_size(8)));
using I32x2 = int32_t __attribute__((vector_size(8)));

// Unaligned load and store.
template <typename V>
inline V load_lanes(const void* memory) {
  V lanes;
  std::memcpy(&lanes, memory, sizeof lanes);
  return lanes;
}

template <typename V>
inline void store_lanes(void* memory, V lanes) {
  std::memcpy(memory, &lanes, sizeof lanes);
}

// The first and the last two of four lanes, as doubles.
template <typename V>
inline F64x2 low_doubles(V lanes) {
  return __builtin_convertvector(__builtin_shufflevector(lanes, lanes, 0, 1), F64x2);
}

template <typename V>
inline F64x2 high_doubles(V lanes) {
  return __builtin_convertvector(__builtin_shufflevector(lanes, lanes, 2, 3), F64x2);
}

// Is any bit of a comparison's result set?
template <typename Mask>
inline bool any(Mask mask) {
  const I64x2 halves = bit_cast<I64x2>(mask);
  return (halves[0] | halves[1]) != 0;
}

// Reads one byte of every cache line, so that the loads that follow find the block in the cache.
// A loop with arithmetic waits for memory line by line; this one has many lines under way at once.
// (WebAssembly has no prefetch instruction.) Measured: streams three times as fast.
inline void warm_cache(const void* memory, size_t bytes) {
  constexpr size_t kLine = 64;
  const auto* at = static_cast<const unsigned char*>(memory);
  unsigned sum = 0;
  for (size_t i = 0; i < bytes; i += kLine) sum += at[i];
  [[maybe_unused]] volatile unsigned keep = sum;
}

}  // namespace t7
