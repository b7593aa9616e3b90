// Quantiles of any number of elements in one pass and bounded memory.
//
// Elements are sorted in groups of 8,192; of a full group every second one is kept, counting for
// two. Two such runs merge into one that counts for four, and so on, like a binary counter. Each
// halving shifts the rank of a value by at most the weight of one element, and the next halving
// of that level in the other direction. So results are exact up to 8,191 elements; beyond, the
// guaranteed error of a rank is log2(n / 8192) / 16384 of n, or a little more: 0.08 % for 2^26
// elements. (Errors seen are far smaller.) Nothing is random.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/dtype.h"

namespace t7 {

// About 1 MB: not for the stack.
class Quantiles {
 public:
  void clear();

  // Adds elements in native byte order, at most 2^39 in all. What is not finite is left out.
  void add(Dtype dtype, const void* elements, size_t count);

  // The value at rank p · (n − 1), between two elements by linear interpolation (numpy's default
  // method); 0 ≤ p ≤ 1; p = 0 and 1 give the exact minimum and maximum. NaN if nothing was
  // finite. int64 is compared exactly and rounded to double here. All elements of one Quantiles
  // are of one dtype.
  double query(double p);

  // How far the rank of a result may be off at most, in elements.
  double rank_error() const;
  double count() const { return static_cast<double>(count_); }

 private:
  static constexpr size_t kRun = 4096;
  static constexpr size_t kGroup = 2 * kRun;
  static constexpr size_t kLevels = 27;

  template <typename T>
  void add_elements(const T* elements, size_t count);
  void add_key(uint64_t key);
  void sort_group();
  void compact_group();
  uint64_t* halve(const uint64_t* a, const uint64_t* b, uint64_t* out, size_t level);
  uint64_t weight_up_to(uint64_t key) const;
  uint64_t key_at(uint64_t rank) const;
  double value_of(uint64_t key) const;

  // Keys are unsigned numbers in the order of the values.
  uint64_t group_[kGroup];  // the first `pending_` are there, not sorted
  uint64_t scratch_[kGroup];
  uint64_t runs_[kLevels][kRun];  // sorted; an element of runs_[i] stands for 2^(i + 1)
  bool occupied_[kLevels] = {};
  uint64_t halvings_[kLevels] = {};
  uint64_t min_ = UINT64_MAX;
  uint64_t max_ = 0;
  uint64_t count_ = 0;
  size_t pending_ = 0;
  bool integers_ = false;  // keys are of int64, not of double
};

}  // namespace t7
