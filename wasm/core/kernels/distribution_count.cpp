// What runs once an element; the questions are in distribution.cpp.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "base/half.h"
#include "base/lanes.h"
#include "kernels/distribution.h"

namespace t7 {
namespace {

constexpr uint64_t kSign = uint64_t{1} << 63;
constexpr uint32_t kMagnitude = 0x7fff;

uint64_t key_of(int64_t value) { return static_cast<uint64_t>(value) ^ kSign; }

// Flips what makes the bits of doubles differ from their order.
uint64_t key_of(double value) {
  const auto bits = bit_cast<uint64_t>(value + 0.0);  // −0 is 0
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double smallest_normal(Dtype dtype) {
  switch (dtype) {
    case Dtype::float16: return 0x1p-14;
    case Dtype::float32: return FLT_MIN;
    case Dtype::float64: return DBL_MIN;
    default: return 0;
  }
}

template <typename T>
uint32_t float_bits(T value) {
  return bit_cast<uint32_t>(static_cast<float>(value));
}

bool has_fraction(double value) {
  const double fraction = value - std::trunc(value);
  return fraction > 0 || fraction < 0;  // no infinity, no NaN
}

// Calls `use` with the elements as what they are.
template <typename Use>
void with_type(Dtype dtype, const void* x, Use use) {
  switch (dtype) {
    case Dtype::uint8: return use(static_cast<const uint8_t*>(x));
    case Dtype::int8: return use(static_cast<const int8_t*>(x));
    case Dtype::int16: return use(static_cast<const int16_t*>(x));
    case Dtype::int32: return use(static_cast<const int32_t*>(x));
    case Dtype::int64: return use(static_cast<const int64_t*>(x));
    case Dtype::float32: return use(static_cast<const float*>(x));
    case Dtype::float64: return use(static_cast<const double*>(x));
    case Dtype::float16: return use(static_cast<const Half*>(x));
  }
}

// Four numbers of 32 bits.
struct Words {
  uint64_t low;
  uint64_t high;
};

template <typename T>
using ElementOf = std::remove_cv_t<std::remove_pointer_t<T>>;

// Elements that are looked at one by one go through doubles: one loop, not one for each type.
constexpr size_t kBlock = 512;

void to_doubles(Dtype dtype, const void* elements, size_t first, size_t count, double* doubles) {
  with_type(dtype, elements, [&](auto* x) {
#pragma clang loop vectorize(disable) unroll(disable)
    for (size_t i = 0; i < count; ++i) doubles[i] = to_double(x[first + i]);
  });
}

// Calls `use` with blocks of doubles while it says true.
template <typename Use>
void as_doubles(Dtype dtype, const void* elements, size_t count, Use use) {
  double block[kBlock];
  for (size_t i = 0; i < count; i += kBlock) {
    const size_t n = count - i < kBlock ? count - i : kBlock;
    to_doubles(dtype, elements, i, n, block);
    if (!use(block, n)) return;
  }
}

}  // namespace

void Distribution::add(Dtype dtype, const void* elements, size_t count) {
  dtype_ = dtype;
  if (phase_ == Phase::refining) {
    return count_in_parts(elements, count);
  }
  summarize(dtype, elements, count, summary_);
  if (whole_) note_fractions(elements, count);
  if (phase_ == Phase::keeping) {
    if (kept_ + count <= kKept) {
      const size_t width = dtype_bytes(dtype);
      std::memcpy(reinterpret_cast<char*>(first_) + kept_ * width, elements, count * width);
      kept_ += count;
      return;
    }
    start_counting();
  }
  count_elements(elements, count);
  if (dtype == Dtype::float64) {
    const double tiny = static_cast<double>(counts_[0] + counts_[kMagnitude + 1]) - summary_.zeros;
    if (tiny != tiny_) note_tiny(static_cast<const double*>(elements), count);
  }
}

void Distribution::start_counting() {
  phase_ = Phase::counting;
  if (dtype_ == Dtype::float16) {
    buckets_ = Buckets::halves;
  } else if (dtype_bytes(dtype_) < 4) {
    buckets_ = Buckets::integers;
  }
  std::fill(counts_, counts_ + kBuckets, uint64_t{0});
  count_elements(first_, kept_);
  if (dtype_ == Dtype::float64) note_tiny(reinterpret_cast<const double*>(first_), kept_);
}

void Distribution::count_elements(const void* elements, size_t count) {
  with_type(dtype_, elements, [&](auto* x) {
    using T = ElementOf<decltype(x)>;
    if constexpr (std::is_same_v<T, Half>) {
      for (size_t i = 0; i < count; ++i) ++counts_[x[i].bits];
    } else if constexpr (sizeof(T) < 4) {
      for (size_t i = 0; i < count; ++i) ++counts_[static_cast<uint32_t>(x[i] + 32768)];
    } else {
      count_floats(x, count);
    }
    if constexpr (std::is_same_v<T, double>) count_beyond(x, count);
  });
}

// Four at a time: their buckets are known before the first count is written, which the compiler
// must take for a write to the elements. Measured: twice as fast.
template <typename T>
void Distribution::count_floats(const T* x, size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    Words buckets;
    if constexpr (std::is_same_v<T, float>) {
      buckets = bit_cast<Words>(load_lanes<U32x4>(x + i) >> 16);
    } else {
      const uint32_t bits[] = {float_bits(x[i]) >> 16, float_bits(x[i + 1]) >> 16,
                               float_bits(x[i + 2]) >> 16, float_bits(x[i + 3]) >> 16};
      std::memcpy(&buckets, bits, sizeof buckets);
    }
    ++counts_[static_cast<uint32_t>(buckets.low)];
    ++counts_[buckets.low >> 32];
    ++counts_[static_cast<uint32_t>(buckets.high)];
    ++counts_[buckets.high >> 32];
  }
#pragma clang loop unroll(disable)
  for (; i < count; ++i) ++counts_[float_bits(x[i]) >> 16];
}

// As float32 they are infinite, where they cannot be told from what was so before.
void Distribution::count_beyond(const double* x, size_t count) {
  if (!(largest() > FLT_MAX)) return;
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < count; ++i) {
    if (!std::isfinite(x[i]) || std::isfinite(static_cast<float>(x[i]))) continue;
    ++(x[i] > 0 ? above_ : below_);
  }
}

