// Elements of a strided view, in row-major order, into contiguous memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace t7 {

// Copies elements first … first + count − 1 of the row-major order of a view to `out`.
// `storage` is element 0 of the storage; `shape`, `strides` and `storage_offset` are in elements;
// strides may be 0 or negative. element_bytes is 1, 2, 4 or 8. The caller guarantees that the
// product of the shape fits int64, that first + count is within it, that every element lies
// inside the storage, and that `out` has room and does not overlap it. ndim 0 with count 1 is
// one element. Sizes 0 are allowed with count 0.
void gather(const void* storage, size_t element_bytes, uint32_t ndim, const int64_t* shape,
            const int64_t* strides, int64_t storage_offset, uint64_t first, size_t count,
            void* out);

}  // namespace t7
