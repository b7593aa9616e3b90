#include "kernels/stats.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/half.h"

namespace t7 {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The plain loop: two passes in long double.
struct Reference {
  double finite = 0, nan = 0, pos_inf = 0, neg_inf = 0, zeros = 0;
  double min = kNan, max = kNan, mean = kNan, m2 = 0;
};

template <typename T>
Reference reference(const std::vector<T>& values) {
  Reference r;
  long double sum = 0;
  for (T value : values) {
    const auto x = static_cast<long double>(value);
    if (std::isnan(x)) {
      ++r.nan;
    } else if (std::isinf(x)) {
      ++(x > 0 ? r.pos_inf : r.neg_inf);
    } else {
      ++r.finite;
      if (x == 0) ++r.zeros;
      if (!(r.min <= static_cast<double>(x))) r.min = static_cast<double>(x);
      if (!(r.max >= static_cast<double>(x))) r.max = static_cast<double>(x);
      sum += x;
    }
  }
  if (r.finite == 0) return r;
  const long double mean = sum / static_cast<long double>(r.finite);
  long double m2 = 0;
  for (T value : values) {
    const auto x = static_cast<long double>(value);
    if (std::isfinite(x)) m2 += (x - mean) * (x - mean);
  }
  r.mean = static_cast<double>(mean);
  r.m2 = static_cast<double>(m2);
  return r;
}

void expect_close(double actual, double expected, double scale) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(actual)) << actual;
  } else {
    EXPECT_NEAR(actual, expected, 1e-11 * scale);
  }
}

template <typename T>
Summary summary_of(Dtype dtype, const std::vector<T>& values) {
  Summary total;
  for (size_t i = 0; i < values.size(); i += kTileElements) {
    summarize(dtype, values.data() + i, std::min(kTileElements, values.size() - i), total);
  }
  return total;
}

void expect_matches(const Summary& s, const Reference& r, double count) {
  EXPECT_EQ(s.count, count);
  EXPECT_EQ(s.finite, r.finite);
  EXPECT_EQ(s.nan, r.nan);
  EXPECT_EQ(s.pos_inf, r.pos_inf);
  EXPECT_EQ(s.neg_inf, r.neg_inf);
  EXPECT_EQ(s.zeros, r.zeros);
  if (r.finite == 0) {
    EXPECT_TRUE(std::isnan(s.min) && std::isnan(s.max) && std::isnan(s.mean));
    return;
  }
  EXPECT_EQ(s.min, r.min);
  EXPECT_EQ(s.max, r.max);
  expect_close(s.mean, r.mean, std::fmax(std::fabs(r.min), std::fabs(r.max)));
  expect_close(s.m2, r.m2, r.m2);
}

std::vector<size_t> lengths() {
  std::vector<size_t> all;
  for (size_t n = 0; n <= 67; ++n) all.push_back(n);
  for (size_t n : {4095, 4096, 4097, 65535, 65536, 65537, 140000}) all.push_back(n);
  return all;
}

template <typename T>
void check_integers(Dtype dtype) {
  std::mt19937_64 random(1);
  for (const size_t n : lengths()) {
    std::vector<T> values(n);
    for (T& value : values) {
      value = static_cast<T>(random());
      if (random() % 8 == 0) value = 0;
    }
    const Summary s = summary_of(dtype, values);
    expect_matches(s, reference(values), static_cast<double>(n));
    if (n == 0) continue;
    EXPECT_EQ(s.int_min, *std::min_element(values.begin(), values.end()));
    EXPECT_EQ(s.int_max, *std::max_element(values.begin(), values.end()));
  }
}

TEST(Stats, IntegersOfEveryLength) {
  check_integers<uint8_t>(Dtype::uint8);
  check_integers<int8_t>(Dtype::int8);
  check_integers<int16_t>(Dtype::int16);
  check_integers<int32_t>(Dtype::int32);
  check_integers<int64_t>(Dtype::int64);
}

template <typename T>
void check_floats(Dtype dtype, bool specials) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal(3, 1);
  const T odd[] = {T(kNan),
                   T(kInf),
                   T(-kInf),
                   T(0.0),
                   T(-0.0),
                   std::numeric_limits<T>::denorm_min(),
                   -std::numeric_limits<T>::denorm_min()};
  for (const size_t n : lengths()) {
    std::vector<T> values(n);
    for (T& value : values) {
      value = static_cast<T>(normal(random));
      if (specials && random() % 16 == 0) value = odd[random() % 7];
      if (!specials && random() % 16 == 0) value = 0;
    }
    expect_matches(summary_of(dtype, values), reference(values), static_cast<double>(n));
  }
}

