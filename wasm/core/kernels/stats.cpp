#include "kernels/stats.h"

#include <algorithm>
#include <cmath>

#include "base/lanes.h"
#include "elements/convert.h"

namespace t7 {
namespace {

// Elements are taken in blocks small enough to stay in the first-level cache, counted from the
// tile's first.
constexpr size_t kBlock = 4096;

struct Moments {
  double count;
  double mean_offset;
  double m2;  // over 4^exponent
  int exponent = 0;
};

// Multiplies by 2^exponent in two steps: one factor may be too large or too small to be a number.
class Power {
 public:
  explicit Power(int64_t exponent)
      : first_(std::ldexp(1, static_cast<int>(exponent / 2))),
        second_(std::ldexp(1, static_cast<int>(exponent - exponent / 2))) {}
  double times(double value) const { return value * first_ * second_; }

 private:
  double first_;
  double second_;
};

// Squares of distances beyond this are not, or not exactly, numbers.
constexpr int64_t kOrdinary = 400;

// Where squares are too large or too small: distances are taken in the largest unit that is needed.
void combine_scaled(Summary& total, const Moments& block) {
  // Halves: a distance may be more than the largest number.
  const double half = block.mean_offset / 2 - total.mean_offset / 2;
  const bool apart = total.finite > 0 && half != 0;
  int64_t unit = INT64_MIN;
  if (total.m2 > 0) unit = std::max(unit, total.exponent);
  if (block.m2 > 0) unit = std::max<int64_t>(unit, block.exponent);
  if (apart) unit = std::max<int64_t>(unit, std::ilogb(half) + 2);
  if (-kOrdinary < unit && unit < kOrdinary) unit = 0;
  if (unit == INT64_MIN) unit = 0;
  const double count = total.finite + block.count;
  const double weight = block.count / count;
  const double delta = apart ? 2 * Power(-unit).times(half) : 0;
  const auto in_unit = [&](double m2, int64_t exponent) {
    return m2 == 0 ? 0 : Power(exponent - unit).times(Power(exponent - unit).times(m2));
  };
  total.m2 = in_unit(total.m2, total.exponent) + in_unit(block.m2, block.exponent) +
             delta * delta * total.finite * weight;
  total.exponent = unit;
  total.mean_offset = total.finite == 0
                          ? block.mean_offset
                          : total.mean_offset * (1 - weight) + block.mean_offset * weight;
  total.finite = count;
}

// Chan, Golub and LeVeque: adds the moments of more elements.
void combine_ordinary(Summary& total, const Moments& block) {
  const double count = total.finite + block.count;
  if (total.finite == 0) {
    total.mean_offset = block.mean_offset;
    total.m2 = block.m2;
  } else {
    const double weight = block.count / count;
    const double delta = block.mean_offset - total.mean_offset;
    total.m2 += block.m2 + delta * delta * total.finite * weight;
    total.mean_offset += delta * weight;
  }
  total.finite = count;
}

// Do the means lie so far apart, or so near beside such small spreads, that squares say nothing?
bool is_extreme(const Summary& total, const Moments& block) {
  const double delta = block.mean_offset - total.mean_offset;
  if (total.finite == 0 || delta == 0) return false;
  const double square = delta * delta;
  return !(square < 0x1p900) || (square < 0x1p-900 && total.m2 + block.m2 < 0x1p-900);
}

void combine(Summary& total, const Moments& block) {
  if (block.exponent != 0 || total.exponent != 0 || is_extreme(total, block)) {
    combine_scaled(total, block);
  } else {
    combine_ordinary(total, block);
  }
  total.mean = static_cast<double>(total.origin) + total.mean_offset;
}

void widen_range(Summary& total, double min, double max) {
  // Adding +0 turns -0 into +0, so that the sign does not depend on the order of comparison.
  if (!(min >= total.min)) total.min = min + 0.0;
  if (!(max <= total.max)) total.max = max + 0.0;
}

void widen_int_range(Summary& total, int64_t min, int64_t max) {
  if (total.finite == 0 || min < total.int_min) total.int_min = min;
  if (total.finite == 0 || max > total.int_max) total.int_max = max;
  widen_range(total, static_cast<double>(min), static_cast<double>(max));
}

// From sums of distances from a pivot.
Moments moments_of(double pivot, double sum, double squares, double count) {
  const double m2 = squares - sum * sum / count;
  // A NaN stays: squares that overflow are computed again.
  return {count, pivot + sum / count, m2 <= 0 ? 0 : m2};
}

// The vector in which a type is compared: four lanes of 32 bits, or two doubles.
template <typename T>
struct CompareLanes {
  using Type = I32x4;
};
template <>
struct CompareLanes<float> {
  using Type = F32x4;
};
template <>
struct CompareLanes<double> {
  using Type = F64x2;
};

// Two vectors at a time, each with accumulators of its own: as many as there are registers for.
template <typename T>
struct Scan {
  using V = typename CompareLanes<T>::Type;
  using Mask = decltype(V{} == V{});
  static constexpr size_t kLanes = sizeof(V) / sizeof(V{}[0]);
  static constexpr size_t kStep = 2 * kLanes;

