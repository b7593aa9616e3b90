#include "bytes/numbers.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/half.h"
#include "base/lanes.h"
#include "bytes/decimal.h"

namespace t7 {
namespace {

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

const char* token_end(const char* at, const char* end) {
  while (at < end && !is_text_space(*at)) ++at;
  return at;
}

// A token copied for the C library: zero-terminated, lower case, '.' for ','.
class TokenCopy {
 public:
  // `end` − `begin` ≤ kMaxNumberText.
  TokenCopy(const char* begin, const char* end) : length_(static_cast<size_t>(end - begin)) {
    for (size_t i = 0; i < length_; ++i) {
      const char c = begin[i];
      text_[i] = c == ',' ? '.' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    text_[length_] = '\0';
  }

  const char* text() const { return text_; }
  const char* end() const { return text_ + length_; }

 private:
  size_t length_;
  char text_[kMaxNumberText + 1];
};

bool is_parenthesised(const char* text) {
  const size_t length = std::strlen(text);
  return length >= 2 && text[0] == '(' && std::strchr(text, ')') == text + length - 1;
}

// "1.#QNAN" and its relatives, whose precision is filled up with zeros.
bool parse_microsoft(const char* text, double* value) {
  static constexpr struct {
    const char* name;
    bool infinite;
  } kNames[] = {{"1.#inf", true}, {"1.#qnan", false}, {"1.#snan", false}, {"1.#ind", false}};
  for (const auto& [name, infinite] : kNames) {
    const size_t length = std::strlen(name);
    if (std::strncmp(text, name, length) != 0) continue;
    if (text[length + std::strspn(text + length, "0")] != '\0') return false;
    *value = infinite ? std::numeric_limits<double>::infinity()
                      : std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  return false;
}

// Without its sign.
bool parse_special(const char* text, double* value) {
  if (std::strcmp(text, "inf") == 0 || std::strcmp(text, "infinity") == 0) {
    *value = std::numeric_limits<double>::infinity();
    return true;
  }
  if (std::strncmp(text, "nan", 3) == 0 && (text[3] == '\0' || is_parenthesised(text + 3))) {
    *value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  return parse_microsoft(text, value);
}

double library_value(const char* text, char** end, double) { return std::strtod(text, end); }
float library_value(const char* text, char** end, float) { return std::strtof(text, end); }

// Everything that is not a plain decimal of at most 19 digits.
template <typename Float>
bool parse_rare(const char* begin, const char* end, Float* value) {
  if (begin == end || static_cast<size_t>(end - begin) > kMaxNumberText) return false;
  if (std::memchr(begin, '\0', static_cast<size_t>(end - begin)) != nullptr) return false;
  const TokenCopy copy(begin, end);
  const bool negative = copy.text()[0] == '-';
  const char* magnitude = copy.text() + (negative || copy.text()[0] == '+');
  double special;
  if (parse_special(magnitude, &special)) {
    *value = static_cast<Float>(std::copysign(special, negative ? -1.0 : 1.0));
    return true;
  }
  if (!is_digit(magnitude[0]) && magnitude[0] != '.') return false;
  char* stop = nullptr;
  *value = library_value(copy.text(), &stop, Float{});
  return stop == copy.end();
}

// The common form, [+-]digits[.digits][e[+-]digits], read as digits · 10^exponent.
struct Decimal {
  uint64_t digits = 0;
  int32_t exponent = 0;
  bool negative = false;
  const char* stop = nullptr;  // where reading ended
  bool plain = false;          // at least one digit, at most 19 that count
};

// Appends digits; `significant` counts them from the first that is not 0.
inline const char* take_digits(const char* at, const char* end, uint64_t* digits,
                               int32_t* significant) {
  while (at < end && is_digit(*at)) {
    *digits = *digits * 10 + static_cast<uint64_t>(*at - '0');
    *significant += *significant > 0 || *digits != 0;
    ++at;
    if (*significant > 19) break;  // `digits` may have overflowed: not plain
  }
  return at;
}

inline const char* take_exponent(const char* at, const char* end, int32_t* exponent) {
  const char* digit = at + 1;
  const bool negative = digit < end && *digit == '-';
  if (digit < end && (*digit == '-' || *digit == '+')) ++digit;
  if (digit == end || !is_digit(*digit)) return at;
  int32_t value = 0;
  for (; digit < end && is_digit(*digit); ++digit) {
    if (value < 100000) value = value * 10 + (*digit - '0');
  }
  *exponent += negative ? -value : value;
  return digit;
}

inline Decimal take_decimal(const char* at, const char* end) {
  Decimal decimal;
  decimal.negative = *at == '-';
  if (*at == '-' || *at == '+') ++at;
  int32_t significant = 0;
  const char* whole = at;
  at = take_digits(at, end, &decimal.digits, &significant);
  ptrdiff_t count = at - whole;
  if (at < end && (*at == '.' || *at == ',') && significant <= 19) {
    const char* fraction = ++at;
    at = take_digits(at, end, &decimal.digits, &significant);
    count += at - fraction;
    decimal.exponent = -static_cast<int32_t>(at - fraction);
  }
  if (at < end && (*at | 0x20) == 'e') at = take_exponent(at, end, &decimal.exponent);
  decimal.stop = at;
  decimal.plain = count > 0 && significant <= 19;
  return decimal;
}

// A float must not be rounded twice: first to double, then, from half way, to float.
inline bool narrows_safely(double value) {
  const uint64_t bits = bit_cast<uint64_t>(value);
  const double magnitude = std::fabs(value);
  return (bits & 0x1fffffff) != 0x10000000 &&
         (magnitude == 0 || (magnitude > 2e-38 && magnitude < 3.4e38));
}

enum class Token { taken, cut, bad };

// The token at `*at`; moves `*at` behind it if it was taken.
template <typename Float>
Token take(const char** at, const char* end, bool final, Float* value) {
  const Decimal decimal = take_decimal(*at, end);
  const bool at_end = decimal.stop == end;
  const bool whole = at_end ? final : is_text_space(*decimal.stop);
  if (decimal.plain && whole && decimal.stop - *at <= static_cast<ptrdiff_t>(kMaxNumberText)) {
    double exact;
    if (decimal_to_double(decimal.digits, decimal.exponent, decimal.negative, &exact) &&
        (sizeof(Float) == sizeof(double) || narrows_safely(exact))) {
      *value = static_cast<Float>(exact);
      *at = decimal.stop;
      return Token::taken;
    }
  }
  const char* limit =
      end - *at > static_cast<ptrdiff_t>(kMaxNumberText) + 1 ? *at + kMaxNumberText + 1 : end;
  const char* stop = token_end(*at, limit);
  if (static_cast<size_t>(stop - *at) > kMaxNumberText) return Token::bad;
  if (stop == end && !final) return Token::cut;
  if (!parse_rare(*at, stop, value)) return Token::bad;
  *at = stop;
  return Token::taken;
}

template <typename Int>
Token take_integer(const char** at, const char* end, bool final, Int* value) {
  const char* digit = *at;
  const bool negative = *digit == '-';
  if (*digit == '-' || *digit == '+') ++digit;
  const char* first = digit;
  uint64_t magnitude = 0;
  bool fits = true;
  for (; digit < end && is_digit(*digit); ++digit) {
    const auto next = static_cast<uint64_t>(*digit - '0');
    if (digit - first < 18) {
      magnitude = magnitude * 10 + next;
    } else {
      fits = fits && !__builtin_mul_overflow(magnitude, uint64_t{10}, &magnitude) &&
             !__builtin_add_overflow(magnitude, next, &magnitude);
    }
  }
  const bool too_long = static_cast<size_t>(digit - *at) > kMaxNumberText;
  if (digit == end && !final && !too_long) return Token::cut;
  if (digit == first || too_long || (digit < end && !is_text_space(*digit))) return Token::bad;
  using Limits = std::numeric_limits<Int>;
  const uint64_t largest = static_cast<uint64_t>(Limits::max());
  const uint64_t most = !negative ? largest : Limits::is_signed ? largest + 1 : 0;
  if (!fits || magnitude > most) return Token::bad;
  *value = static_cast<Int>(negative ? 0 - magnitude : magnitude);
  *at = digit;
  return Token::taken;
}

template <typename T>
Token take_element(const char** at, const char* end, bool final, T* value) {
  if constexpr (std::numeric_limits<T>::is_integer) {
    return take_integer(at, end, final, value);
  } else {
    return take(at, end, final, value);
  }
}

Token take_element(const char** at, const char* end, bool final, Half* half) {
  float value;
  const Token token = take(at, end, final, &value);
  if (token == Token::taken) half->bits = float_to_half(value);
  return token;
}

template <typename T>
NumbersParsed parse_all(const char* text, size_t length, bool final, void* out, size_t wanted) {
  const char* at = text;
  const char* end = text + length;
  auto* elements = static_cast<T*>(out);
  for (size_t count = 0; count < wanted; ++count) {
    const char* token = at;
    while (token < end && is_text_space(*token)) ++token;
    if (token == end) return {length, count, false};
    at = token;
    const Token result = take_element(&at, end, final, &elements[count]);
    if (result == Token::taken) continue;
    return {static_cast<size_t>(token - text), count, result == Token::bad};
  }
  return {static_cast<size_t>(at - text), wanted, false};
}

}  // namespace

const char* parse_double(const char* begin, const char* end, double* value) {
  if (begin == end) return nullptr;
  return take(&begin, end, true, value) == Token::taken ? begin : nullptr;
}

const char* parse_int64(const char* begin, const char* end, int64_t* value) {
  if (begin == end) return nullptr;
  return take_integer(&begin, end, true, value) == Token::taken ? begin : nullptr;
}

NumbersParsed parse_numbers(const char* text, size_t length, bool final, Dtype dtype, void* out,
                            size_t wanted) {
  switch (dtype) {
    case Dtype::uint8: return parse_all<uint8_t>(text, length, final, out, wanted);
    case Dtype::int8: return parse_all<int8_t>(text, length, final, out, wanted);
    case Dtype::int16: return parse_all<int16_t>(text, length, final, out, wanted);
    case Dtype::int32: return parse_all<int32_t>(text, length, final, out, wanted);
    case Dtype::int64: return parse_all<int64_t>(text, length, final, out, wanted);
    case Dtype::float32: return parse_all<float>(text, length, final, out, wanted);
    case Dtype::float64: return parse_all<double>(text, length, final, out, wanted);
    case Dtype::float16: return parse_all<Half>(text, length, final, out, wanted);
  }
  return {0, 0, true};
}

}  // namespace t7
