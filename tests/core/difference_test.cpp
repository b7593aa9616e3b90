#include "kernels/difference.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace t7 {
namespace {

template <typename T>
Difference difference_of(Dtype dtype, const std::vector<T>& a, const std::vector<T>& b) {
  Difference total;
  for (size_t i = 0; i < a.size(); i += kTileElements) {
    compare_elements(dtype, &a[i], &b[i], std::min(kTileElements, a.size() - i), total);
  }
  return total;
}

TEST(Difference, EqualTensors) {
  const std::vector<float> a = {1, NAN, HUGE_VALF, -HUGE_VALF, 0.0f};
  const std::vector<float> b = {1, -NAN, HUGE_VALF, -HUGE_VALF, -0.0f};
  const Difference d = difference_of(Dtype::float32, a, b);
  EXPECT_EQ(d.count, 5);
  EXPECT_EQ(d.different, 0);
  EXPECT_EQ(d.max_absolute, 0);
  EXPECT_EQ(d.at, -1);
}

TEST(Difference, LargestAndWhere) {
  std::mt19937 random(1);
  std::vector<double> a(150000);
  for (double& value : a) value = static_cast<double>(random());
  std::vector<double> b = a;
  a[100] = 4;
  b[100] = 1;
  a[140000] = 1e9;
  b[140000] = 1e9 + 5;
  a[140001] = 5;
  b[140001] = 0;
  const Difference d = difference_of(Dtype::float64, a, b);
  EXPECT_EQ(d.count, 150000);
  EXPECT_EQ(d.different, 3);
  EXPECT_EQ(d.max_absolute, 5);
  EXPECT_EQ(d.at, 140000);
  EXPECT_EQ(d.max_relative, 1);
}

TEST(Difference, WhatCannotBeCompared) {
  const std::vector<double> a = {NAN, 1, HUGE_VAL, HUGE_VAL};
  const std::vector<double> b = {1, NAN, 1, -HUGE_VAL};
  const Difference d = difference_of(Dtype::float64, a, b);
  EXPECT_EQ(d.different, 4);
  EXPECT_EQ(d.incomparable, 4);
  EXPECT_EQ(d.max_absolute, 0);
}

TEST(Difference, ExtremesOfEveryType) {
  EXPECT_EQ(difference_of<uint8_t>(Dtype::uint8, {0}, {255}).max_absolute, 255);
  EXPECT_EQ(difference_of<int8_t>(Dtype::int8, {-128}, {127}).max_absolute, 255);
  EXPECT_EQ(difference_of<int16_t>(Dtype::int16, {-32768}, {32767}).max_absolute, 65535);
  EXPECT_EQ(difference_of<int32_t>(Dtype::int32, {INT32_MIN}, {INT32_MAX}).max_absolute,
            4294967295.0);
  EXPECT_EQ(difference_of<int64_t>(Dtype::int64, {INT64_MIN}, {INT64_MAX}).max_absolute, 0x1p64);
  EXPECT_EQ(difference_of<int64_t>(Dtype::int64, {INT64_MAX}, {INT64_MAX - 1}).max_absolute, 1);
  EXPECT_EQ(difference_of<uint16_t>(Dtype::float16, {0x3c00}, {0xbc00}).max_absolute, 2);
  const Difference widest = difference_of<double>(Dtype::float64, {-DBL_MAX}, {DBL_MAX});
  EXPECT_EQ(widest.max_absolute, HUGE_VAL);
  EXPECT_EQ(widest.max_relative, 2);
  EXPECT_EQ(widest.incomparable, 0);
}

}  // namespace
}  // namespace t7
