// Arithmetic on strided views: how many elements, do they stay inside the storage.
#pragma once

#include <cstdint>

namespace t7 {

// Product of the shape, or -1 if it does not fit 63 bits. No dimension means no element
// (docs/format.md § Tensors). Sizes are >= 0.
inline int64_t view_size(const int64_t* shape, uint32_t ndim) {
  if (ndim == 0) return 0;
  for (uint32_t i = 0; i < ndim; ++i) {
    if (shape[i] == 0) return 0;
  }
  int64_t size = 1;
  for (uint32_t i = 0; i < ndim; ++i) {
    if (__builtin_mul_overflow(size, shape[i], &size)) return -1;
  }
  return size;
}

// The first and last storage element that a view with at least one element touches.
struct ViewSpan {
  bool overflow = false;
  int64_t low = 0;
  int64_t high = 0;
};

inline ViewSpan view_span(const int64_t* shape, const int64_t* strides, uint32_t ndim,
                          int64_t storage_offset) {
  ViewSpan span{false, storage_offset, storage_offset};
  for (uint32_t i = 0; i < ndim; ++i) {
    int64_t extent = 0;
    if (__builtin_mul_overflow(shape[i] - 1, strides[i], &extent)) return {true, 0, 0};
    int64_t& bound = extent < 0 ? span.low : span.high;
    if (__builtin_add_overflow(bound, extent, &bound)) return {true, 0, 0};
  }
  return span;
}

}  // namespace t7
