// Numbers as text, the way ASCII files have them (docs/format.md § ASCII).
//
// A token ends at white space as C's isspace has it, or at the end of the text.
//   integers  [+-]digits, within the range of the type
//   floats    decimal with '.' or ',', hexadecimal (0x1p3), inf, infinity, nan, nan(…) in any
//             case, and 1.#INF 1.#QNAN 1.#SNAN 1.#IND of old Microsoft libraries; correctly
//             rounded. A NaN becomes the quiet one, with the sign that was written.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/dtype.h"

namespace t7 {

// Longer tokens are malformed: no C library prints them for a number.
inline constexpr size_t kMaxNumberText = 512;

constexpr bool is_text_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// One token that starts at `begin` (no space before it). Return the end of the token, or null if
// it is not a number of that kind.
const char* parse_double(const char* begin, const char* end, double* value);
const char* parse_int64(const char* begin, const char* end, int64_t* value);

// How far `parse_numbers` has come.
struct NumbersParsed {
  size_t consumed;  // bytes: up to the end of the last number taken, or to the token at fault
  size_t count;     // numbers written
  bool malformed;   // the token at `consumed` is not a number of this type
};

// Parses up to `wanted` numbers and writes them as native elements to `out`, which has room for
// them. Unless `final`, a token that touches the end of the text is left for next time, because
// it may go on; give it again, from `consumed` on, with more text behind it. Space before a token
// that was left may be consumed. float16 is rounded from the float, as Torch does.
NumbersParsed parse_numbers(const char* text, size_t length, bool final, Dtype dtype, void* out,
                            size_t wanted);

}  // namespace t7
