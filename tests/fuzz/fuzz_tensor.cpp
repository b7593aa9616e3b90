// Views: the span of a strided view and the copying of its elements, against a walk over them.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/view_span.h"
#include "elements/gather.h"

namespace {

struct Input {
  const uint8_t* data;
  size_t size;
  int64_t number(size_t bytes) {
    int64_t v = 0;
    const size_t n = bytes < size ? bytes : size;
    std::memcpy(&v, data, n);
    data += n;
    size -= n;
    return bytes == 1 ? static_cast<int8_t>(v) : v;
  }
};

void check(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input{data, size};
  const auto ndim = static_cast<uint32_t>(input.number(1) & 7);
  const size_t width = input.number(1) % 3 == 0 ? 8 : 1;  // sizes as wild as a file's, or small
  int64_t shape[8];
  int64_t strides[8];
  for (uint32_t i = 0; i < ndim; ++i) {
    shape[i] = width == 8 ? input.number(8) & INT64_MAX : input.number(1) & 7;
    strides[i] = input.number(width);
  }
  const int64_t offset = input.number(width);

  __int128 elements = ndim == 0 ? 0 : 1;
  __int128 low = offset;
  __int128 high = offset;
  bool huge = false;
  bool wild = false;  // a single dimension leaves 64 bits
  bool none = ndim == 0;
  for (uint32_t i = 0; i < ndim; ++i) none = none || shape[i] == 0;
  for (uint32_t i = 0; i < ndim && !none; ++i) {
    elements *= shape[i];
    huge = huge || elements > INT64_MAX;
    if (huge) elements = 1;  // it stays huge; the product must not overflow either
    const __int128 reach = static_cast<__int128>(shape[i] - 1) * strides[i];
    wild = wild || reach > INT64_MAX || reach < INT64_MIN;
    if (!wild) (reach < 0 ? low : high) += reach;
  }
  const int64_t view = t7::view_size(shape, ndim);
  check(view == (none ? 0 : huge ? -1 : static_cast<int64_t>(elements)));
  if (view <= 0) return 0;
  const t7::ViewSpan span = t7::view_span(shape, strides, ndim, offset);
  const bool fits = !wild && low >= INT64_MIN && high <= INT64_MAX;
  if (!span.overflow) check(fits && span.low == low && span.high == high);
  if (!fits || high - low >= 1 << 16 || view > 1 << 16) return 0;

  // Move the view to the start of a storage that just holds it.
  const int64_t start = static_cast<int64_t>(offset - low);
  const auto count = static_cast<size_t>(high - low + 1);
  std::vector<uint16_t> storage(count);
  for (size_t i = 0; i < count; ++i) storage[i] = static_cast<uint16_t>(i * 40503u);
  const auto first = static_cast<size_t>(input.number(8) & INT64_MAX) % static_cast<size_t>(view);
  const size_t wanted = static_cast<size_t>(view) - first;
  std::vector<uint16_t> out(wanted);
  t7::gather(storage.data(), 2, ndim, shape, strides, start, first, wanted, out.data());
  for (size_t i = 0; i < wanted; ++i) {
    size_t rest = first + i;
    int64_t at = start;
    for (uint32_t d = ndim; d-- > 0; rest /= static_cast<size_t>(shape[d])) {
      at += static_cast<int64_t>(rest % static_cast<size_t>(shape[d])) * strides[d];
    }
    check(out[i] == storage[static_cast<size_t>(at)]);
  }
  return 0;
}
