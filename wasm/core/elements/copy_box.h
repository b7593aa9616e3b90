// Boxes of elements moved from one strided layout to another.
#pragma once

#include <cstddef>
#include <cstdint>

namespace t7 {

inline constexpr uint32_t kMaxBoxDims = 64;

// Copies the elements of a box of ndim ≤ kMaxBoxDims dimensions, all of size ≥ 1. `from` and `to`
// are the places of its first element; strides are in elements, and may be 0 or negative for
// `from`, negative for `to`. element_bytes is 1, 2, 4 or 8. The two do not overlap. Walks with the
// last dimension innermost: give the dimensions in the order of memory, largest stride first.
void copy_box(size_t element_bytes, uint32_t ndim, const int64_t* shape, const void* from,
              const int64_t* from_strides, void* to, const int64_t* to_strides);

}  // namespace t7
