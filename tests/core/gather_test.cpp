#include "elements/gather.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace t7 {
namespace {

struct View {
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  int64_t offset = 0;
  size_t storage = 0;  // elements needed

  size_t size() const {
    return static_cast<size_t>(
        std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()));
  }
};

// Moves the offset so that every element is inside the smallest storage.
void fit(View& view) {
  int64_t low = 0;
  int64_t high = 0;
  for (size_t d = 0; d < view.shape.size(); ++d) {
    const int64_t reach = (view.shape[d] - 1) * view.strides[d];
    (reach < 0 ? low : high) += reach;
  }
  view.offset = -low;
  view.storage = static_cast<size_t>(high - low + 1);
}

// The plain loop: one index at a time.
template <typename T>
std::vector<T> naive(const View& view, const std::vector<T>& storage) {
  std::vector<T> out;
  std::vector<int64_t> index(view.shape.size());
  for (size_t i = 0; i < view.size(); ++i) {
    size_t rest = i;
    int64_t at = view.offset;
    for (size_t d = view.shape.size(); d-- > 0;) {
      const auto size = static_cast<size_t>(view.shape[d]);
      at += static_cast<int64_t>(rest % size) * view.strides[d];
      rest /= size;
    }
    out.push_back(storage[static_cast<size_t>(at)]);
  }
  return out;
}

template <typename T>
void check(const View& view, size_t first, size_t count) {
  std::vector<T> storage(view.storage);
  for (size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<T>(i * 2654435761u + 5);
  const std::vector<T> all = naive(view, storage);
  const auto begin = all.begin() + static_cast<ptrdiff_t>(first);
  const std::vector<T> expected(begin, begin + static_cast<ptrdiff_t>(count));
  std::vector<T> out(count);
  gather(storage.data(), sizeof(T), static_cast<uint32_t>(view.shape.size()), view.shape.data(),
         view.strides.data(), view.offset, first, count, out.data());
  EXPECT_EQ(out, expected);
}

TEST(Gather, RandomViews) {
  std::mt19937 random(1);
  for (int round = 0; round < 4000; ++round) {
    View view;
    const size_t ndim = random() % 6;
    for (size_t d = 0; d < ndim; ++d) {
      view.shape.push_back(static_cast<int64_t>(1 + random() % (ndim < 3 ? 40 : 6)));
      view.strides.push_back(static_cast<int64_t>(random() % 41) - 20);
    }
    fit(view);
    const size_t first = random() % view.size();
    const size_t count = random() % (view.size() - first + 1);
    switch (round % 4) {
      case 0: check<uint8_t>(view, first, count); break;
      case 1: check<uint16_t>(view, first, count); break;
      case 2: check<uint32_t>(view, first, count); break;
      default: check<uint64_t>(view, first, count); break;
    }
  }
}

TEST(Gather, PermutedDimensions) {
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    const size_t ndim = 2 + random() % 3;
    View view;
    std::vector<size_t> order(ndim);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    view.strides.resize(ndim);
    for (size_t d = 0; d < ndim; ++d) {
      view.shape.push_back(static_cast<int64_t>(1 + random() % (ndim == 2 ? 120 : 20)));
    }
    int64_t step = 1;
    for (const size_t d : order) {
      view.strides[d] = step;
      step *= view.shape[d];
    }
    fit(view);
    check<uint32_t>(view, 0, view.size());
    const size_t first = random() % view.size();
    check<uint16_t>(view, first, random() % (view.size() - first + 1));
  }
}

TEST(Gather, TilesOfATransposedMatrixJoin) {
  View view{{300, 500}, {1, 300}, 0, 150000};
  for (const size_t first : {0, 65536, 131072}) {
    check<uint32_t>(view, first, std::min<size_t>(65536, view.size() - first));
  }
}

TEST(Gather, ManyDimensionsOfOneAndHugeStrides) {
  View view;
  view.shape.assign(1000, 1);
  view.strides.assign(1000, INT64_MAX);
  view.shape[500] = 7;
  view.strides[500] = 3;
  view.storage = 19;
  check<uint64_t>(view, 2, 5);
}

TEST(Gather, ExpandedToAnythingNeedsOnlyWhatIsAsked) {
  const float one = 2.5f;
  const int64_t shape[] = {1000000, 1000000};
  const int64_t strides[] = {0, 0};
  float out[3] = {};
  gather(&one, 4, 2, shape, strides, 0, 999999999997u, 3, out);
  EXPECT_EQ(out[0], 2.5f);
  EXPECT_EQ(out[2], 2.5f);
}

}  // namespace
}  // namespace t7
