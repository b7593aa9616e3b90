#include "kernels/histogram.h"

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

struct Result {
  std::vector<double> edges;
  std::vector<double> counts;
  Histogram totals;
};

template <typename T>
Range range_of(Dtype dtype, const std::vector<T>& values) {
  Summary summary;
  summarize(dtype, values.data(), values.size(), summary);
  return default_range(summary);
}

template <typename T>
Result histogram_of(Dtype dtype, const std::vector<T>& values, uint32_t bins, Range range) {
  Result r{std::vector<double>(bins + 1), std::vector<double>(bins), {}};
  Histogram h = start_histogram(range, bins, r.edges.data(), r.counts.data());
  for (size_t i = 0; i < values.size(); i += kTileElements) {
    add_to_histogram(dtype, values.data() + i, std::min(kTileElements, values.size() - i), h);
  }
  r.totals = h;
  return r;
}

// The definition: a bin holds what is not below its left edge and is below its right one. Where a
// range of a few ulps has equal edges, numpy's estimate decides which of the empty bins counts.
size_t numpy_bin(const std::vector<double>& edges, double x) {
  const size_t bins = edges.size() - 1;
  const double per_unit = static_cast<double>(bins) / (edges.back() - edges.front());
  if (std::isinf(per_unit) || per_unit == 0) {  // numpy fails
    const auto right = std::upper_bound(edges.begin(), edges.end(), x);
    return std::min(static_cast<size_t>(right - edges.begin()) - 1, bins - 1);
  }
  auto bin = static_cast<size_t>((x - edges.front()) * per_unit);
  if (bin == bins) --bin;
  if (x < edges[bin]) --bin;
  if (x >= edges[bin + 1] && bin != bins - 1) ++bin;
  return bin;
}

template <typename T>
void expect_by_edges(Dtype dtype, const std::vector<T>& values, const Result& r) {
  std::vector<double> counts(r.counts.size());
  double below = 0, above = 0, nan = 0, pos_inf = 0, neg_inf = 0;
  for (const T& value : values) {
    double x = static_cast<double>(value);
    if (dtype == Dtype::float16) x = half_to_float(static_cast<uint16_t>(value));
    if (std::isnan(x)) {
      ++nan;
    } else if (std::isinf(x)) {
      ++(x > 0 ? pos_inf : neg_inf);
    } else if (x < r.edges.front()) {
      ++below;
    } else if (x > r.edges.back()) {
      ++above;
    } else {
      ++counts[numpy_bin(r.edges, x)];
    }
  }
  EXPECT_EQ(r.counts, counts);
  EXPECT_EQ(r.totals.below, below);
  EXPECT_EQ(r.totals.above, above);
  EXPECT_EQ(r.totals.nan, nan);
  EXPECT_EQ(r.totals.pos_inf, pos_inf);
  EXPECT_EQ(r.totals.neg_inf, neg_inf);
}

template <typename T>
void check(Dtype dtype, const std::vector<T>& values, uint32_t bins, Range range) {
  SCOPED_TRACE(testing::Message() << "dtype " << static_cast<int>(dtype) << ", " << bins << " bins "
                                  << range.lo << " … " << range.hi);
  expect_by_edges(dtype, values, histogram_of(dtype, values, bins, range));
}

// The sequence behind the tables below, which numpy 1.24 made from the same numbers.
std::vector<double> sequence(size_t count) {
  std::vector<double> values(count);
  uint32_t state = 1;
  for (double& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<double>(static_cast<int32_t>(state)) * 0x1p-31;
  }
  return values;
}

void expect_numpy(const std::vector<double>& values, uint32_t bins, Range range,
                  const std::vector<double>& counts, const std::vector<double>& edges) {
  const Result r = histogram_of(Dtype::float64, values, bins, range);
  EXPECT_EQ(r.counts, counts);
  EXPECT_EQ(r.edges, edges);
}

