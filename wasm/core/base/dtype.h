// The element types of tensors and storages, and the unit in which kernels see them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace t7 {

// In the order of `dtypes` in wasm/js/base/dtype.ts.
enum class Dtype : uint8_t { uint8, int8, int16, int32, int64, float32, float64, float16 };

inline constexpr size_t kDtypeCount = 8;

// Bytes of one element in memory: native byte order, aligned, float16 as stored.
constexpr size_t dtype_bytes(Dtype dtype) {
  constexpr uint8_t kBytes[kDtypeCount] = {1, 1, 2, 4, 8, 4, 8, 2};
  return kBytes[static_cast<size_t>(dtype)];
}

constexpr bool is_integer(Dtype dtype) { return dtype <= Dtype::int64; }

// Kernels are given tiles: this many consecutive elements, counted from the tensor's first, the
// last tile shorter. Results are combined in tile order, which makes them the same to the bit
// wherever they are computed.
inline constexpr size_t kTileElements = 65536;

}  // namespace t7
