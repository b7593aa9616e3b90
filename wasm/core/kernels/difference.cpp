#include "kernels/difference.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/half.h"

namespace t7 {
namespace {

// Most tensors that are compared are equal for long stretches.
constexpr size_t kBlock = 4096;

template <typename T>
double distance(T a, T b) {
  return std::fabs(to_double(a) - to_double(b));
}

// Exact as unsigned, then rounded once.
double distance(int64_t a, int64_t b) {
  const uint64_t exact =
      static_cast<uint64_t>(std::max(a, b)) - static_cast<uint64_t>(std::min(a, b));
  return static_cast<double>(exact);
}

// |a − b| / max(|a|, |b|), where the difference may overflow.
double relative(double absolute, double a, double b) {
  const double larger = std::fmax(std::fabs(a), std::fabs(b));
  if (std::isinf(absolute)) return std::fabs(a / larger - b / larger);
  return absolute / larger;
}

template <typename T>
void add_pair(T a, T b, double index, Difference& total) {
  const double x = to_double(a);
  const double y = to_double(b);
  if (std::isnan(x) || std::isnan(y) || std::isinf(x) || std::isinf(y)) {
    if (x == y || (std::isnan(x) && std::isnan(y))) return;
    ++total.different;
    ++total.incomparable;
    return;
  }
  const double absolute = distance(a, b);
  if (absolute == 0) return;
  ++total.different;
  if (absolute > total.max_absolute) {
    total.max_absolute = absolute;
    total.at = index;
  }
  total.max_relative = std::fmax(total.max_relative, relative(absolute, x, y));
}

template <typename T>
void add_pairs(const void* a, const void* b, size_t count, Difference& total) {
  const T* x = static_cast<const T*>(a);
  const T* y = static_cast<const T*>(b);
  for (size_t i = 0; i < count; i += kBlock) {
    const size_t n = std::min(kBlock, count - i);
    if (std::memcmp(x + i, y + i, n * sizeof(T)) == 0) continue;
    for (size_t k = i; k < i + n; ++k) {
      add_pair(x[k], y[k], total.count + static_cast<double>(k), total);
    }
  }
  total.count += static_cast<double>(count);
}

}  // namespace

void compare_elements(Dtype dtype, const void* a, const void* b, size_t count, Difference& total) {
  switch (dtype) {
    case Dtype::uint8: return add_pairs<uint8_t>(a, b, count, total);
    case Dtype::int8: return add_pairs<int8_t>(a, b, count, total);
    case Dtype::int16: return add_pairs<int16_t>(a, b, count, total);
    case Dtype::int32: return add_pairs<int32_t>(a, b, count, total);
    case Dtype::int64: return add_pairs<int64_t>(a, b, count, total);
    case Dtype::float32: return add_pairs<float>(a, b, count, total);
    case Dtype::float64: return add_pairs<double>(a, b, count, total);
    case Dtype::float16: return add_pairs<Half>(a, b, count, total);
  }
}

}  // namespace t7
