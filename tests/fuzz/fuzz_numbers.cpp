// Numbers as text, against the C library; and arrays of them, whole against in two pieces.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bytes/numbers.h"

namespace {

void check(bool good) {
  if (!good) std::abort();
}

bool same(double a, double b) { return (a != a && b != b) || std::memcmp(&a, &b, sizeof a) == 0; }

// One token: what the C library takes whole must come out alike, and only spellings that it does
// not know may come out otherwise.
void check_token(const std::string& token) {
  const char* const begin = token.c_str();
  const char* const end = begin + token.size();
  double value = 0;
  const char* const ours = t7::parse_double(begin, end, &value);
  check(ours == nullptr || ours == end);
  char* theirs = nullptr;
  const double expected = std::strtod(begin, &theirs);
  const bool spelled_otherwise = token.find_first_of(",#(") != token.npos;
  if (spelled_otherwise || token.size() > t7::kMaxNumberText) return;
  check((ours == end) == (theirs == end && !token.empty()));
  if (ours == end) check(same(value, expected));

  int64_t integer = 0;
  const char* const whole = t7::parse_int64(begin, end, &integer);
  errno = 0;
  const long long long_long = std::strtoll(begin, &theirs, 10);
  const bool fits = theirs == end && errno == 0 && !token.empty();
  check((whole == end) == fits);
  if (fits) check(integer == long_long);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto dtype = static_cast<t7::Dtype>(data[0] % t7::kDtypeCount);
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && !t7::is_text_space(text[end]) && text[end] != 0) ++end;
    if (end > i) check_token(text.substr(i, end - i));
    i = end + 1;
  }
  std::vector<uint64_t> whole(text.size() + 1);
  std::vector<uint64_t> pieces(text.size() + 1);
  const auto all = t7::parse_numbers(text.data(), text.size(), true, dtype, whole.data(), size);
  check(all.consumed <= text.size() && all.count <= size);
  const size_t cut = text.size() * data[0] / 256;
  const auto head = t7::parse_numbers(text.data(), cut, false, dtype, pieces.data(), size);
  check(head.consumed <= cut);
  if (head.malformed) return check(all.malformed && all.count == head.count), 0;
  auto* const rest = reinterpret_cast<uint8_t*>(pieces.data()) + head.count * dtype_bytes(dtype);
  const auto tail = t7::parse_numbers(text.data() + head.consumed, text.size() - head.consumed,
                                      true, dtype, rest, size - head.count);
  check(head.count + tail.count == all.count && tail.malformed == all.malformed);
  check(std::memcmp(whole.data(), pieces.data(), all.count * dtype_bytes(dtype)) == 0);
  return 0;
}
