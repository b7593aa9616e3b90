#include "bytes/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/half.h"

namespace t7 {
namespace {

uint64_t bits_of(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// Null if the whole text is not one number.
bool parses(const std::string& text, double* value) {
  const char* end = text.data() + text.size();
  return parse_double(text.data(), end, value) == end;
}

void expect_like_library(const std::string& text) {
  double value = 0;
  ASSERT_TRUE(parses(text, &value)) << text;
  ASSERT_EQ(bits_of(value), bits_of(std::strtod(text.c_str(), nullptr))) << text;
  float narrow = 0;
  const auto parsed = parse_numbers(text.data(), text.size(), true, Dtype::float32, &narrow, 1);
  ASSERT_EQ(parsed.count, 1u) << text;
  ASSERT_EQ(bits_of(narrow), bits_of(std::strtof(text.c_str(), nullptr))) << text;
}

std::string format(const char* pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

TEST(Numbers, LikeTheLibraryForAnyBits) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300000; ++i) {
    const uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    expect_like_library(format("%.17g", value));
    expect_like_library(format("%.16g", value));
    if (i % 4 == 0) expect_like_library(format("%.25g", value));
  }
}

TEST(Numbers, LikeTheLibraryForOrdinaryValues) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 300000; ++i) {
    const double value = normal(random) * std::pow(10.0, static_cast<int>(random() % 20) - 10);
    expect_like_library(format("%.17g", value));
    expect_like_library(format("%.9g", value));
    if (i % 4 == 0) expect_like_library(format("%g", value));
    if (i % 4 == 1) expect_like_library(format("%.19e", value));
    if (i % 4 == 2) expect_like_library(format("%a", value));
  }
}

TEST(Numbers, FloatsComeBack) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 300000; ++i) {
    const auto bits = static_cast<uint32_t>(random());
    float value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = format("%.9g", static_cast<double>(value));
    float back = 0;
    ASSERT_EQ(parse_numbers(text.data(), text.size(), true, Dtype::float32, &back, 1).count, 1u);
    ASSERT_EQ(bits_of(back), bits) << text;
  }
}

TEST(Numbers, HardCases) {
  for (const char* text : {"0",
                           "-0",
                           "0.0",
                           "+5",
                           "1.",
                           ".5",
                           "-.5e1",
                           "1e5",
                           "1E+5",
                           "1e-5",
                           "00012",
                           "0.00001",
                           "9007199254740993",
                           "9007199254740992",
                           "9007199254740991",
                           "9007199254740993.0000000001",
                           "1e22",
                           "1e23",
                           "8.5e22",
                           "123456789012345678e-40",
                           "1.7976931348623157e308",
                           "1.7976931348623159e308",
                           "4.9406564584124654e-324",
                           "2.4703282292062327e-324",
                           "2.2250738585072011e-308",
                           "2.2250738585072014e-308",
                           "1e400",
                           "-1e400",
                           "1e-400",
                           "1e999999999999",
                           "0e999999999999",
                           "0x1p3",
                           "-0x1.8p-2",
                           "0X1P3",
                           "16777217",
                           "16777217.0000001",
                           "16777216.9999999999",
                           "1.00000005960464477539",
                           "3.4028235677973366e38",
                           "3.40282356e38",
                           "7.0064923216240854e-46",
                           "7.0064923216240862e-46",
                           "1.17549431e-38",
                           "18446744073709551615",
                           "18446744073709551616",
                           "9999999999999999999",
                           "012.3400000000"}) {
    expect_like_library(text);
  }
}

TEST(Numbers, SpecialSpellings) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const char* text : {"inf", "INF", "infinity", "+Inf", "1.#INF", "1.#INF00", "1,#INF"}) {
    double value = 0;
    ASSERT_TRUE(parses(text, &value)) << text;
    EXPECT_EQ(value, inf) << text;
    ASSERT_TRUE(parses("-" + std::string(text + (text[0] == '+')), &value)) << text;
    EXPECT_EQ(value, -inf) << text;
  }
  for (const char* text : {"nan", "NaN", "nan(ind)", "nan()", "nan(0x7ff)", "1.#QNAN", "1.#QNAN0",
                           "1.#IND", "1.#SNAN"}) {
    double value = 0;
    ASSERT_TRUE(parses(text, &value)) << text;
    EXPECT_EQ(bits_of(value), 0x7ff8000000000000u) << text;
    ASSERT_TRUE(parses("-" + std::string(text), &value)) << text;
    EXPECT_EQ(bits_of(value), 0xfff8000000000000u) << text;
  }
  double value = 0;
  ASSERT_TRUE(parses("-2,5", &value));
  EXPECT_EQ(value, -2.5);
}

TEST(Numbers, NotNumbers) {
  for (const char* text : {"-", "+", ".", "e5", "1e", "1e+", "1.2.3", "1,2,3", "--1", "0x", "abc",
                           "nan(", "nan(a)b", "infx", "1.#", "1.#INFx", "1f", "1_0", "5\x01"}) {
    double value = 0;
    EXPECT_FALSE(parses(text, &value)) << text;
  }
  double value = 0;
  EXPECT_FALSE(parses("", &value));
  EXPECT_FALSE(parses(std::string("1\0", 2), &value));
  EXPECT_FALSE(parses("0." + std::string(kMaxNumberText, '0'), &value));
  EXPECT_FALSE(parses("0.12" + std::string(kMaxNumberText, '3'), &value));
}

