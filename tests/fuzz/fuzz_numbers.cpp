// Any text as ASCII numbers: in one piece and in two it gives the same, and what strtod gives.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "numbers.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool plain_decimal(const std::string& token) {
  return token.find_first_not_of("0123456789+-.eE") == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace t7;
  const char* text = reinterpret_cast<const char*>(data);
  std::vector<double> whole(size + 1);
  const NumbersParsed all = parse_numbers(text, size, true, Dtype::float64, whole.data(), size + 1);
  require(all.consumed <= size && all.count <= size);

  const size_t cut = size == 0 ? 0 : data[0] * size / 256;
  std::vector<double> parts(size + 1);
  NumbersParsed head = parse_numbers(text, cut, false, Dtype::float64, parts.data(), size + 1);
  require(head.consumed <= cut);
  size_t count = head.count;
  if (!head.malformed) {
    const NumbersParsed tail =
        parse_numbers(text + head.consumed, size - head.consumed, true, Dtype::float64,
                      parts.data() + count, size + 1 - count);
    count += tail.count;
    head.malformed = tail.malformed;
  }
  require(count == all.count && head.malformed == all.malformed);
  require(std::memcmp(whole.data(), parts.data(), count * sizeof(double)) == 0);

  // The first token, if it is a plain decimal, against the C library.
  size_t begin = 0;
  while (begin < size && is_text_space(text[begin])) ++begin;
  size_t end = begin;
  while (end < size && !is_text_space(text[end])) ++end;
  const std::string token(text + begin, end - begin);
  if (all.count == 0 || !plain_decimal(token)) return 0;
  char* rest = nullptr;
  const double expected = std::strtod(token.c_str(), &rest);
  require(*rest == 0 && std::memcmp(&expected, &whole[0], sizeof expected) == 0);
  return 0;
}
