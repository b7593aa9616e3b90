#include "kernels/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "base/bytes.h"
#include "base/half.h"

namespace t7 {
namespace {

constexpr double kPs[] = {0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1};

template <typename T>
void add_all(Distribution& distribution, Dtype dtype, const std::vector<T>& values) {
  for (size_t i = 0; i < values.size(); i += kTileElements) {
    distribution.add(dtype, values.data() + i, std::min(kTileElements, values.size() - i));
  }
}

template <typename T>
std::unique_ptr<Distribution> distribution_of(Dtype dtype, const std::vector<T>& values) {
  auto distribution = std::make_unique<Distribution>();
  add_all(*distribution, dtype, values);
  if (distribution->finish()) {
    add_all(*distribution, dtype, values);
    EXPECT_FALSE(distribution->finish());
  }
  return distribution;
}

// numpy.quantile with its default method.
double exact(const std::vector<double>& sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(position);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  const double part = position - static_cast<double>(low);
  return sorted[low] * (1 - part) + sorted[high] * part;
}

template <typename T>
std::vector<double> sorted_finite(const std::vector<T>& values) {
  std::vector<double> sorted;
  for (const T value : values) {
    if (std::isfinite(static_cast<double>(value))) sorted.push_back(static_cast<double>(value));
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// Every quantile is as near as it says; gives the largest error that was said.
template <typename T>
double check(Dtype dtype, const std::vector<T>& values) {
  const auto distribution = distribution_of(dtype, values);
  const std::vector<double> sorted = sorted_finite(values);
  double said = 0;
  for (const double p : kPs) {
    const Quantile quantile = distribution->quantile(p);
    const double expected = exact(sorted, p);
    EXPECT_LE(std::fabs(quantile.value - expected), quantile.error + std::fabs(expected) * 1e-15)
        << p << " of " << values.size();
    said = std::fmax(said, quantile.error);
  }
  EXPECT_EQ(distribution->quantile(0).value, sorted.front());
  EXPECT_EQ(distribution->quantile(1).value, sorted.back());
  double counts[32];
  distribution->sparkline(counts, 32);
  EXPECT_NEAR(std::accumulate(counts, counts + 32, 0.0), static_cast<double>(sorted.size()),
              1e-6 * static_cast<double>(sorted.size()));
  return said;
}

template <typename T>
std::vector<T> normal_values(size_t n, double mean, double deviation) {
  std::mt19937_64 random(n);
  std::normal_distribution<double> normal(mean, deviation);
  std::vector<T> values(n);
  for (T& value : values) value = static_cast<T>(normal(random));
  return values;
}

TEST(Distribution, ExactWhileSmall) {
  for (const size_t n : {1, 2, 3, 4, 5, 67, 4096}) {
    EXPECT_EQ(check(Dtype::float64, normal_values<double>(n, 0, 1)), 0);
    EXPECT_EQ(check(Dtype::int64, normal_values<int64_t>(n, 0, 1e12)), 0);
  }
}

TEST(Distribution, NumpyTable) {
  const std::vector<int16_t> values = {7, -3, 12, 0, 5, 5, 100, -40};
  const auto distribution = distribution_of(Dtype::int16, values);
  EXPECT_EQ(distribution->quantile(0.1).value, -14.099999999999998);
  EXPECT_EQ(distribution->quantile(0.25).value, -0.75);
  EXPECT_EQ(distribution->quantile(0.5).value, 5);
  EXPECT_EQ(distribution->quantile(0.9).value, 38.399999999999984);
}

TEST(Distribution, ErrorsAreAsSaid) {
  for (const size_t n : {4097, 65536, 65537, 300007}) {
    // 1/128 of the largest value that is asked for.
    EXPECT_LE(check(Dtype::float32, normal_values<float>(n, 0, 0.01)), 0.04 / 128);
    EXPECT_LE(check(Dtype::float64, normal_values<double>(n, 0, 0.01)), 0.04 / 128);
    EXPECT_LE(check(Dtype::int32, normal_values<int32_t>(n, 0, 100000)), 400000.0 / 128);
    EXPECT_LE(check(Dtype::int64, normal_values<int64_t>(n, 0, 1e15)), 4e15 / 128);
    EXPECT_EQ(check(Dtype::int16, normal_values<int16_t>(n, 5, 1000)), 0);
    EXPECT_EQ(check(Dtype::int8, normal_values<int8_t>(n, 5, 20)), 0);
    EXPECT_EQ(check(Dtype::uint8, normal_values<uint8_t>(n, 128, 20)), 0);
  }
}

TEST(Distribution, NumbersOfClassesAreExact) {
  std::mt19937_64 random(3);
  std::vector<double> labels(100000);
  for (double& label : labels) label = static_cast<double>(1 + random() % 200);
  EXPECT_EQ(check(Dtype::float64, labels), 0);
  std::vector<float> floats(labels.begin(), labels.end());
  EXPECT_EQ(check(Dtype::float32, floats), 0);
  for (float& value : floats) value = -value;
  EXPECT_EQ(check(Dtype::float32, floats), 0);
}

TEST(Distribution, NarrowValuesAreCountedAgain) {
  const auto values = normal_values<float>(100000, 1, 0.001);
  Distribution first;
  add_all(first, Dtype::float32, values);
  EXPECT_TRUE(first.finish());
  EXPECT_LE(check(Dtype::float32, values), 1e-6);
  EXPECT_LE(check(Dtype::float64, normal_values<double>(100000, -1e9, 1)), 2e-4);
  // Time stamps of a day: each is a value of its own.
  std::mt19937_64 random(4);
  std::vector<int64_t> stamps(100000);
  for (int64_t& stamp : stamps) stamp = 1'500'000'000 + static_cast<int64_t>(random() % 20000);
  EXPECT_EQ(check(Dtype::int64, stamps), 0);
}

TEST(Distribution, ExtremesOfDoubles) {
  auto values = normal_values<double>(10000, 0, 1);
  for (size_t i = 0; i < values.size(); i += 100) values[i] *= 1e200;
  check(Dtype::float64, values);
  for (double& value : values) value *= 1e-250;
  check(Dtype::float64, values);
  values = normal_values<double>(10000, 0, 1);
  for (double& value : values) value *= 1e200;
  check(Dtype::float64, values);
  values[17] = DBL_MAX;
  values[4711] = -DBL_MAX;
  check(Dtype::float64, values);
}

TEST(Distribution, OnlyFiniteValues) {
  const float inf = std::numeric_limits<float>::infinity();
  const auto few = distribution_of(Dtype::float32, std::vector<float>{NAN, inf, 1, -inf, 3});
  EXPECT_EQ(few->summary().finite, 2);
  EXPECT_EQ(few->quantile(0.5).value, 2);
  EXPECT_TRUE(
      std::isnan(distribution_of(Dtype::float32, std::vector<float>{NAN})->quantile(1).value));
  const auto widest = distribution_of(Dtype::float64, std::vector<double>{-DBL_MAX, DBL_MAX});
  EXPECT_EQ(widest->quantile(0.5).value, 0);
  auto many = normal_values<float>(20000, 0, 1);
  for (size_t i = 0; i < many.size(); i += 7) many[i] = i % 2 == 0 ? NAN : inf;
  check(Dtype::float32, many);
  // A NaN whose first bits are those of an infinity.
  many[1] = bit_cast<float>(0x7f800001u);
  check(Dtype::float32, many);
  EXPECT_TRUE(std::isnan(
      distribution_of(Dtype::float64, std::vector<double>(5000, NAN))->quantile(0.5).value));
}

TEST(Distribution, LongsAreComparedExactly) {
  const int64_t large = int64_t{1} << 60;
  const auto distribution = distribution_of(
      Dtype::int64, std::vector<int64_t>{large + 2, INT64_MIN, large, large + 1, INT64_MAX});
  EXPECT_EQ(distribution->quantile(0).value, -0x1p63);
  EXPECT_EQ(distribution->quantile(0.5).value, 0x1p60);
  EXPECT_EQ(distribution->quantile(1).value, 0x1p63);
}

TEST(Distribution, Halves) {
  const auto few =
      distribution_of(Dtype::float16, std::vector<uint16_t>{0x3c00, 0xbc00, 0, 0x7e00});
  EXPECT_EQ(few->quantile(0).value, -1);
  EXPECT_EQ(few->quantile(1).value, 1);
  std::mt19937 random(5);
  std::vector<uint16_t> bits(50000);
  for (uint16_t& half : bits) half = static_cast<uint16_t>(random());
  const auto many = distribution_of(Dtype::float16, bits);
  std::vector<double> values;
  for (const uint16_t half : bits) values.push_back(half_to_float(half));
  const std::vector<double> sorted = sorted_finite(values);
  for (const double p : kPs) EXPECT_DOUBLE_EQ(many->quantile(p).value, exact(sorted, p)) << p;
}

TEST(Distribution, Denormals) {
  for (const size_t n : {100, 10000}) {
    std::vector<float> floats(n, 0.0F);
    std::vector<double> doubles(n, 1.0);
    std::vector<uint16_t> halves(n, 0x3c00);
    for (size_t i = 0; i < 10; ++i) {
      floats[i] = 1e-40F;
      floats[n / 2 + i] = -1e-45F;
      doubles[n - 1 - i] = 5e-324;
      doubles[i] = 1e-300;  // small, but normal
      doubles[n / 2 + i] = 0;
      halves[i] = 0x8001;
    }
    EXPECT_EQ(distribution_of(Dtype::float32, floats)->denormals(), 20) << n;
    EXPECT_EQ(distribution_of(Dtype::float64, doubles)->denormals(), 10) << n;
    EXPECT_EQ(distribution_of(Dtype::float16, halves)->denormals(), 10) << n;
    EXPECT_EQ(distribution_of(Dtype::int32, std::vector<int32_t>(n, 1))->denormals(), 0) << n;
  }
}

// Against a histogram with the same edges.
TEST(Distribution, SparklineIsAHistogram) {
  for (const size_t n : {3000, 200000}) {
    const auto values = normal_values<float>(n, 0.5, 1);
    const auto distribution = distribution_of(Dtype::float32, values);
    const Summary& summary = distribution->summary();
    double expected[32] = {};
    for (const float value : values) {
      const double place = (value - summary.min) / (summary.max - summary.min) * 32;
      expected[std::min(static_cast<size_t>(place), size_t{31})] += 1;
    }
    double counts[32];
    distribution->sparkline(counts, 32);
    const double most = *std::max_element(expected, expected + 32);
    for (size_t i = 0; i < 32; ++i) EXPECT_NEAR(counts[i], expected[i], most * 0.02) << i;
  }
  double counts[4];
  distribution_of(Dtype::int32, std::vector<int32_t>(9999, -7))->sparkline(counts, 4);
  EXPECT_EQ(counts[2], 9999);
  distribution_of(Dtype::float32, std::vector<float>{})->sparkline(counts, 4);
  EXPECT_EQ(counts[2], 0);
}

// How elements are grouped changes no count.
TEST(Distribution, TilesOfAnySize) {
  std::vector<float> values = normal_values<float>(10000, 0, 1);
  const auto whole = distribution_of(Dtype::float32, values);
  Distribution pieces;
  for (size_t i = 0; i < values.size(); i += 999) {
    pieces.add(Dtype::float32, values.data() + i, std::min(size_t{999}, values.size() - i));
  }
  EXPECT_FALSE(pieces.finish());
  for (const double p : kPs) EXPECT_EQ(pieces.quantile(p).value, whole->quantile(p).value);
}

}  // namespace
}  // namespace t7
