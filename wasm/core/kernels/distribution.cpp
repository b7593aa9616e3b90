#include "kernels/distribution.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

#include "base/bytes.h"
#include "base/half.h"

namespace t7 {
namespace {

constexpr uint64_t kSign = uint64_t{1} << 63;
constexpr uint32_t kHalfInfinity = 0x7c00;
constexpr uint32_t kFloatInfinity = 0x7f80;  // the upper half of the bits
constexpr uint32_t kMagnitude = 0x7fff;

// Buckets are fine enough if as many of the widest fit the range: half a part of 32.
constexpr double kBucketsInSight = 64;

double value_of(uint64_t key, Dtype dtype) {
  if (dtype == Dtype::int64) return static_cast<double>(static_cast<int64_t>(key ^ kSign));
  return bit_cast<double>((key & kSign) != 0 ? key ^ kSign : ~key);
}

}  // namespace

bool Distribution::finish() {
  if (phase_ == Phase::counting) {
    count_denormals();
    if (is_narrow()) {
      phase_ = Phase::refining;
      buckets_ = Buckets::parts;
      parts_per_unit_ = static_cast<double>(kBuckets) / (summary_.max - summary_.min);
      std::fill(counts_, counts_ + kBuckets, uint64_t{0});
      return true;
    }
  }
  if (phase_ == Phase::keeping) {
    make_keys();
    // Not std::sort, which is three times the code.
    std::make_heap(sorted_, sorted_ + keys_);
    std::sort_heap(sorted_, sorted_ + keys_);
  } else {
    add_up();
  }
  phase_ = Phase::done;
  return false;
}

void Distribution::count_denormals() {
  if (is_integer(dtype_) || dtype_ == Dtype::float64) return;
  const size_t end = buckets_ == Buckets::halves ? 0x0400 : 0x0080;
  uint64_t small = 0;
  for (size_t i = 0; i < end; ++i) small += counts_[i] + counts_[i + kMagnitude + 1];
  denormals_ = static_cast<double>(small) - summary_.zeros;
}

// Would a picture show the edges of buckets instead of the values?
bool Distribution::is_narrow() const {
  if (buckets_ != Buckets::floats || !(summary_.min < summary_.max)) return false;
  if (largest() > FLT_MAX || (whole_ && largest() <= 256)) return false;
  return largest() / 128 * kBucketsInSight > summary_.max - summary_.min;
}

// Places count buckets in the order of values.
size_t Distribution::bucket_at(size_t place) const {
  if (buckets_ == Buckets::integers || buckets_ == Buckets::parts) return place;
  return place <= kMagnitude ? kBuckets - 1 - place : place - kMagnitude - 1;
}

void Distribution::add_up() {
  if (buckets_ == Buckets::halves || buckets_ == Buckets::floats) {
    // NaN and the infinities are no finite elements.
    const size_t infinity = buckets_ == Buckets::halves ? kHalfInfinity : kFloatInfinity;
    std::fill(counts_ + infinity, counts_ + kMagnitude + 1, uint64_t{0});
    std::fill(counts_ + kMagnitude + 1 + infinity, counts_ + kBuckets, uint64_t{0});
  }
  for (size_t group = 0; group < kBuckets / kGroup; ++group) {
    uint64_t sum = 0;
    for (size_t i = 0; i < kGroup; ++i) sum += counts_[bucket_at(group * kGroup + i)];
    groups_[group] = static_cast<double>(sum);
  }
}

Distribution::Edges Distribution::edges_at(size_t place) const {
  const size_t bucket = bucket_at(place);
  switch (buckets_) {
    case Buckets::integers: {
      const double value = static_cast<double>(place) - 32768;
      return {value, value};
    }
    case Buckets::halves: {
      const double value = half_to_float(static_cast<uint16_t>(bucket));
      return {value, value};
    }
    case Buckets::floats: {
      const Edges edges = float_edges(bucket & kMagnitude);
      return settle(bucket > kMagnitude ? Edges{-edges.high, -edges.low} : edges);
    }
    case Buckets::parts: break;
  }
  const double low = summary_.min + static_cast<double>(place) / parts_per_unit_;
  const double high = summary_.min + static_cast<double>(place + 1) / parts_per_unit_;
  // What was rounded on the way to the bucket.
  const double rounded = largest() * 0x1p-50;
  return settle({low - rounded, high + rounded});
}

Distribution::Edges Distribution::float_edges(size_t magnitude) const {
  const double low = bit_cast<float>(static_cast<uint32_t>(magnitude) << 16);
  if (magnitude == kFloatInfinity - 1) return {low, FLT_MAX};
  const double high = bit_cast<float>(static_cast<uint32_t>(magnitude + 1) << 16);
  const double zeros = static_cast<double>(counts_[0] + counts_[kMagnitude + 1]);
  if (magnitude == 0) return {0, zeros == summary_.zeros ? 0 : high};
  // An edge is no value of its bucket's: the next smaller float is.
  const double last = bit_cast<float>((static_cast<uint32_t>(magnitude + 1) << 16) - 1);
  if (dtype_ == Dtype::float32 || (whole_ && high <= 0x1p24)) return {low, last};
  // Doubles and large integers were rounded to float32.
  return {low - (high - last), high};
}

// No wider than the values can be.
Distribution::Edges Distribution::settle(Edges edges) const {
  double low = edges.low;
  double high = edges.high;
  if (whole_) {
    low = std::ceil(low);
    high = std::floor(high);
  }
  return {std::fmin(std::fmax(low, summary_.min), summary_.max),
          std::fmax(std::fmin(high, summary_.max), summary_.min)};
}

Quantile Distribution::at_rank(double rank) const {
  if (rank <= 0) return {summary_.min, 0};
  if (rank >= summary_.finite - 1) return {summary_.max, 0};
  if (keys_ > 0) return {value_of(sorted_[static_cast<size_t>(rank)], dtype_), 0};
  double left = rank - below_;
  Edges edges = {summary_.min, -FLT_MAX};
  double part = 0.5;
  if (left >= 0) {
    size_t group = 0;
    while (group < kBuckets / kGroup && left >= groups_[group]) left -= groups_[group++];
    if (group == kBuckets / kGroup) {
      edges = {FLT_MAX, summary_.max};
    } else {
      size_t place = group * kGroup;
      double count = 0;
      for (;; ++place) {
        count = static_cast<double>(counts_[bucket_at(place)]);
        if (left < count) break;
        left -= count;
      }
      edges = edges_at(place);
      part = (left + 0.5) / count;
    }
  }
  const double width = edges.high - edges.low;
  if (!(width > 0)) return {edges.low, 0};
  const double value = edges.low + width * part;
  return {whole_ ? std::floor(value + 0.5) : value, width};
}

Quantile Distribution::quantile(double p) const {
  if (summary_.finite == 0) return {std::numeric_limits<double>::quiet_NaN(), 0};
  const double position = p * (summary_.finite - 1);
  const double rank = std::floor(position);
  const double part = position - rank;
  const Quantile low = at_rank(rank);
  if (part == 0) return low;
  const Quantile high = at_rank(rank + 1);
  // From the nearer end, as numpy does it.
  const double width = high.value - low.value;
  double value = part < 0.5 ? low.value + width * part : high.value - width * (1 - part);
  if (!std::isfinite(value)) value = low.value * (1 - part) + high.value * part;
  return {value, std::fmax(low.error, high.error)};
}

void Distribution::sparkline(double* counts, size_t parts) const {
  std::fill(counts, counts + parts, 0.0);
  if (summary_.finite == 0) return;
  for (size_t i = 0; i < keys_; ++i) {
    const double value = value_of(sorted_[i], dtype_);
    spread({value, value}, 1, counts, parts);
  }
  if (keys_ > 0) return;
  if (below_ > 0) spread({summary_.min, -FLT_MAX}, below_, counts, parts);
  if (above_ > 0) spread({FLT_MAX, summary_.max}, above_, counts, parts);
  for (size_t place = 0; place < kBuckets; ++place) {
    if (groups_[place / kGroup] == 0) {
      place += kGroup - 1;
      continue;
    }
    const uint64_t count = counts_[bucket_at(place)];
    if (count > 0) spread(edges_at(place), static_cast<double>(count), counts, parts);
  }
}

// A bucket over several parts belongs to each by the share that lies in it.
void Distribution::spread(Edges edges, double count, double* counts, size_t parts) const {
  const double last = static_cast<double>(parts) - 1;
  if (summary_.min == summary_.max) {
    counts[parts / 2] += count;
    return;
  }
  // Halves, so that the widest range is still a number.
  const double half = summary_.max / 2 - summary_.min / 2;
  const auto place = [&](double value) {
    return (value / 2 - summary_.min / 2) / half * static_cast<double>(parts);
  };
  const double low = place(edges.low);
  const double high = place(edges.high);
  const auto first = static_cast<size_t>(std::fmin(std::fmax(low, 0), last));
  const auto end = static_cast<size_t>(std::fmin(std::fmax(high, 0), last));
  if (first == end) {
    counts[first] += count;
    return;
  }
  for (size_t i = first; i <= end; ++i) {
    const double from = std::fmax(low, static_cast<double>(i));
    const double to = i == end ? high : static_cast<double>(i + 1);
    counts[i] += count * (to - from) / (high - low);
  }
}

}  // namespace t7
