#include "elements/gather.h"

#include <cstring>

namespace t7 {
namespace {

// Dimensions that do anything: after size 1 is dropped at most 62 factors ≥ 2 fit int64.
constexpr uint32_t kMaxDims = 64;

struct View {
  uint32_t ndim = 0;
  int64_t shape[kMaxDims];
  int64_t strides[kMaxDims];
};

// Drops dimensions of size 1 and joins neighbours that are walked with one stride.
View simplify(uint32_t ndim, const int64_t* shape, const int64_t* strides) {
  View view;
  for (uint32_t d = 0; d < ndim; ++d) {
    if (shape[d] == 1) continue;
    const uint32_t last = view.ndim - 1;
    int64_t step;
    if (view.ndim > 0 && !__builtin_mul_overflow(shape[d], strides[d], &step) &&
        view.strides[last] == step) {
      view.shape[last] *= shape[d];
      view.strides[last] = strides[d];
      continue;
    }
    view.shape[view.ndim] = shape[d];
    view.strides[view.ndim] = strides[d];
    ++view.ndim;
  }
  if (view.ndim == 0) {
    view.shape[0] = 1;
    view.strides[0] = 1;
    view.ndim = 1;
  }
  return view;
}

template <typename T>
void copy_strided(const T* from, int64_t stride, size_t count, T* out) {
  if (stride == 1) {
    std::memcpy(out, from, count * sizeof(T));
    return;
  }
  for (size_t i = 0; i < count; ++i) out[i] = from[static_cast<int64_t>(i) * stride];
}

// A block of rows whose neighbours are closer in memory than the elements of one row (a
// transposed matrix): columns outside, rows inside, so that every cache line is used at once.
constexpr size_t kBlockRows = 16;

template <typename T>
void copy_rows(const T* from, int64_t row_stride, int64_t stride, size_t row_length, T* out) {
  for (size_t column = 0; column < row_length; ++column) {
    const T* at = from + static_cast<int64_t>(column) * stride;
    for (size_t row = 0; row < kBlockRows; ++row) {
      out[row * row_length + column] = at[static_cast<int64_t>(row) * row_stride];
    }
  }
}

int64_t magnitude(int64_t stride) { return stride < 0 ? -stride : stride; }

// Walks the view with an odometer over all dimensions but the innermost.
template <typename T>
class Walk {
 public:
  Walk(const View& view, const T* storage, int64_t offset, uint64_t first)
      : view_(view), storage_(storage), at_(offset) {
    for (uint32_t d = view.ndim; d-- > 0;) {
      const auto size = static_cast<uint64_t>(view.shape[d]);
      index_[d] = static_cast<int64_t>(first % size);
      first /= size;
      at_ += index_[d] * view.strides[d];
    }
  }

  void copy(size_t count, T* out) {
    const uint32_t inner = view_.ndim - 1;
    const int64_t length = view_.shape[inner];
    while (count > 0) {
      const size_t block = kBlockRows * static_cast<size_t>(length);
      if (at_row_block() && count / kBlockRows >= static_cast<size_t>(length)) {
        copy_rows(storage_ + at_, view_.strides[inner - 1], view_.strides[inner],
                  static_cast<size_t>(length), out);
        count -= block;
        out += block;
        if (count > 0) advance(inner - 1, kBlockRows);
        continue;
      }
      size_t run = static_cast<size_t>(length - index_[inner]);
      if (run > count) run = count;
      copy_strided(storage_ + at_, view_.strides[inner], run, out);
      count -= run;
      out += run;
      if (count > 0) advance(inner, static_cast<int64_t>(run));
    }
  }

 private:
  // At the start of a row, with at least kBlockRows rows ahead that are close to each other?
  bool at_row_block() const {
    const uint32_t inner = view_.ndim - 1;
    return inner > 0 && index_[inner] == 0 &&
           view_.shape[inner - 1] - index_[inner - 1] >= static_cast<int64_t>(kBlockRows) &&
           magnitude(view_.strides[inner - 1]) < magnitude(view_.strides[inner]);
  }

  // Moves `by` along dimension d, carrying into the outer ones. Never called at the end.
  void advance(uint32_t d, int64_t by) {
    index_[d] += by;
    at_ += by * view_.strides[d];
    while (d > 0 && index_[d] == view_.shape[d]) {
      at_ -= view_.shape[d] * view_.strides[d];
      index_[d] = 0;
      --d;
      ++index_[d];
      at_ += view_.strides[d];
    }
  }

  const View& view_;
  const T* storage_;
  int64_t at_;  // in elements of the storage
  int64_t index_[kMaxDims];
};

template <typename T>
void gather_as(const void* storage, const View& view, int64_t offset, uint64_t first, size_t count,
               void* out) {
  Walk<T> walk(view, static_cast<const T*>(storage), offset, first);
  walk.copy(count, static_cast<T*>(out));
}

}  // namespace

void gather(const void* storage, size_t element_bytes, uint32_t ndim, const int64_t* shape,
            const int64_t* strides, int64_t storage_offset, uint64_t first, size_t count,
            void* out) {
  if (count == 0) return;
  const View view = simplify(ndim, shape, strides);
  switch (element_bytes) {
    case 1: return gather_as<uint8_t>(storage, view, storage_offset, first, count, out);
    case 2: return gather_as<uint16_t>(storage, view, storage_offset, first, count, out);
    case 4: return gather_as<uint32_t>(storage, view, storage_offset, first, count, out);
    case 8: return gather_as<uint64_t>(storage, view, storage_offset, first, count, out);
  }
}

}  // namespace t7
