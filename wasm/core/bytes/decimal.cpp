#include "bytes/decimal.h"

#include <array>
#include <bit>
#include <cstddef>

#include "base/lanes.h"

namespace t7 {
namespace {

// 10^q as mantissa · 2^(binary_exponent(q) − 127), the mantissa's top bit set, cut off (never
// rounded up) after 128 bits.
struct Power {
  uint64_t high;
  uint64_t low;
};

constexpr int32_t kMinPower = -342;
constexpr int32_t kMaxPower = 308;

// floor(log2(10^q)), exact in this range.
constexpr int32_t binary_exponent(int32_t q) { return (q * 217706) >> 16; }

// A mantissa of 256 bits in [1, 2), most significant word first: long enough that cutting off
// 650 times does not reach the 128 bits that are kept.
using Wide = std::array<uint32_t, 8>;

constexpr Wide shifted_left(Wide wide) {
  for (size_t i = 0; i < 8; ++i) wide[i] = wide[i] << 1 | (i < 7 ? wide[i + 1] >> 31 : 0);
  return wide;
}

// × 5/4, halved if that reaches 2.
constexpr Wide times_five(const Wide& wide) {
  Wide result = {};
  uint64_t carry = 0;
  for (size_t i = 8; i-- > 0;) {
    const uint32_t quarter = wide[i] >> 2 | (i > 0 ? wide[i - 1] << 30 : 0);
    carry += static_cast<uint64_t>(wide[i]) + quarter;
    result[i] = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  if (carry == 0) return result;
  for (size_t i = 8; i-- > 0;) result[i] = result[i] >> 1 | (i > 0 ? result[i - 1] << 31 : 0);
  result[0] |= 0x80000000u;
  return result;
}

// ÷ 5, doubled until the top bit is set again.
constexpr Wide divided_by_five(const Wide& wide) {
  Wide result = {};
  uint64_t rest = 0;
  for (size_t i = 0; i < 8; ++i) {
    rest = rest << 32 | wide[i];
    result[i] = static_cast<uint32_t>(rest / 5);
    rest %= 5;
  }
  while ((result[0] >> 31) == 0) result = shifted_left(result);
  return result;
}

constexpr Power top_of(const Wide& wide) {
  return {static_cast<uint64_t>(wide[0]) << 32 | wide[1],
          static_cast<uint64_t>(wide[2]) << 32 | wide[3]};
}

constexpr auto make_powers() {
  std::array<Power, kMaxPower - kMinPower + 1> powers = {};
  const Wide one = {0x80000000u};
  Wide wide = one;
  for (int32_t q = 0; q <= kMaxPower; ++q, wide = times_five(wide)) {
    powers[static_cast<size_t>(q - kMinPower)] = top_of(wide);
  }
  wide = one;
  for (int32_t q = -1; q >= kMinPower; --q) {
    wide = divided_by_five(wide);
    powers[static_cast<size_t>(q - kMinPower)] = top_of(wide);
  }
  return powers;
}

constexpr auto kPowers = make_powers();

constexpr std::array<double, 23> kExactPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct Product {
  uint64_t high;
  uint64_t low;
};

// In 32-bit halves: WebAssembly has no wider product, and calls a function for __int128.
inline Product multiply(uint64_t a, uint64_t b) {
  const uint64_t a_low = a & 0xffffffffu;
  const uint64_t a_high = a >> 32;
  const uint64_t b_low = b & 0xffffffffu;
  const uint64_t b_high = b >> 32;
  const uint64_t low = a_low * b_low;
  const uint64_t middle = a_high * b_low + (low >> 32);
  const uint64_t other = a_low * b_high + (middle & 0xffffffffu);
  return {a_high * b_high + (middle >> 32) + (other >> 32), other << 32 | (low & 0xffffffffu)};
}

// With 64 bits of digits and 128 of the power, the true product lies in [product, product + 4)
// counted in units of `low`. It is rounded only if the whole interval rounds one way.
bool round_product(Product product, int32_t exponent, bool negative, double* value) {
  if ((product.high >> 63) == 0) {
    product = {product.high << 1 | product.low >> 63, product.low << 1};
    --exponent;
  }
  if (exponent < -1022 || exponent > 1022) return false;
  constexpr uint64_t kHalf = 0x400;
  const uint64_t rest = product.high & 0x7ff;
  if (rest == kHalf - 1 && product.low >= ~uint64_t{3}) return false;
  if (rest == kHalf && product.low == 0) return false;
  uint64_t mantissa = product.high >> 11;
  if (rest >= kHalf) ++mantissa;  // up to 2^53, which then carries into the exponent
  const uint64_t biased = static_cast<uint64_t>(exponent + 1022);
  const uint64_t bits = (biased << 52) + mantissa;
  *value = bit_cast<double>(bits | static_cast<uint64_t>(negative) << 63);
  return true;
}

}  // namespace

bool decimal_to_double(uint64_t digits, int32_t exponent, bool negative, double* value) {
  if (digits >> 53 == 0 && exponent >= -22 && exponent <= 22) {  // both exact: one rounding
    const double whole = static_cast<double>(digits);
    const double magnitude = exponent < 0 ? whole / kExactPowers[static_cast<size_t>(-exponent)]
                                          : whole * kExactPowers[static_cast<size_t>(exponent)];
    *value = negative ? -magnitude : magnitude;
    return true;
  }
  if (digits == 0) {
    *value = negative ? -0.0 : 0.0;
    return true;
  }
  if (exponent < kMinPower || exponent > kMaxPower) return false;
  const int32_t zeros = std::countl_zero(digits);
  digits <<= zeros;
  const Power& power = kPowers[static_cast<size_t>(exponent - kMinPower)];
  Product product = multiply(digits, power.high);
  const uint64_t carry = multiply(digits, power.low).high;
  product.low += carry;
  if (product.low < carry) ++product.high;
  return round_product(product, 64 - zeros + binary_exponent(exponent), negative, value);
}

}  // namespace t7