TEST(Histogram, NumpyUniform) {
  const std::vector<double> x = sequence(10000);
  expect_numpy(
      x, 10, range_of(Dtype::float64, x), {973, 1003, 1024, 994, 977, 1012, 1017, 1029, 1001, 970},
      {-0x1.ffefc54400000p-1, -0x1.998c12f400000p-1, -0x1.332860a400000p-1, -0x1.99895ca800000p-2,
       -0x1.9983f01000000p-3, 0x1.5b26000000000p-16, 0x1.9999a27000000p-3, 0x1.999435d800000p-2,
       0x1.332dcd3c00000p-1, 0x1.99917f8c00000p-1, 0x1.fff531dc00000p-1});
  expect_numpy(
      x, 7, {-0.3, 0.9}, {799, 867, 838, 873, 890, 860, 860},
      {-0x1.3333333333333p-2, -0x1.0750750750750p-3, 0x1.5f15f15f15f18p-5, 0x1.b6db6db6db6dap-3,
       0x1.8af8af8af8af9p-2, 0x1.1d41d41d41d42p-1, 0x1.7507507507506p-1, 0x1.ccccccccccccdp-1});
}

TEST(Histogram, NumpyValuesNearEdges) {
  std::vector<double> x = sequence(10000);
  for (double& value : x) value = std::nearbyint(value * 20) / 10;
  const Result r = histogram_of(Dtype::float64, x, 13, range_of(Dtype::float64, x));
  EXPECT_EQ(r.counts,
            (std::vector<double>{837, 782, 728, 795, 741, 719, 782, 709, 763, 786, 754, 766, 838}));
  std::vector<double> thirds(31);
  for (size_t i = 0; i < 31; ++i) thirds[i] = static_cast<double>(i) / 30.0;
  const Result t = histogram_of(Dtype::float64, thirds, 30, {0, 1});
  EXPECT_EQ(t.counts, (std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                           1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2}));
}

TEST(Histogram, NumpyIntegers) {
  std::vector<int32_t> x;
  for (int32_t i = -5; i < 38; ++i) x.push_back((i + 17) % 17);
  const Result r = histogram_of(Dtype::int32, x, 6, range_of(Dtype::int32, x));
  EXPECT_EQ(r.counts, (std::vector<double>{9, 7, 4, 6, 8, 9}));
  EXPECT_EQ(r.edges[2], 0x1.5555555555555p+2);
}

TEST(Histogram, NumpyConstant) {
  expect_numpy(std::vector<double>(4, 3.25), 4, {2.75, 3.75}, {0, 0, 4, 0},
               {2.75, 3, 3.25, 3.5, 3.75});
  EXPECT_EQ(range_of(Dtype::float64, std::vector<double>(4, 3.25)).lo, 2.75);
  EXPECT_EQ(range_of(Dtype::float64, std::vector<double>(4, 3.25)).hi, 3.75);
}

TEST(Histogram, NumpyFewUlps) {
  std::vector<double> x;
  for (int i = 0; i < 32; ++i) x.push_back(1e16 + 2 * i);
  const Result r = histogram_of(Dtype::float64, x, 10, range_of(Dtype::float64, x));
  EXPECT_EQ(r.counts, (std::vector<double>{3, 3, 3, 3, 4, 3, 3, 3, 3, 4}));
}

TEST(Histogram, NothingAndNothingFinite) {
  const std::vector<float> none = {};
  EXPECT_EQ(range_of(Dtype::float32, none).lo, 0);
  EXPECT_EQ(range_of(Dtype::float32, none).hi, 1);
  const std::vector<float> odd = {NAN, HUGE_VALF, -HUGE_VALF, -HUGE_VALF};
  check(Dtype::float32, odd, 5, range_of(Dtype::float32, odd));
}

template <typename T>
void check_integers(Dtype dtype) {
  std::mt19937_64 random(1);
  for (const size_t n : {0, 1, 3, 4, 5, 67, 65536, 65537}) {
    std::vector<T> values(n);
    for (T& value : values) value = static_cast<T>(random() >> (random() % 64));
    for (const uint32_t bins : {1u, 7u, 256u, 1024u, 1025u, 65536u}) {
      check(dtype, values, bins, range_of(dtype, values));
      check(dtype, values, bins, {-3.5, 100});
    }
  }
}

TEST(Histogram, Integers) {
  check_integers<uint8_t>(Dtype::uint8);
  check_integers<int8_t>(Dtype::int8);
  check_integers<int16_t>(Dtype::int16);
  check_integers<int32_t>(Dtype::int32);
  check_integers<int64_t>(Dtype::int64);
}

template <typename T>
std::vector<T> mixed(size_t n, double mean, double deviation) {
  std::mt19937_64 random(n + 1);
  std::normal_distribution<double> normal(mean, deviation);
  const double odd[] = {kNan, kInf, -kInf, 0.0, -0.0, 1e30, -1e30};
  std::vector<T> values(n);
  for (T& value : values) {
    value = static_cast<T>(random() % 8 == 0 ? odd[random() % 7] : normal(random));
  }
  return values;
}

