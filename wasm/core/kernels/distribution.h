// How the elements of a tensor are distributed: statistics, quantiles and a small picture of any
// number of elements, from one pass and bounded memory.
//
// Up to 4,096 elements are kept, and everything is exact. Beyond, elements are counted by the first
// 16 bits of what they are as float32 (sign, exponent, seven bits of the mantissa): buckets 1/128
// of a value wide. Types of 8 and 16 bits have a bucket for each value. Where all values lie so
// close together that buckets show nothing of them (0.99 … 1.01, time stamps), a second pass counts
// them in 65,536 equal parts of their range. Counts are whole numbers: the same on every machine.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/dtype.h"
#include "kernels/stats.h"

namespace t7 {

struct Quantile {
  // NaN if nothing was finite.
  double value;
  // How far it may be off at most, in units of the values; 0 where it is exact.
  double error;
};

// About 600 KB: not for the stack. One object is for one tensor.
class Distribution {
 public:
  // Adds elements in native byte order, in tiles as for `summarize`. All are of one dtype.
  void add(Dtype dtype, const void* elements, size_t count);

  // To call after the last element and before any question. True if the same elements are wanted
  // once more, and `finish` after them.
  bool finish();

  const Summary& summary() const { return summary_; }

  // Elements that are neither zero nor as large as the smallest normal number of their type.
  double denormals() const { return denormals_; }

  // The value at rank p · (n − 1) of the finite elements, between two of them by linear
  // interpolation (numpy's default method); 0 ≤ p ≤ 1, the ends are exact. int64 is rounded.
  Quantile quantile(double p) const;

  // Finite elements in equal parts of their range; all in the middle if they are one value.
  void sparkline(double* counts, size_t parts) const;

 private:
  enum class Phase { keeping, counting, refining, done };
  // What a bucket's number is made of.
  enum class Buckets { integers, halves, floats, parts };

  static constexpr size_t kKept = 4096;
  static constexpr size_t kBuckets = 65536;
  static constexpr size_t kGroup = 256;

  // Lowest and highest value that elements of a bucket can have.
  struct Edges {
    double low;
    double high;
  };

  void start_counting();
  void count_elements(const void* elements, size_t count);
  template <typename T>
  void count_floats(const T* x, size_t count);
  void count_in_parts(const void* elements, size_t count);
  void count_beyond(const double* x, size_t count);
  void note_tiny(const double* x, size_t count);
  void note_fractions(const void* elements, size_t count);
  void make_keys();
  void count_denormals();
  bool is_narrow() const;
  double largest() const { return std::fmax(-summary_.min, summary_.max); }
  size_t bucket_at(size_t place) const;
  void add_up();
  Edges edges_at(size_t place) const;
  Edges float_edges(size_t magnitude) const;
  Edges settle(Edges edges) const;
  Quantile at_rank(double rank) const;
  void spread(Edges edges, double count, double* counts, size_t parts) const;

  Summary summary_;  // first: JavaScript reads it there
  Dtype dtype_ = Dtype::float64;
  Phase phase_ = Phase::keeping;
  Buckets buckets_ = Buckets::floats;
  bool whole_ = true;  // no finite element has a fraction
  size_t kept_ = 0;
  size_t keys_ = 0;
  double denormals_ = 0;
  double tiny_ = 0;  // doubles, not zero, in the bucket of zero
  // Doubles that are finite but not as float32.
  double below_ = 0;
  double above_ = 0;
  double parts_per_unit_ = 0;
  alignas(16) unsigned char first_[kKept * sizeof(double)];  // elements as they came
  uint64_t sorted_[kKept];                                   // unsigned numbers in their order
  uint64_t counts_[kBuckets];
  double groups_[kBuckets / kGroup];  // sums of counts_, in the order of values
};

}  // namespace t7
