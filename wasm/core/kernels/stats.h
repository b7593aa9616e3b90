// Summary statistics of a tensor: one pass over its tiles, mergeable, the same everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/dtype.h"

namespace t7 {

// What is known about the elements seen so far. Fixed layout, read by JavaScript: eleven doubles,
// then four int64. Counts are exact (below 2^53). "Finite" means neither NaN nor infinite.
struct Summary {
  double count = 0;   // all elements
  double finite = 0;  // the elements that the fields below `zeros` speak of
  double nan = 0;
  double pos_inf = 0;
  double neg_inf = 0;
  double zeros = 0;  // of either sign
  // NaN while `finite` is 0. A zero is always +0. For int64 rounded: see `int_min`.
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();
  double mean = std::numeric_limits<double>::quiet_NaN();
  double m2 = 0;           // sum of squared distances from the mean, over 4^exponent
  double mean_offset = 0;  // mean − origin: for int64 more precise than `mean`
  // Exact, for integer dtypes only; 0 while `finite` is 0.
  int64_t int_min = 0;
  int64_t int_max = 0;
  // What `mean_offset` is counted from: the first element for int64, else 0.
  int64_t origin = 0;
  // 0 for all ordinary values; else such that squares of doubles near 1e200 or 1e-200 are numbers.
  int64_t exponent = 0;
};

inline constexpr size_t kSummaryBytes = 15 * 8;
static_assert(sizeof(Summary) == kSummaryBytes);

// Adds `count` elements in native byte order. Give whole tiles (kTileElements) in tensor order,
// the last one shorter: how elements are grouped decides the last bits of mean and m2.
void summarize(Dtype dtype, const void* elements, size_t count, Summary& total);

// Divided by n − 1; NaN for fewer than two finite elements.
double standard_deviation(const Summary& summary);

}  // namespace t7
