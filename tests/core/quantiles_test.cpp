#include "kernels/quantiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace t7 {
namespace {

static_assert(sizeof(Quantiles) <= 1 << 20);

constexpr double kPs[] = {0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.999, 1};

template <typename T>
std::unique_ptr<Quantiles> quantiles_of(Dtype dtype, const std::vector<T>& values) {
  auto quantiles = std::make_unique<Quantiles>();
  for (size_t i = 0; i < values.size(); i += kTileElements) {
    quantiles->add(dtype, values.data() + i, std::min(kTileElements, values.size() - i));
  }
  return quantiles;
}

// numpy.quantile with its default method.
double exact(const std::vector<double>& sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(position);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (position - static_cast<double>(low));
}

TEST(Quantiles, ExactWhileSmall) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  for (const size_t n : {1, 2, 3, 4, 5, 67, 8191}) {
    std::vector<double> values(n);
    for (double& value : values) value = normal(random);
    const auto quantiles = quantiles_of(Dtype::float64, values);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(quantiles->rank_error(), 0);
    for (const double p : kPs) EXPECT_DOUBLE_EQ(quantiles->query(p), exact(values, p)) << n;
  }
}

TEST(Quantiles, NumpyTable) {
  const std::vector<int16_t> values = {7, -3, 12, 0, 5, 5, 100, -40};
  const auto quantiles = quantiles_of(Dtype::int16, values);
  EXPECT_EQ(quantiles->query(0.1), -14.099999999999998);
  EXPECT_EQ(quantiles->query(0.25), -0.75);
  EXPECT_EQ(quantiles->query(0.5), 5);
  EXPECT_EQ(quantiles->query(0.9), 38.399999999999984);
}

// The stated bound holds, and what is seen is much better.
void check_rank(const std::vector<double>& values) {
  const auto quantiles = quantiles_of(Dtype::float64, values);
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(values.size());
  EXPECT_EQ(quantiles->count(), n);
  EXPECT_LE(quantiles->rank_error() / n, std::log2(n / 8192) / 16384 + 0.0005);
  for (const double p : kPs) {
    const double value = quantiles->query(p);
    const auto below = std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
    const auto up_to = std::upper_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
    const double rank = p * (n - 1);
    EXPECT_LE(static_cast<double>(below), rank + quantiles->rank_error() + 1) << p;
    EXPECT_GE(static_cast<double>(up_to), rank - quantiles->rank_error() - 1) << p;
  }
  EXPECT_EQ(quantiles->query(0), sorted.front());
  EXPECT_EQ(quantiles->query(1), sorted.back());
}

TEST(Quantiles, RankErrorIsBounded) {
  std::mt19937_64 random(2);
  std::lognormal_distribution<double> wide(0, 3);
  for (const size_t n : {8192, 8193, 100000, 300007}) {
    std::vector<double> values(n);
    for (double& value : values) value = wide(random);
    check_rank(values);
    std::sort(values.begin(), values.end());
    check_rank(values);
    std::reverse(values.begin(), values.end());
    check_rank(values);
    for (double& value : values) value = static_cast<double>(random() % 3);
    check_rank(values);
  }
}

TEST(Quantiles, OnlyFiniteValues) {
  const float inf = std::numeric_limits<float>::infinity();
  const auto quantiles = quantiles_of(Dtype::float32, std::vector<float>{NAN, inf, 1, -inf, 3});
  EXPECT_EQ(quantiles->count(), 2);
  EXPECT_EQ(quantiles->query(0.5), 2);
  EXPECT_TRUE(std::isnan(quantiles_of(Dtype::float32, std::vector<float>{NAN})->query(0.5)));
  const auto widest = quantiles_of(Dtype::float64, std::vector<double>{-DBL_MAX, DBL_MAX});
  EXPECT_EQ(widest->query(0.5), 0);
}

TEST(Quantiles, LongsAreComparedExactly) {
  const int64_t large = int64_t{1} << 60;
  const auto quantiles = quantiles_of(
      Dtype::int64, std::vector<int64_t>{large + 2, INT64_MIN, large, large + 1, INT64_MAX});
  EXPECT_EQ(quantiles->query(0), -0x1p63);
  EXPECT_EQ(quantiles->query(0.5), 0x1p60);
  EXPECT_EQ(quantiles->query(1), 0x1p63);
}

TEST(Quantiles, HalvesAndClear) {
  const std::vector<uint16_t> halves = {0x3c00, 0xbc00, 0x0000, 0x7e00};
  const auto quantiles = quantiles_of(Dtype::float16, halves);
  EXPECT_EQ(quantiles->query(0), -1);
  EXPECT_EQ(quantiles->query(1), 1);
  quantiles->clear();
  EXPECT_EQ(quantiles->count(), 0);
  EXPECT_TRUE(std::isnan(quantiles->query(0.5)));
}

// More elements between queries change nothing but the result.
TEST(Quantiles, QueriesDoNotDisturb) {
  std::mt19937 random(3);
  auto asked = std::make_unique<Quantiles>();
  auto silent = std::make_unique<Quantiles>();
  for (int i = 0; i < 30; ++i) {
    std::vector<int32_t> values(1000);
    for (int32_t& value : values) value = static_cast<int32_t>(random());
    asked->add(Dtype::int32, values.data(), values.size());
    silent->add(Dtype::int32, values.data(), values.size());
    asked->query(0.3);
  }
  for (const double p : kPs) EXPECT_EQ(asked->query(p), silent->query(p));
}

}  // namespace
}  // namespace t7
