#include "elements/convert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/half.h"

namespace t7 {
namespace {

TEST(Convert, SwapBytesOfEveryWidthAndLength) {
  for (const size_t width : {1, 2, 4, 8}) {
    for (size_t count = 0; count <= 67; ++count) {
      std::vector<unsigned char> bytes(width * count + 1);
      for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i * 7 + 1);
      std::vector<unsigned char> expected = bytes;
      for (size_t i = 0; i < count; ++i) {
        const auto at = expected.begin() + static_cast<ptrdiff_t>(i * width);
        std::reverse(at, at + static_cast<ptrdiff_t>(width));
      }
      swap_bytes(bytes.data(), width, count);
      EXPECT_EQ(bytes, expected) << width << " × " << count;
    }
  }
}

TEST(Convert, WidenInPlace) {
  for (size_t count = 0; count <= 67; ++count) {
    std::vector<int64_t> buffer(count);
    std::vector<int64_t> expected(count);
    for (size_t i = 0; i < count; ++i) {
      const int32_t value = i % 5 == 0   ? std::numeric_limits<int32_t>::min()
                            : i % 5 == 1 ? std::numeric_limits<int32_t>::max()
                                         : -static_cast<int32_t>(i) * 12345;
      std::memcpy(reinterpret_cast<char*>(buffer.data()) + i * 4, &value, 4);
      expected[i] = value;
    }
    widen_int32(buffer.data(), count);
    EXPECT_EQ(buffer, expected);
  }
}

// The definition of the format, in arithmetic.
double half_value(uint32_t half) {
  const int exponent = static_cast<int>(half >> 10 & 31);
  const int fraction = static_cast<int>(half & 1023);
  const double sign = (half & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return fraction == 0 ? sign * HUGE_VAL : NAN;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Convert, EveryHalf) {
  std::vector<uint16_t> halves(65536 + 3);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  std::vector<float> floats(halves.size());
  halves_to_floats(halves.data(), halves.size(), floats.data());
  for (size_t i = 0; i < halves.size(); ++i) {
    const double expected = half_value(halves[i]);
    const float one = half_to_float(halves[i]);
    ASSERT_EQ(std::memcmp(&one, &floats[i], 4), 0) << i;
    ASSERT_EQ(std::signbit(floats[i]), (halves[i] & 0x8000) != 0) << i;
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(floats[i])) << i;
    } else {
      ASSERT_EQ(floats[i], expected) << i;
      ASSERT_EQ(float_to_half(floats[i]), halves[i]) << i;
    }
  }
}

TEST(Convert, FloatToHalfRoundsToNearestEven) {
  for (uint32_t half = 0; half < 0x7bff; ++half) {
    const double low = half_value(half);
    const double high = half_value(half + 1);
    const auto middle = static_cast<float>((low + high) / 2);
    const uint32_t even = half + (half & 1);
    ASSERT_EQ(float_to_half(middle), even) << half;
    ASSERT_EQ(float_to_half(std::nextafter(middle, 0.0f)), half) << half;
    ASSERT_EQ(float_to_half(-std::nextafter(middle, 1e9f)), (half + 1) | 0x8000) << half;
  }
  EXPECT_EQ(float_to_half(65519.996f), 0x7bff);
  EXPECT_EQ(float_to_half(65520.0f), 0x7c00);
  EXPECT_EQ(float_to_half(std::numeric_limits<float>::max()), 0x7c00);
  EXPECT_EQ(float_to_half(-HUGE_VALF), 0xfc00);
  EXPECT_EQ(float_to_half(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_EQ(float_to_half(std::numeric_limits<float>::quiet_NaN()), 0x7e00);
}

}  // namespace
}  // namespace t7
