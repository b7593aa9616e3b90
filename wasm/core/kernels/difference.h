// How far two tensors of one dtype are apart, element by element.
#pragma once

#include <cstddef>
#include <limits>

#include "base/dtype.h"

namespace t7 {

// Of the pairs seen so far. Two NaNs are equal, as are two infinities of one sign and zeros of
// either sign. Any other pair with a NaN or an infinity counts in `incomparable` (and in
// `different`) and in no maximum.
struct Difference {
  double count = 0;
  double different = 0;
  double incomparable = 0;
  double max_absolute = 0;  // |a − b| in double; +inf where that overflows
  // |a − b| / max(|a|, |b|), 0 for equal elements; at most 2.
  double max_relative = 0;
  // Where max_absolute is first reached, counted from the first element; −1 while it is 0.
  double at = -1;
};

// Adds `count` pairs in native byte order, in tensor order. int64 is subtracted before rounding.
void compare_elements(Dtype dtype, const void* a, const void* b, size_t count, Difference& total);

}  // namespace t7