TEST(Numbers, Integers) {
  int64_t value = 0;
  const auto integer = [&value](const std::string& text) {
    const char* end = text.data() + text.size();
    return parse_int64(text.data(), end, &value) == end;
  };
  EXPECT_TRUE(integer("9223372036854775807") && value == INT64_MAX);
  EXPECT_TRUE(integer("-9223372036854775808") && value == INT64_MIN);
  EXPECT_TRUE(integer("+0012") && value == 12);
  EXPECT_TRUE(integer("-0") && value == 0);
  EXPECT_TRUE(integer("0000000000000000000000000000007") && value == 7);
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "18446744073709551617",
                           "99999999999999999999999", "", "-", "+", "1.0", "1e3", "0x10", "12a"}) {
    EXPECT_FALSE(integer(text)) << text;
  }
}

TEST(Numbers, IntegersOutsideTheirType) {
  int16_t narrow[2] = {};
  const std::string text = "-32768 32768";
  const auto parsed = parse_numbers(text.data(), text.size(), true, Dtype::int16, narrow, 2);
  EXPECT_EQ(narrow[0], -32768);
  EXPECT_EQ(parsed.count, 1u);
  EXPECT_TRUE(parsed.malformed);
  EXPECT_EQ(parsed.consumed, 7u);
  uint8_t byte = 0;
  EXPECT_TRUE(parse_numbers("256", 3, true, Dtype::uint8, &byte, 1).malformed);
  EXPECT_TRUE(parse_numbers("-1", 2, true, Dtype::uint8, &byte, 1).malformed);
  EXPECT_EQ(parse_numbers("255", 3, true, Dtype::uint8, &byte, 1).count, 1u);
  EXPECT_EQ(byte, 255);
}

TEST(Numbers, HalvesRoundFromText) {
  uint16_t halves[4] = {};
  const std::string text = "1.00048828125 1.00146484375 65520 -inf";
  EXPECT_EQ(parse_numbers(text.data(), text.size(), true, Dtype::float16, halves, 4).count, 4u);
  EXPECT_EQ(halves[0], 0x3c00);
  EXPECT_EQ(halves[1], 0x3c02);
  EXPECT_EQ(halves[2], 0x7c00);
  EXPECT_EQ(halves[3], 0xfc00);
}

// In pieces of every size the numbers are the same as at once.
template <typename T>
void check_pieces(Dtype dtype, const std::string& text, size_t wanted) {
  std::vector<T> whole(wanted);
  const auto all = parse_numbers(text.data(), text.size(), true, dtype, whole.data(), wanted);
  ASSERT_EQ(all.count, wanted);
  ASSERT_FALSE(all.malformed);
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    std::vector<T> parts(wanted);
    size_t done = 0;
    size_t count = 0;
    for (size_t seen = 0; count < wanted && seen < text.size();) {
      seen = std::min(text.size(), seen + piece);
      const auto part = parse_numbers(text.data() + done, seen - done, seen == text.size(), dtype,
                                      parts.data() + count, wanted - count);
      ASSERT_FALSE(part.malformed) << text.substr(done);
      done += part.consumed;
      count += part.count;
    }
    ASSERT_EQ(count, wanted);
    ASSERT_EQ(done, all.consumed);
    ASSERT_EQ(std::memcmp(parts.data(), whole.data(), wanted * sizeof(T)), 0);
  }
}

TEST(Numbers, InPieces) {
  const std::string text =
      " 1 -2.5\t0x1p3\n1e-5 nan(ind)  -1.#IND \r\n 1.2345678901234567e-12 inf 2,5 7\n";
  check_pieces<double>(Dtype::float64, text, 10);
  check_pieces<float>(Dtype::float32, text, 10);
  check_pieces<int64_t>(Dtype::int64, " 1 -22\n+333 9223372036854775807\v5 \n", 5);
}

TEST(Numbers, StopsAfterWanted) {
  double values[2] = {};
  const auto parsed = parse_numbers("1 2 x", 5, true, Dtype::float64, values, 2);
  EXPECT_EQ(parsed.consumed, 3u);
  EXPECT_EQ(parsed.count, 2u);
  EXPECT_FALSE(parsed.malformed);
}

TEST(Numbers, TokenTooLongToEverEndIsMalformed) {
  double value = 0;
  const std::string digits(5000, '1');
  EXPECT_TRUE(
      parse_numbers(digits.data(), digits.size(), false, Dtype::float64, &value, 1).malformed);
  int64_t integer = 0;
  EXPECT_TRUE(
      parse_numbers(digits.data(), digits.size(), false, Dtype::int64, &integer, 1).malformed);
  EXPECT_FALSE(parse_numbers(digits.data(), 100, false, Dtype::float64, &value, 1).malformed);
}

}  // namespace
}  // namespace t7
