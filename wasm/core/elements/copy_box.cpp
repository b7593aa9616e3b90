#include "elements/copy_box.h"

#include <cstring>

namespace t7 {
namespace {

template <typename T>
void copy_row(const T* from, int64_t from_stride, T* to, int64_t to_stride, int64_t count) {
  if (from_stride == 1 && to_stride == 1) {
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
    return;
  }
  for (int64_t i = 0; i < count; ++i) to[i * to_stride] = from[i * from_stride];
}

template <typename T>
void copy_as(uint32_t ndim, const int64_t* shape, const void* from_start,
             const int64_t* from_strides, void* to_start, const int64_t* to_strides) {
  const T* from = static_cast<const T*>(from_start);
  T* to = static_cast<T*>(to_start);
  if (ndim == 0) {
    *to = *from;
    return;
  }
  const uint32_t inner = ndim - 1;
  int64_t index[kMaxBoxDims] = {};
  for (;;) {
    copy_row(from, from_strides[inner], to, to_strides[inner], shape[inner]);
    uint32_t d = inner;
    for (;;) {
      if (d == 0) return;
      --d;
      if (++index[d] < shape[d]) break;
      from -= (shape[d] - 1) * from_strides[d];
      to -= (shape[d] - 1) * to_strides[d];
      index[d] = 0;
    }
    from += from_strides[d];
    to += to_strides[d];
  }
}

}  // namespace

void copy_box(size_t element_bytes, uint32_t ndim, const int64_t* shape, const void* from,
              const int64_t* from_strides, void* to, const int64_t* to_strides) {
  switch (element_bytes) {
    case 1: return copy_as<uint8_t>(ndim, shape, from, from_strides, to, to_strides);
    case 2: return copy_as<uint16_t>(ndim, shape, from, from_strides, to, to_strides);
    case 4: return copy_as<uint32_t>(ndim, shape, from, from_strides, to, to_strides);
    case 8: return copy_as<uint64_t>(ndim, shape, from, from_strides, to, to_strides);
  }
}

}  // namespace t7
