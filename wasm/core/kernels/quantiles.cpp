#include "kernels/quantiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/half.h"
#include "base/lanes.h"

namespace t7 {
namespace {

constexpr uint64_t kSign = uint64_t{1} << 63;

uint64_t key_of(int64_t value) { return static_cast<uint64_t>(value) ^ kSign; }

// Flips what makes the bits of doubles differ from their order.
uint64_t key_of(double value) {
  const auto bits = bit_cast<uint64_t>(value + 0.0);  // −0 is 0
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

// By bytes, least significant first; a byte that is the same everywhere costs nothing.
void radix_sort(uint64_t* keys, uint64_t* scratch, size_t count) {
  uint32_t starts[8][256] = {};
  for (size_t i = 0; i < count; ++i) {
    for (size_t byte = 0; byte < 8; ++byte) ++starts[byte][keys[i] >> (8 * byte) & 0xff];
  }
  uint64_t* from = keys;
  uint64_t* to = scratch;
  for (size_t byte = 0; byte < 8; ++byte) {
    uint32_t* start = starts[byte];
    if (count == 0 || start[from[0] >> (8 * byte) & 0xff] == count) continue;
    uint32_t sum = 0;
    for (size_t value = 0; value < 256; ++value) {
      const uint32_t here = start[value];
      start[value] = sum;
      sum += here;
    }
    for (size_t i = 0; i < count; ++i) to[start[from[i] >> (8 * byte) & 0xff]++] = from[i];
    std::swap(from, to);
  }
  if (from != keys) std::copy(from, from + count, keys);
}

// How many keys of a sorted run are not above `key`.
uint64_t count_up_to(const uint64_t* run, size_t length, uint64_t key) {
  return static_cast<uint64_t>(std::upper_bound(run, run + length, key) - run);
}

}  // namespace

void Quantiles::clear() {
  std::fill(occupied_, occupied_ + kLevels, false);
  std::fill(halvings_, halvings_ + kLevels, uint64_t{0});
  min_ = UINT64_MAX;
  max_ = 0;
  count_ = 0;
  pending_ = 0;
  integers_ = false;
}

void Quantiles::add(Dtype dtype, const void* elements, size_t count) {
  integers_ = dtype == Dtype::int64;
  switch (dtype) {
    case Dtype::uint8: return add_elements(static_cast<const uint8_t*>(elements), count);
    case Dtype::int8: return add_elements(static_cast<const int8_t*>(elements), count);
    case Dtype::int16: return add_elements(static_cast<const int16_t*>(elements), count);
    case Dtype::int32: return add_elements(static_cast<const int32_t*>(elements), count);
    case Dtype::int64: return add_elements(static_cast<const int64_t*>(elements), count);
    case Dtype::float32: return add_elements(static_cast<const float*>(elements), count);
    case Dtype::float64: return add_elements(static_cast<const double*>(elements), count);
    case Dtype::float16: return add_elements(static_cast<const Half*>(elements), count);
  }
}

template <typename T>
void Quantiles::add_elements(const T* elements, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if constexpr (sizeof(T) == 8 && std::numeric_limits<T>::is_integer) {
      add_key(key_of(elements[i]));
    } else {
      const double value = to_double(elements[i]);
      if (std::isfinite(value)) add_key(key_of(value));
    }
  }
}

void Quantiles::add_key(uint64_t key) {
  min_ = std::min(min_, key);
  max_ = std::max(max_, key);
  ++count_;
  group_[pending_++] = key;
  if (pending_ == kGroup) compact_group();
}

void Quantiles::sort_group() { radix_sort(group_, scratch_, pending_); }

// Every second of the 2 · kRun keys of two sorted runs, beginning with the first or the second by
// turns.
uint64_t* Quantiles::halve(const uint64_t* a, const uint64_t* b, uint64_t* out, size_t level) {
  const uint64_t* a_end = a + kRun;
  const uint64_t* b_end = b + kRun;
  const size_t kept = halvings_[level]++ % 2;
  for (size_t i = 0; i < kGroup; ++i) {
    const bool from_a = b == b_end || (a != a_end && *a <= *b);
    const uint64_t key = from_a ? *a : *b;
    ++(from_a ? a : b);
    out[i / 2] = i % 2 == kept ? key : out[i / 2];
  }
  return out;
}

void Quantiles::compact_group() {
  sort_group();
  uint64_t* run = halve(group_, group_ + kRun, scratch_, 0);
  pending_ = 0;
  size_t level = 0;
  for (; level + 1 < kLevels && occupied_[level]; ++level) {
    uint64_t* other = run == scratch_ ? scratch_ + kRun : scratch_;
    run = halve(run, runs_[level], other, level + 1);
    occupied_[level] = false;
  }
  std::copy(run, run + kRun, runs_[level]);
  occupied_[level] = true;
}

uint64_t Quantiles::weight_up_to(uint64_t key) const {
  uint64_t weight = count_up_to(group_, pending_, key);
  for (size_t level = 0; level < kLevels; ++level) {
    if (occupied_[level]) weight += count_up_to(runs_[level], kRun, key) << (level + 1);
  }
  return weight;
}

// The smallest key whose weight exceeds the rank; the group is sorted.
uint64_t Quantiles::key_at(uint64_t rank) const {
  if (rank == 0) return min_;
  if (rank >= count_ - 1) return max_;
  uint64_t low = min_;
  uint64_t high = max_;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (weight_up_to(middle) > rank) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

double Quantiles::value_of(uint64_t key) const {
  if (integers_) return static_cast<double>(static_cast<int64_t>(key ^ kSign));
  return bit_cast<double>((key & kSign) != 0 ? key ^ kSign : ~key);
}

double Quantiles::query(double p) {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  sort_group();
  const double position = p * static_cast<double>(count_ - 1);
  const auto rank = static_cast<uint64_t>(position);
  const double part = position - static_cast<double>(rank);
  const double low = value_of(key_at(rank));
  if (part == 0) return low;
  const double high = value_of(key_at(rank + 1));
  // From the nearer end, as numpy does it.
  const double width = high - low;
  const double between = part < 0.5 ? low + width * part : high - width * (1 - part);
  return std::isfinite(between) ? between : low * (1 - part) + high * part;
}

double Quantiles::rank_error() const {
  double error = 0;
  for (size_t level = 0; level < kLevels; ++level) {
    const uint64_t unpaired = halvings_[level] / 2 + halvings_[level] % 2;
    error += std::ldexp(static_cast<double>(unpaired), static_cast<int>(level));
  }
  return error;
}

}  // namespace t7
