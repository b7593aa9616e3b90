// A small strided view chosen by the input: its span and its gathered elements against a naive
// walk.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "gather.h"
#include "view.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8) return 0;
  const uint32_t ndim = data[0] % 6;
  int64_t shape[6];
  int64_t strides[6];
  for (uint32_t d = 0; d < ndim; ++d) {
    shape[d] = data[1 + d % 7] % 9 + (data[(2 + d) % size] & 1) * 60;
    strides[d] = static_cast<int8_t>(data[(3 + 2 * d) % size]);
  }
  const int64_t count = t7::view_size(shape, ndim);
  require(count >= 0);
  if (count == 0 || count > 1 << 16) return 0;
  const t7::ViewSpan span = t7::view_span(shape, strides, ndim, 0);
  require(!span.overflow && span.low <= span.high);
  std::vector<uint16_t> storage(static_cast<size_t>(span.high - span.low + 1));
  for (size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<uint16_t>(i * 40503u);
  const auto first = static_cast<uint64_t>(data[7]) * static_cast<uint64_t>(count) / 256;
  const auto wanted = static_cast<size_t>(static_cast<uint64_t>(count) - first);
  std::vector<uint16_t> out(wanted);
  t7::gather(storage.data(), 2, ndim, shape, strides, -span.low, first, wanted, out.data());
  for (size_t n = 0; n < wanted; ++n) {
    int64_t rest = static_cast<int64_t>(first + n);
    int64_t at = -span.low;
    for (uint32_t d = ndim; d-- > 0; rest /= shape[d]) at += rest % shape[d] * strides[d];
    require(out[n] == storage[static_cast<size_t>(at)]);
  }
  return 0;
}
