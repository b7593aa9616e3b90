#include "elements/copy_box.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

namespace t7 {
namespace {

// Every element where the index says, for boxes of all kinds of strides.
template <typename T>
void compare_with_indices() {
  std::mt19937 random(sizeof(T));
  for (int round = 0; round < 300; ++round) {
    const uint32_t ndim = random() % 5;
    std::vector<int64_t> shape(ndim), from_strides(ndim), to_strides(ndim);
    int64_t size = 1;
    int64_t low = 0;
    int64_t high = 0;
    for (uint32_t d = ndim; d-- > 0;) {
      shape[d] = 1 + random() % 5;
      from_strides[d] = static_cast<int64_t>(random() % 21) - 10;
      to_strides[d] = size;
      size *= shape[d];
      (from_strides[d] < 0 ? low : high) += (shape[d] - 1) * from_strides[d];
    }
    std::vector<T> from(static_cast<size_t>(high - low + 1));
    std::iota(from.begin(), from.end(), T{1});
    std::vector<T> to(static_cast<size_t>(size), T{0});
    copy_box(sizeof(T), ndim, shape.data(), from.data() - low, from_strides.data(), to.data(),
             to_strides.data());
    for (int64_t i = 0; i < size; ++i) {
      int64_t at = -low;
      for (uint32_t d = 0; d < ndim; ++d) at += i / to_strides[d] % shape[d] * from_strides[d];
      ASSERT_EQ(to[static_cast<size_t>(i)], from[static_cast<size_t>(at)]);
    }
  }
}

TEST(CopyBox, PutsEveryElementWhereItBelongs) {
  compare_with_indices<uint8_t>();
  compare_with_indices<uint16_t>();
  compare_with_indices<uint32_t>();
  compare_with_indices<uint64_t>();
}

TEST(CopyBox, WritesBackwardAndLeavesTheRestAlone) {
  const uint32_t from[] = {1, 2, 3};
  uint32_t to[] = {9, 9, 9, 9, 9};
  const int64_t shape = 3;
  const int64_t forward = 1;
  const int64_t backward = -2;
  copy_box(4, 1, &shape, from, &forward, to + 4, &backward);
  EXPECT_EQ(std::vector<uint32_t>(to, to + 5), (std::vector<uint32_t>{3, 9, 2, 9, 1}));
}

}  // namespace
}  // namespace t7
