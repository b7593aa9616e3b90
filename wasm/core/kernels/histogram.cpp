#include "kernels/histogram.h"

#include <cfloat>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "base/lanes.h"
#include "elements/convert.h"

namespace t7 {
namespace {

// Elements that are brought into the cache, and converted from float16, at once.
constexpr size_t kBlock = 4096;

void write_edges(Histogram& h, Range range) {
  const double bins = h.bins;
  const double width = range.hi - range.lo;
  if (std::isinf(width)) {  // the same formula on halves, which do not overflow
    const double lo = range.lo / 2;
    const double step = (range.hi / 2 - lo) / bins;
    for (uint32_t i = 0; i < h.bins; ++i) h.edges[i] = (i * step + lo) * 2;
  } else {
    const double step = width / bins;
    for (uint32_t i = 0; i < h.bins; ++i) {
      const double along = step != 0 ? i * step : i / bins * width;
      h.edges[i] = along + range.lo;
    }
  }
  h.edges[h.bins] = range.hi;
}

// Chooses a power of two that keeps the width and its reciprocal finite.
void choose_scale(Histogram& h, Range range) {
  h.scale = 1;
  if (std::isinf(range.hi - range.lo)) h.scale = 0.5;
  if (range.hi - range.lo < 1e-290) h.scale = 0x1p200;
  h.scaled_lo = range.lo * h.scale;
  h.bins_per_unit = h.bins / (range.hi * h.scale - h.scaled_lo);
}

// Any value: counted outside, or its bin by numpy's estimate and correction. Returns the bin, or
// `bins` if it is outside.
uint32_t place(Histogram& h, double x) {
  if (!(x >= h.edges[0] && x <= h.edges[h.bins])) {
    double& outside = x != x          ? h.nan
                      : std::isinf(x) ? (x > 0 ? h.pos_inf : h.neg_inf)
                                      : (x > h.edges[0] ? h.above : h.below);
    ++outside;
    return h.bins;
  }
  const double estimate = (x * h.scale - h.scaled_lo) * h.bins_per_unit;
  auto bin = static_cast<uint32_t>(estimate);
  if (bin >= h.bins) bin = h.bins - 1;
  if (x < h.edges[bin]) return bin - 1;
  if (x >= h.edges[bin + 1] && bin != h.bins - 1) return bin + 1;
  return bin;
}

// Where the inner loops count. Four lanes have bins of their own, because adding to one address
// again and again waits for each store; with many bins that is rare and memory matters more.
constexpr uint32_t kLaneBins = 1024;

struct LaneCounts {
  uint32_t (*counts)[kLaneBins];
  void add(size_t lane, size_t bin) { ++counts[lane][bin]; }
};

struct PlainCounts {
  double* counts;
  void add(size_t, size_t bin) { ++counts[bin]; }
};

// Values near an edge take the exact way. In real tensors most of those are one value, zero.
template <typename Counts>
class ExactWay {
 public:
  ExactWay(Histogram& histogram, Counts counts) : histogram_(histogram), counts_(counts) {}

  void add(size_t lane, double x) {
    if (x != last_) {
      const uint32_t bin = place(histogram_, x);
      if (bin == histogram_.bins) return;
      last_ = x;
      last_bin_ = bin;
    }
    counts_.add(lane, last_bin_);
  }

 private:
  Histogram& histogram_;
  Counts counts_;
  double last_ = NAN;
  uint32_t last_bin_ = 0;
};

// The estimate in vectors of float or double. Adding `kMagic` rounds to a whole number and leaves
// it in the low bits. The estimate is shifted by half a bin, so a value is in the bin's middle
// when the rest is 0, and near an edge or outside when the rest is near ±0.5.
template <typename V>
struct Estimate;

template <>
struct Estimate<F32x4> {
  using Scalar = float;
  using Bits = I32x4;
  static constexpr size_t kLanes = 4;
  static constexpr float kMagic = 0x1.8p23f;
  static constexpr double kError = 0x1p-21;  // generous: relative error of lo, x − lo and product
  static constexpr double kLargest = 1e30;
};

template <>
struct Estimate<F64x2> {
  using Scalar = double;
  using Bits = I64x2;
  static constexpr size_t kLanes = 2;
  static constexpr double kMagic = 0x1.8p52;
  static constexpr double kError = 0x1p-49;
  static constexpr double kLargest = 1e300;
};

// How far from an edge, in bins, the estimate may be wrong; above 1/8 it is of no use.
template <typename V>
double slack_of(const Histogram& h) {
  using E = Estimate<V>;
  const double lo = h.edges[0];
  const double hi = h.edges[h.bins];
  const double largest = std::fmax(std::fabs(lo), std::fabs(hi));
  if (h.scale != 1 || largest > E::kLargest || h.bins_per_unit > E::kLargest ||
      h.bins_per_unit < 1 / E::kLargest) {
    return 1;
  }
  return E::kError * (h.bins + largest * h.bins_per_unit) + E::kError;
}
constexpr double kMaxSlack = 0.125;

// The constants of the estimate, one in every lane.
template <typename V>
struct EstimateLanes {
  using E = Estimate<V>;
  using S = typename E::Scalar;
  using Bits = typename E::Bits;

