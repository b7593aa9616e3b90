// Elements as they are on disk → native, aligned elements.
#pragma once

#include <cstddef>
#include <cstdint>

namespace t7 {

// Reverses the bytes of each of `count` elements of 1, 2, 4 or 8 bytes, in place.
void swap_bytes(void* elements, size_t element_bytes, size_t count);

// Sign-extends `count` native int32 at the start of `elements` to int64, in place; the buffer has
// room for count × 8 bytes.
void widen_int32(void* elements, size_t count);

// Exact. `floats` must not overlap `halves`.
void halves_to_floats(const uint16_t* halves, size_t count, float* floats);

}  // namespace t7
