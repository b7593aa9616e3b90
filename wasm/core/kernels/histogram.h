// Histograms with numpy's rules: equal bins, the right edge of the last one closed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/dtype.h"
#include "kernels/stats.h"

namespace t7 {

inline constexpr uint32_t kMaxBins = 65536;

// Both ends belong to it; finite, and lo < hi.
struct Range {
  double lo;
  double hi;
};

// The range of the finite values; [v − 0.5, v + 0.5] (or the next doubles, where that is v again)
// if they are all v; [0, 1] if there are none.
Range default_range(const Summary& summary);

// Bins, at most kMaxBins, over memory of the caller, which must outlive the histogram. Elements are
// compared with the edges in double precision.
struct Histogram {
  double* edges;   // bins + 1, written by start_histogram
  double* counts;  // bins
  uint32_t bins;
  // Elements outside every bin; infinities count only as such.
  double below = 0;
  double above = 0;
  double nan = 0;
  double pos_inf = 0;
  double neg_inf = 0;
  // Bin number ≈ (x · scale − scaled_lo) · bins_per_unit; scale is 1 for every ordinary range.
  double scale;
  double scaled_lo;
  double bins_per_unit;
};

// Edges as numpy.linspace(lo, hi, bins + 1) gives them, counts 0. `lo` and `hi` are finite,
// lo < hi (the caller checks), 1 ≤ bins ≤ kMaxBins. `edges` and `counts` stay the caller's and
// must outlive the histogram.
Histogram start_histogram(Range range, uint32_t bins, double* edges, double* counts);

// Adds one tile of at most 2^31 elements in native byte order.
void add_to_histogram(Dtype dtype, const void* elements, size_t count, Histogram& histogram);

}  // namespace t7