  EstimateLanes(const Histogram& h, double slack, uint32_t zero_bin)
      : per_unit(V{} + static_cast<S>(h.bins_per_unit)),
        offset(V{} + static_cast<S>(h.edges[0] * h.bins_per_unit + 0.5)),
        first(V{} - S{0.5}),
        last(V{} + (static_cast<S>(h.bins) - S{0.5})),
        magic(V{} + E::kMagic),
        safe(V{} + static_cast<S>(0.5 - slack)),
        zero(V{} + (zero_bin < h.bins ? S{0} : static_cast<S>(NAN))),
        bin_of_zero(Bits{} + static_cast<int32_t>(zero_bin)) {}

  // Bins of the lanes; `unsure` gets a bit set for a lane that must go the exact way.
  Bits bins(V x, Bits& unsure) const {
    V at = x * per_unit - offset;
    at = at < last ? at : last;
    at = at > first ? at : first;  // NaN too
    const V rounded = at + magic;
    const V rest = at - (rounded - magic);
    const Bits is_zero = x == zero;
    unsure |= ((rest > safe) | (rest < -safe)) & ~is_zero;
    const Bits bin = bit_cast<Bits>(rounded) - bit_cast<Bits>(magic);
    return is_zero ? bin_of_zero : bin;
  }

  V per_unit, offset, first, last, magic, safe;
  V zero;  // NaN, which equals nothing, if zero is outside
  Bits bin_of_zero;
};

// Zero is often an edge and often most of a tensor (after a ReLU, in sparse data), so it has a
// short cut. Returns `bins` if it is outside.
uint32_t bin_of_zero(const Histogram& h) {
  if (h.edges[0] > 0 || h.edges[h.bins] < 0) return h.bins;
  Histogram copy = h;  // not to be counted
  return place(copy, 0);
}

template <typename V, typename T, typename Counts>
void count_vectors(const T* x, size_t count, double slack, Histogram& h, Counts counts) {
  using E = Estimate<V>;
  constexpr size_t kVectors = 4 / E::kLanes;
  const EstimateLanes<V> estimate(h, slack, bin_of_zero(h));
  ExactWay<Counts> exact(h, counts);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    typename E::Bits bin[kVectors];
    typename E::Bits unsure = {};
    for (size_t v = 0; v < kVectors; ++v) {
      const auto raw = load_lanes<Lanes<T, E::kLanes>>(x + i + v * E::kLanes);
      bin[v] = estimate.bins(__builtin_convertvector(raw, V), unsure);
    }
    if (any(unsure)) {
      for (size_t lane = 0; lane < 4; ++lane) exact.add(lane, static_cast<double>(x[i + lane]));
      continue;
    }
    for (size_t lane = 0; lane < 4; ++lane) {
      counts.add(lane, static_cast<size_t>(bin[lane / E::kLanes][lane % E::kLanes]));
    }
  }
  for (; i < count; ++i) exact.add(0, static_cast<double>(x[i]));
}

template <typename T, typename Counts>
void count_elements(const T* x, size_t count, Histogram& h, Counts counts) {
  if constexpr (std::is_same_v<T, float>) {
    const double slack = slack_of<F32x4>(h);
    if (slack <= kMaxSlack) return count_vectors<F32x4>(x, count, slack, h, counts);
  }
  const double slack = slack_of<F64x2>(h);
  if (slack <= kMaxSlack) return count_vectors<F64x2>(x, count, slack, h, counts);
  ExactWay<Counts> exact(h, counts);
  for (size_t i = 0; i < count; ++i) exact.add(i % 4, static_cast<double>(x[i]));
}

void to_floats(const uint16_t* halves, size_t count, float* floats) {
  halves_to_floats(halves, count, floats);
}

void to_floats(const int16_t* x, size_t count, float* floats) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const auto packed = load_lanes<Lanes<int16_t, 8>>(x + i);
    const auto low = __builtin_shufflevector(packed, packed, 0, 1, 2, 3);
    const auto high = __builtin_shufflevector(packed, packed, 4, 5, 6, 7);
    store_lanes(floats + i, __builtin_convertvector(__builtin_convertvector(low, I32x4), F32x4));
    store_lanes(floats + i + 4,
                __builtin_convertvector(__builtin_convertvector(high, I32x4), F32x4));
  }
  for (; i < count; ++i) floats[i] = x[i];
}