TEST(Stats, FloatsOfEveryLength) {
  check_floats<float>(Dtype::float32, false);
  check_floats<float>(Dtype::float32, true);
  check_floats<double>(Dtype::float64, false);
  check_floats<double>(Dtype::float64, true);
}

TEST(Stats, EveryHalf) {
  std::vector<uint16_t> halves(65536);
  std::vector<float> floats(65536);
  for (size_t i = 0; i < 65536; ++i) {
    halves[i] = static_cast<uint16_t>(i);
    floats[i] = half_to_float(halves[i]);
  }
  const Summary s = summary_of(Dtype::float16, halves);
  expect_matches(s, reference(floats), 65536);
  EXPECT_EQ(s.max, 65504);
  EXPECT_EQ(s.pos_inf, 1);
  EXPECT_EQ(s.nan, 2046);
  EXPECT_EQ(s.zeros, 2);
}

// One special value at each position of a block finds the lanes and the tail.
TEST(Stats, OneSpecialValueAnywhere) {
  for (const double special : {kNan, kInf, -kInf, -50.0, 50.0, 0.0}) {
    for (size_t at = 0; at < 35; ++at) {
      std::vector<float> values(35, 1.5f);
      values[at] = static_cast<float>(special);
      expect_matches(summary_of(Dtype::float32, values), reference(values), 35);
      std::vector<double> doubles(35, 1.5);
      doubles[at] = special;
      expect_matches(summary_of(Dtype::float64, doubles), reference(doubles), 35);
    }
  }
}

TEST(Stats, NothingFinite) {
  const Summary none = summary_of(Dtype::float32, std::vector<float>{});
  EXPECT_EQ(none.count, 0);
  EXPECT_TRUE(std::isnan(none.min) && std::isnan(none.mean));
  EXPECT_TRUE(std::isnan(standard_deviation(none)));
  const Summary nans = summary_of(Dtype::float64, std::vector<double>(9, kNan));
  EXPECT_EQ(nans.nan, 9);
  EXPECT_TRUE(std::isnan(nans.max));
}

TEST(Stats, DeviationIsDividedByOneLess) {
  EXPECT_DOUBLE_EQ(standard_deviation(summary_of(Dtype::float64, std::vector<double>{1, 2, 3, 4})),
                   std::sqrt(5.0 / 3.0));
  EXPECT_TRUE(std::isnan(standard_deviation(summary_of(Dtype::int8, std::vector<int8_t>{1}))));
  const Summary constant = summary_of(Dtype::float32, std::vector<float>(100000, 0.1f));
  EXPECT_EQ(standard_deviation(constant), 0);
  EXPECT_EQ(constant.mean, static_cast<double>(0.1f));
}

TEST(Stats, ZerosHaveOneSign) {
  for (const auto& values : {std::vector<float>{-0.0f, 0.0f}, {0.0f, -0.0f}, {-0.0f, -0.0f}}) {
    const Summary s = summary_of(Dtype::float32, values);
    EXPECT_FALSE(std::signbit(s.min) || std::signbit(s.max));
    EXPECT_EQ(s.zeros, 2);
  }
}

TEST(Stats, DoublesWhoseSumsOverflow) {
  const Summary largest = summary_of(Dtype::float64, std::vector<double>(70000, DBL_MAX));
  EXPECT_EQ(largest.mean, DBL_MAX);
  EXPECT_EQ(largest.m2, 0);
  std::vector<double> both(10000, -DBL_MAX);
  std::fill(both.begin() + 5000, both.end(), DBL_MAX);
  const Summary s = summary_of(Dtype::float64, both);
  EXPECT_EQ(s.finite, 10000);
  EXPECT_NEAR(s.mean / DBL_MAX, 0, 1e-12);
  EXPECT_EQ(standard_deviation(s), kInf);
  both[3] = kNan;
  EXPECT_EQ(summary_of(Dtype::float64, both).finite, 9999);
  EXPECT_EQ(summary_of(Dtype::float64, both).max, DBL_MAX);
}