  explicit Scan(T first) {
    for (V& lanes : lowest) lanes = V{} + first;
    for (V& lanes : highest) lanes = V{} + first;
  }

  void add(const T* x) {
    for (size_t v = 0; v < 2; ++v) {
      const V lanes =
          __builtin_convertvector((load_lanes<t7::Lanes<T, kLanes>>(x + v * kLanes)), V);
      lowest[v] = lanes < lowest[v] ? lanes : lowest[v];
      // In this order, for which WebAssembly has an instruction.
      highest[v] = highest[v] < lanes ? lanes : highest[v];
      zeros[v] -= lanes == V{};
      if constexpr (kLanes == 4) {
        add_doubles(v, low_doubles(lanes));
        add_doubles(v, high_doubles(lanes));
      } else {
        add_doubles(v, lanes);
      }
    }
  }

  void add_doubles(size_t v, F64x2 values) {
    sums[v] += values;
    squares[v] += values * values;
  }

  V lowest[2];
  V highest[2];
  Mask zeros[2] = {};
  F64x2 sums[2] = {};
  F64x2 squares[2] = {};
};

double total_of(const F64x2 (&sums)[2]) {
  const F64x2 both = sums[0] + sums[1];
  return both[0] + both[1];
}

// Again for values far from zero beside their spread, where the squares cancel: with distances
// from the mean, which is known by now.
template <typename T>
Moments moments_around(double pivot, const T* x, size_t count) {
  double sums[4] = {};
  double squares[4] = {};
  for (size_t i = 0; i < count; ++i) {
    const double distance = static_cast<double>(x[i]) - pivot;
    sums[i % 4] += distance;
    squares[i % 4] += distance * distance;
  }
  return moments_of(pivot, (sums[0] + sums[1]) + (sums[2] + sums[3]),
                    (squares[0] + squares[1]) + (squares[2] + squares[3]),
                    static_cast<double>(count));
}

template <typename T>
struct Block {
  T min;
  T max;
  double zeros;
  Moments moments;

