// Decimal digits → the nearest double, without the C library where that is certain.
#pragma once

#include <cstdint>

namespace t7 {

// ± digits · 10^exponent, rounded to nearest, ties to even. False where only arithmetic of any
// length can tell (next to a tie, subnormal or overflowing results): ask strtod.
bool decimal_to_double(uint64_t digits, int32_t exponent, bool negative, double* value);

}  // namespace t7