// Of values times 2^exponent, which is exact, the deviation is so too.
TEST(Stats, AnyMagnitude) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal(0.5, 1);
  std::vector<double> values(30000);
  for (double& value : values) value = normal(random);
  // Blocks of one value, equal ones too, and a block beside the others.
  std::fill(values.begin() + 4096, values.begin() + 8192, 0);
  std::fill(values.begin() + 8192, values.begin() + 12288, 1);
  std::fill(values.begin() + 12288, values.begin() + 16384, 1);
  const double expected = standard_deviation(summary_of(Dtype::float64, values));
  for (const int exponent : {0, 300, 480, 600, 660, 900, 1020, -300, -480, -660, -900, -950}) {
    std::vector<double> scaled = values;
    for (double& value : scaled) value = std::ldexp(value, exponent);
    const Summary s = summary_of(Dtype::float64, scaled);
    EXPECT_NEAR(std::ldexp(standard_deviation(s), -exponent), expected, 1e-13) << exponent;
    EXPECT_NEAR(std::ldexp(s.mean, -exponent), summary_of(Dtype::float64, values).mean, 1e-13);
  }
}

TEST(Stats, MagnitudesTogether) {
  std::vector<double> values(20000, 1e-200);
  std::fill(values.begin() + 10000, values.end(), 3e-200);
  EXPECT_NEAR(standard_deviation(summary_of(Dtype::float64, values)) / 1e-200,
              std::sqrt(20000.0 / 19999), 1e-12);
  values[0] = 1e200;
  EXPECT_NEAR(standard_deviation(summary_of(Dtype::float64, values)) / (1e200 / std::sqrt(20000)),
              1, 1e-9);
  values[0] = 1;
  EXPECT_NEAR(standard_deviation(summary_of(Dtype::float64, values)), 1 / std::sqrt(20000.0),
              1e-12);
  EXPECT_EQ(standard_deviation(summary_of(Dtype::float64, std::vector<double>{1e200, -1e200})),
            std::sqrt(2.0) * 1e200);
  EXPECT_NEAR(standard_deviation(summary_of(Dtype::float64, std::vector<double>{0, 5e-324})),
              5e-324, 0);
}

TEST(Stats, LargeLongsKeepTheirDistance) {
  std::vector<int64_t> stamps(100000);
  for (size_t i = 0; i < stamps.size(); ++i) {
    stamps[i] = INT64_MAX - 1000 + static_cast<int64_t>(i % 1001);
  }
  const Summary s = summary_of(Dtype::int64, stamps);
  EXPECT_EQ(s.int_max, INT64_MAX);
  EXPECT_EQ(s.int_min, INT64_MAX - 1000);
  std::vector<double> small(stamps.size());
  for (size_t i = 0; i < small.size(); ++i) small[i] = static_cast<double>(i % 1001);
  const Reference r = reference(small);
  EXPECT_NEAR(s.m2, r.m2, 1e-11 * r.m2);
  EXPECT_NEAR(s.mean_offset, r.mean, 1e-9);
  const Summary extremes = summary_of(Dtype::int64, std::vector<int64_t>{INT64_MIN, INT64_MAX});
  EXPECT_EQ(extremes.int_min, INT64_MIN);
  EXPECT_NEAR(standard_deviation(extremes) / 0x1p63, std::sqrt(2.0), 1e-12);
}

TEST(Stats, SmallSpreadFarFromZero) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(1e8, 1e-3);
  std::vector<double> values(200000);
  for (double& value : values) value = normal(random);
  const Reference r = reference(values);
  EXPECT_NEAR(summary_of(Dtype::float64, values).m2 / r.m2, 1, 1e-6);
}

TEST(Stats, AnOutlierFirst) {
  std::vector<float> values(5000, 1.0f);
  values[0] = 1e10f;
  const Reference r = reference(values);
  EXPECT_NEAR(summary_of(Dtype::float32, values).m2 / r.m2, 1, 1e-10);
}

// The same bits on every machine: values of a fixed sequence.
TEST(Stats, Bits) {
  std::vector<float> values(100000);
  uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<int32_t>(state)) * 0x1p-31f;
  }
  const Summary s = summary_of(Dtype::float32, values);
  EXPECT_EQ(s.mean, 0x1.7898a2f1758e3p-10);
  EXPECT_EQ(s.m2, 0x1.03b87807624c6p+15);
}

}  // namespace
}  // namespace t7