  void add_range(T low, T high) {
    if (low < min) min = low;
    if (high > max) max = high;
  }
};

// `count` ≥ 1. If any element is NaN or infinite, or a sum overflows, the moments are not finite
// and nothing else in the result means anything.
template <typename T>
Block<T> scan_block(const T* x, size_t count) {
  Scan<T> scan(x[0]);
  size_t i = 0;
  for (; i + Scan<T>::kStep <= count; i += Scan<T>::kStep) scan.add(x + i);
  Block<T> block = {x[0], x[0], 0, {}};
  for (size_t v = 0; v < 2; ++v) {
    for (size_t lane = 0; lane < Scan<T>::kLanes; ++lane) {
      block.add_range(static_cast<T>(scan.lowest[v][lane]), static_cast<T>(scan.highest[v][lane]));
      block.zeros += static_cast<double>(scan.zeros[v][lane]);
    }
  }
  double sum = total_of(scan.sums);
  double squares = total_of(scan.squares);
  for (; i < count; ++i) {
    const auto value = static_cast<double>(x[i]);
    block.add_range(x[i], x[i]);
    block.zeros += value == 0;
    sum += value;
    squares += value * value;
  }
  block.moments = moments_of(0, sum, squares, static_cast<double>(count));
  const double mean = block.moments.mean_offset;
  if (std::isfinite(mean) && block.moments.m2 < squares * 0x1p-7) {
    const bool constant = block.min == block.max;
    block.moments = moments_around(constant ? static_cast<double>(block.min) : mean, x, count);
  }
  return block;
}

bool are_finite(const Moments& moments) {
  return std::isfinite(moments.mean_offset) && std::isfinite(moments.m2);
}

// Of finite doubles whose sums or squares are too large or too small to be numbers.
Moments scaled_moments(const Block<double>& block, const double* x, size_t count) {
  const double n = static_cast<double>(count);
  const bool large = std::fmax(std::fabs(block.min), std::fabs(block.max)) > 1;
  const double down = large ? 0x1p-16 : 1;
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += x[i] * down;
  const double mean = sum / n / down;
  const double pivot = std::fmin(std::fmax(mean, block.min), block.max);
  // Halves of what is large: the widest distance may be more than the largest number.
  const double part = large ? 0.5 : 1;
  const double widest = std::fmax(block.max * part - pivot * part, pivot * part - block.min * part);
  if (widest == 0) return {n, pivot, 0};
  const int exponent = std::ilogb(widest) + 2;
  const Power unit(-exponent);
  double sums = 0;
  double squares = 0;
  for (size_t i = 0; i < count; ++i) {
    const double distance = unit.times(x[i] * part - pivot * part) / part;
    sums += distance;
    squares += distance * distance;
  }
  const double m2 = squares - sums * sums / n;
  return {n, pivot + Power(exponent).times(sums / n), m2 <= 0 ? 0 : m2, exponent};
}

// Squares below this have lost bits, or are zero.
bool is_tiny(const Block<double>& block) {
  return block.min != block.max && block.moments.m2 < 0x1p-900;
}

// Counts what is not finite and moves the rest to `finite`; returns how many those are.
template <typename T>
size_t take_finite(const T* x, size_t count, T* finite, Summary& total) {
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    const T value = x[i];
    finite[kept] = value;
    if (value - value == 0) {
      ++kept;
    } else if (value != value) {
      ++total.nan;
    } else if (value > 0) {
      ++total.pos_inf;
    } else {
      ++total.neg_inf;
    }
  }
  return kept;
}

template <typename T>
void add_finite_block(const T* x, Block<T> block, size_t count, Summary& total) {
  if constexpr (sizeof(T) == sizeof(double)) {
    if (!are_finite(block.moments) || is_tiny(block)) {
      block.moments = scaled_moments(block, x, count);
    }
  }
  total.zeros += block.zeros;
  widen_range(total, static_cast<double>(block.min), static_cast<double>(block.max));
  combine(total, block.moments);
}

template <typename T>
void add_float_block(const T* x, size_t count, Summary& total) {
  const Block<T> block = scan_block(x, count);
  if (are_finite(block.moments)) return add_finite_block(x, block, count, total);
  T finite[kBlock];
  const size_t kept = take_finite(x, count, finite, total);
  if (kept > 0) add_finite_block(finite, scan_block(finite, kept), kept, total);
}

void add_block(const float* x, size_t count, Summary& total) { add_float_block(x, count, total); }
void add_block(const double* x, size_t count, Summary& total) { add_float_block(x, count, total); }

// float16, as stored.
void add_block(const uint16_t* x, size_t count, Summary& total) {
  float floats[kBlock];
  halves_to_floats(x, count, floats);
  add_float_block(floats, count, total);
}

// Exact in double until the squares of int32 are added.
template <typename T>
void add_block(const T* x, size_t count, Summary& total) {
  const Block<T> block = scan_block(x, count);
  total.zeros += block.zeros;
  widen_int_range(total, block.min, block.max);
  combine(total, block.moments);
}

// Subtracts before rounding: large neighbours (time stamps, hashes) keep their distance.
double distance(int64_t value, int64_t from) {
  int64_t exact;
  if (!__builtin_sub_overflow(value, from, &exact)) return static_cast<double>(exact);
  return static_cast<double>(value) - static_cast<double>(from);
}

void add_block(const int64_t* x, size_t count, Summary& total) {
  if (total.finite == 0) total.origin = x[0];
  const int64_t pivot = x[0];
  int64_t min = pivot;
  int64_t max = pivot;
  size_t zeros = 0;
  double sums[4] = {};
  double squares[4] = {};
  for (size_t i = 0; i < count; ++i) {
    const int64_t value = x[i];
    min = value < min ? value : min;
    max = value > max ? value : max;
    zeros += value == 0;
    const double d = distance(value, pivot);
    sums[i % 4] += d;
    squares[i % 4] += d * d;
  }
  total.zeros += static_cast<double>(zeros);
  widen_int_range(total, min, max);
  combine(total,
          moments_of(distance(pivot, total.origin), (sums[0] + sums[1]) + (sums[2] + sums[3]),
                     (squares[0] + squares[1]) + (squares[2] + squares[3]),
                     static_cast<double>(count)));
}

template <typename T>
void add_blocks(const void* elements, size_t count, Summary& total) {
  const T* x = static_cast<const T*>(elements);
  for (size_t i = 0; i < count; i += kBlock) {
    const size_t n = count - i < kBlock ? count - i : kBlock;
    warm_cache(x + i, n * sizeof(T));
    add_block(x + i, n, total);
  }
}

}  // namespace

void summarize(Dtype dtype, const void* elements, size_t count, Summary& total) {
  total.count += static_cast<double>(count);
  switch (dtype) {
    case Dtype::uint8: return add_blocks<uint8_t>(elements, count, total);
    case Dtype::int8: return add_blocks<int8_t>(elements, count, total);
    case Dtype::int16: return add_blocks<int16_t>(elements, count, total);
    case Dtype::int32: return add_blocks<int32_t>(elements, count, total);
    case Dtype::int64: return add_blocks<int64_t>(elements, count, total);
    case Dtype::float32: return add_blocks<float>(elements, count, total);
    case Dtype::float64: return add_blocks<double>(elements, count, total);
    case Dtype::float16: return add_blocks<uint16_t>(elements, count, total);
  }
}

double standard_deviation(const Summary& summary) {
  if (summary.finite < 2) return std::numeric_limits<double>::quiet_NaN();
  return Power(summary.exponent).times(std::sqrt(summary.m2 / (summary.finite - 1)));
}

}  // namespace t7