// Two bytes: float16 (as stored, uint16_t) and int16. At most a block.
template <typename T, typename Counts>
requires(sizeof(T) == 2) void count_elements(const T* x, size_t count, Histogram& h,
                                             Counts counts) {
  float floats[kBlock];
  to_floats(x, count, floats);
  count_elements(floats, count, h, counts);
}

template <typename T, typename Counts>
void count_blocks(const T* x, size_t count, Histogram& h, Counts counts) {
  for (size_t i = 0; i < count; i += kBlock) {
    const size_t n = count - i < kBlock ? count - i : kBlock;
    warm_cache(x + i, n * sizeof(T));
    count_elements(x + i, n, h, counts);
  }
}

template <typename T>
void add_elements(const T* x, size_t count, Histogram& h) {
  if (h.bins > kLaneBins) return count_blocks(x, count, h, PlainCounts{h.counts});
  uint32_t lanes[4][kLaneBins];
  for (auto& lane : lanes) std::memset(lane, 0, h.bins * sizeof lane[0]);
  count_blocks(x, count, h, LaneCounts{lanes});
  for (uint32_t bin = 0; bin < h.bins; ++bin) {
    for (const auto& lane : lanes) h.counts[bin] += lane[bin];
  }
}

// Bytes: counted by value first.
template <typename T>
void add_bytes(const T* x, size_t count, Histogram& h) {
  uint32_t counts[4][256] = {};
  for (size_t i = 0; i < count; ++i) ++counts[i % 4][static_cast<uint8_t>(x[i])];
  for (int value = 0; value < 256; ++value) {
    uint64_t times = 0;
    for (const auto& lane : counts) times += lane[value];
    const double x_value = static_cast<T>(value);
    if (times == 0) continue;
    if (x_value < h.edges[0]) {
      h.below += static_cast<double>(times);
    } else if (x_value > h.edges[h.bins]) {
      h.above += static_cast<double>(times);
    } else {
      h.counts[place(h, x_value)] += static_cast<double>(times);
    }
  }
}

}  // namespace

Range default_range(const Summary& summary) {
  if (summary.finite == 0) return {0, 1};
  const double lo = summary.min;
  const double hi = summary.max;
  if (lo != hi) return {lo, hi};
  const Range around = {lo - 0.5, hi + 0.5};
  if (around.lo != lo && around.hi != hi) return around;
  return {std::fmax(std::nextafter(lo, -HUGE_VAL), -DBL_MAX),
          std::fmin(std::nextafter(hi, HUGE_VAL), DBL_MAX)};
}

Histogram start_histogram(Range range, uint32_t bins, double* edges, double* counts) {
  Histogram h = {};
  h.edges = edges;
  h.counts = counts;
  h.bins = bins;
  for (uint32_t i = 0; i < bins; ++i) counts[i] = 0;
  write_edges(h, range);
  choose_scale(h, range);
  return h;
}

void add_to_histogram(Dtype dtype, const void* elements, size_t count, Histogram& h) {
  switch (dtype) {
    case Dtype::uint8: return add_bytes(static_cast<const uint8_t*>(elements), count, h);
    case Dtype::int8: return add_bytes(static_cast<const int8_t*>(elements), count, h);
    case Dtype::int16: return add_elements(static_cast<const int16_t*>(elements), count, h);
    case Dtype::int32: return add_elements(static_cast<const int32_t*>(elements), count, h);
    case Dtype::int64: return add_elements(static_cast<const int64_t*>(elements), count, h);
    case Dtype::float32: return add_elements(static_cast<const float*>(elements), count, h);
    case Dtype::float64: return add_elements(static_cast<const double*>(elements), count, h);
    case Dtype::float16: return add_elements(static_cast<const uint16_t*>(elements), count, h);
  }
}

}  // namespace t7