TEST(Histogram, FloatsInsideAndOutside) {
  for (const size_t n : {0, 1, 2, 3, 5, 66, 67, 5000, 65536, 70001}) {
    const auto floats = mixed<float>(n, 0.1, 1);
    const auto doubles = mixed<double>(n, 0.1, 1);
    for (const uint32_t bins : {1u, 2u, 10u, 128u, 256u, 1024u, 1025u, 65536u}) {
      check(Dtype::float32, floats, bins, {-2, 2});
      check(Dtype::float32, floats, bins, {0.1, 0.7});
      check(Dtype::float64, doubles, bins, {-2, 2});
      check(Dtype::float64, doubles, bins, range_of(Dtype::float64, doubles));
    }
  }
}

// Where the estimate in float, then the one in double, is too coarse.
TEST(Histogram, NarrowRangesFarFromZero) {
  for (const double width : {1e-1, 1e-4, 1e-6, 1e-9, 1e-12, 1e-15}) {
    const auto floats = mixed<float>(5000, 1, width);
    const auto doubles = mixed<double>(5000, 1, width);
    check(Dtype::float32, floats, 100, {1 - width, 1 + width});
    check(Dtype::float64, doubles, 10, {1 - width, 1 + width});
  }
}

TEST(Histogram, ValuesOnAndBesideEveryEdge) {
  const Result edges = histogram_of(Dtype::float64, std::vector<double>{}, 333, {-0.7, 1.1});
  std::vector<double> doubles;
  std::vector<float> floats;
  for (const double edge : edges.edges) {
    for (const double x : {std::nextafter(edge, -kInf), edge, std::nextafter(edge, kInf)}) {
      doubles.push_back(x);
    }
    const auto near = static_cast<float>(edge);
    for (const float x :
         {std::nextafter(near, -HUGE_VALF), near, std::nextafter(near, HUGE_VALF)}) {
      floats.push_back(x);
    }
  }
  check(Dtype::float64, doubles, 333, {-0.7, 1.1});
  check(Dtype::float32, floats, 333, {-0.7, 1.1});
}

TEST(Histogram, RangeWiderThanTheLargestDouble) {
  std::mt19937_64 random(4);
  std::vector<double> values = {DBL_MAX, -DBL_MAX, 0, kInf};
  for (int i = 0; i < 10000; ++i) {
    values.push_back((static_cast<double>(random()) * 0x1p-63 - 1) * DBL_MAX);
  }
  const Range range = range_of(Dtype::float64, values);
  EXPECT_EQ(range.hi, DBL_MAX);
  const Result r = histogram_of(Dtype::float64, values, 4, range);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(r.edges[static_cast<size_t>(i)] / DBL_MAX, i / 2.0 - 1, 1e-15);
  }
  for (const uint32_t bins : {1u, 3u, 256u, 65536u}) check(Dtype::float64, values, bins, range);
}

TEST(Histogram, Denormals) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(i * 0x1p-1074);
  check(Dtype::float64, values, 10, range_of(Dtype::float64, values));
  check(Dtype::float64, values, 999, range_of(Dtype::float64, values));
  values.push_back(1);
  check(Dtype::float64, values, 7, {0, 500 * 0x1p-1074});
  std::vector<float> floats;
  for (int i = 0; i < 1000; ++i) floats.push_back(static_cast<float>(i) * 0x1p-149f);
  check(Dtype::float32, floats, 10, range_of(Dtype::float32, floats));
}

TEST(Histogram, ConstantsOfAnySize) {
  for (const double x : {0.0, -0.0, 1e10, 1e17, -1e300, DBL_MAX, -DBL_MAX, 5e-324}) {
    const std::vector<double> values(10, x);
    const Range range = range_of(Dtype::float64, values);
    EXPECT_LE(range.lo, x);
    EXPECT_GE(range.hi, x);
    EXPECT_LT(range.lo, range.hi);
    const Result r = histogram_of(Dtype::float64, values, 10, range);
    EXPECT_EQ(*std::max_element(r.counts.begin(), r.counts.end()), 10);
  }
}

TEST(Histogram, EveryHalf) {
  std::vector<uint16_t> halves(65536);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  check(Dtype::float16, halves, 256, {-65504, 65504});
  check(Dtype::float16, halves, 2000, {-1, 1});
}

}  // namespace
}  // namespace t7
