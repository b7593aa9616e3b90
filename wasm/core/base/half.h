// IEEE half precision, one value at a time.
#pragma once

#include <cstdint>
#include <cstring>

namespace t7 {

// Exact: every half is a float. The payload of a NaN is kept.
inline float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t rest = half & 0x7fffu;
  if (rest < 0x0400u) {  // zero or subnormal: a multiple of 2^-24
    const float magnitude = static_cast<float>(rest) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const uint32_t exponent_shift = rest >= 0x7c00u ? 0x70000000u : 0x38000000u;
  const uint32_t bits = sign | ((rest << 13) + exponent_shift);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// Rounds to nearest, ties to even; too large becomes infinite.
inline uint16_t float_to_half(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t rest = bits & 0x7fffffffu;
  if (rest > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);
  if (rest >= 0x47800000u) return static_cast<uint16_t>(sign | 0x7c00u);
  if (rest < 0x38800000u) {
    // Below 2^-14: adding 0.5 leaves the multiple of 2^-24, correctly rounded, in the low bits.
    float magnitude;
    std::memcpy(&magnitude, &rest, sizeof magnitude);
    magnitude += 0.5f;
    uint32_t sum;
    std::memcpy(&sum, &magnitude, sizeof sum);
    return static_cast<uint16_t>(sign | (sum - 0x3f000000u));
  }
  const uint32_t odd = (rest >> 13) & 1u;
  return static_cast<uint16_t>(sign | ((rest - 0x38000000u + 0xfffu + odd) >> 13));
}

// float16 as an element type of its own, where uint16_t would be a number.
struct Half {
  uint16_t bits;
};

// Any element as a double; int64 is rounded.
template <typename T>
double to_double(T value) {
  return static_cast<double>(value);
}
inline double to_double(Half half) { return static_cast<double>(half_to_float(half.bits)); }

}  // namespace t7