void Distribution::note_tiny(const double* x, size_t count) {
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < count; ++i) {
    if (x[i] == 0) continue;
    if ((float_bits(x[i]) >> 16 & kMagnitude) == 0) ++tiny_;
    if (std::fabs(x[i]) < DBL_MIN) ++denormals_;
  }
}

void Distribution::note_fractions(const void* elements, size_t count) {
  as_doubles(dtype_, elements, count, [&](const double* x, size_t n) {
    for (size_t i = 0; i < n && whole_; ++i) whole_ = !has_fraction(x[i]);
    return whole_;
  });
}

void Distribution::count_in_parts(const void* elements, size_t count) {
  as_doubles(dtype_, elements, count, [&](const double* x, size_t n) {
    for (size_t i = 0; i < n; ++i) {
      const double part = (x[i] - summary_.min) * parts_per_unit_;
      // What is not finite lies outside; of the rest only the last may, by rounding.
      if (!(part >= 0 && part < kBuckets + 1)) continue;
      const auto bucket = static_cast<size_t>(part);
      ++counts_[bucket < kBuckets ? bucket : kBuckets - 1];
    }
    return true;
  });
}

// Unsigned numbers in the order of the elements.
void Distribution::make_keys() {
  if (dtype_ == Dtype::int64) {
    const auto* x = reinterpret_cast<const int64_t*>(first_);
    for (; keys_ < kept_; ++keys_) sorted_[keys_] = key_of(x[keys_]);
    return;
  }
  as_doubles(dtype_, first_, kept_, [&](const double* x, size_t n) {
    for (size_t i = 0; i < n; ++i) {
      if (!std::isfinite(x[i])) continue;
      sorted_[keys_++] = key_of(x[i]);
      denormals_ += x[i] != 0 && std::fabs(x[i]) < smallest_normal(dtype_);
    }
    return true;
  });
}

}  // namespace t7
